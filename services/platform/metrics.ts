/**
 * Metrics as lines of the log, in CloudWatch's embedded metric format: the log agent makes metrics of them, and
 * nothing has to be sent from here.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import type { Log } from './log.ts';

const NAMESPACE = 'Crossbook';
/** How often a service says how it is. */
export const REPORT_MS = 10_000;
/** Most numbers of one metric in a line: the format's own limit. */
export const SAMPLES_MAX = 100;

/** A number, or up to {@link SAMPLES_MAX} samples, of which CloudWatch makes percentiles. */
export interface Measured {
  readonly unit: 'Count' | 'Milliseconds' | 'None';
  readonly value: number | readonly number[];
}

export function countMetric(log: Log, name: string, count = 1): void {
  writeMetrics(log, { [name]: { unit: 'Count', value: count } });
}

export function writeMetrics(log: Log, metrics: Readonly<Record<string, Measured>>): void {
  const units = Object.entries(metrics).map(([Name, { unit: Unit }]) => ({ Name, Unit }));
  const values = Object.entries(metrics).map(([name, { value }]) => [name, value]);
  log.info(
    {
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [['service']], Metrics: units }],
      },
      ...Object.fromEntries(values),
    },
    'metric',
  );
}
