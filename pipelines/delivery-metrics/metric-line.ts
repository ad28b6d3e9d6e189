import type { DeliveryMetrics, StageEvent } from './delivery.ts';

/** The namespace of the metrics, whose dimension is the environment. */
export const deliveryNamespace = 'Crossbook/Delivery';

/** In CloudWatch's embedded metric format. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
export function metricLine({ time, detail }: StageEvent, metrics: DeliveryMetrics): string {
  const Metrics = Object.keys(metrics).map((Name) => ({
    Name,
    Unit: Name.endsWith('Deployments') ? 'Count' : 'Milliseconds',
  }));
  const line = {
    _aws: {
      Timestamp: Date.parse(time),
      CloudWatchMetrics: [{ Namespace: deliveryNamespace, Dimensions: [['environment']], Metrics }],
    },
    environment: detail.stage,
    ...metrics,
  };
  return `${JSON.stringify(line)}\n`;
}
