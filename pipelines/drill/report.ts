/** What a drill found out, step by step, with what it was expected to be. */
import { awsCli, environmentCli } from '../aws-cli.ts';

export interface Result {
  readonly step: string;
  /** Measured, in {@link unit}; undefined when there was nothing to measure. */
  readonly value: number | undefined;
  readonly most: number;
  readonly unit: 'Seconds' | 'Count';
  readonly faults: readonly string[];
}

export const isWell = ({ value, most, faults }: Result) =>
  faults.length === 0 && value !== undefined && value <= most;

export function table(results: readonly Result[]): string {
  const lines = results.flatMap((result) => {
    const { step, value, most, unit, faults } = result;
    const measured = value === undefined ? 'unknown' : `${Math.round(value * 10) / 10}`;
    const state = isWell(result) ? 'well' : 'FAULT';
    return [
      `${step.padEnd(22)}${measured.padStart(10)} ${unit.toLowerCase().padEnd(8)} at most ${most}  ${state}`,
      ...faults.map((fault) => `  ${fault}`),
    ];
  });
  return lines.join('\n');
}

/** Metrics in the standby's account and region, so that drills can be compared: one for each step, and whether all was well. */
export function record(environment: string, results: readonly Result[]): void {
  const dimensions = [{ Name: 'environment', Value: environment }];
  const data = results
    .filter(({ value }) => value !== undefined)
    .map(({ step, value, unit }) => ({
      MetricName: step.replaceAll(/(?:^| )(.)/g, (_, letter: string) => letter.toUpperCase()),
      Dimensions: dimensions,
      Value: value,
      Unit: unit,
    }));
  const failed = { MetricName: 'Failed', Dimensions: dimensions, Value: results.every(isWell) ? 0 : 1 };
  const metrics = ['--metric-data', JSON.stringify([...data, failed])];
  environmentCli('cloudwatch', 'put-metric-data', '--namespace', 'Crossbook/Drills', ...metrics);
}

/** By the pipeline's topic, which people read. */
export function tell(topic: string, environment: string, results: readonly Result[]): void {
  const outcome = results.every(isWell) ? 'is ready to take over' : 'is NOT ready to take over';
  const subject = ['--subject', `Drill: ${environment} ${outcome}`];
  awsCli('sns', 'publish', '--topic-arn', topic, ...subject, '--message', table(results));
}
