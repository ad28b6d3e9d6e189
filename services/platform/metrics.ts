/**
 * A metric as a line of the log, in CloudWatch's embedded metric format: the log agent makes the metric of it, and
 * nothing has to be sent from here.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import type { Log } from './log.ts';

const NAMESPACE = 'Crossbook';

export function countMetric(log: Log, name: string, count = 1): void {
  log.info(
    {
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          { Namespace: NAMESPACE, Dimensions: [['service']], Metrics: [{ Name: name, Unit: 'Count' }] },
        ],
      },
      [name]: count,
    },
    'metric',
  );
}
