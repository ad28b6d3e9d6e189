import { environmentCli } from '../aws-cli.ts';

/** How far back a drill looks: lags are told once a minute. */
const MINUTES = 10;

interface MetricData {
  readonly MetricDataResults: readonly { readonly Values: readonly number[] }[];
}

/** The largest value that a query of CloudWatch Metrics Insights finds in the last minutes; undefined when there is none. */
export function largest(query: string): number | undefined {
  const now = Date.now();
  const { MetricDataResults } = environmentCli<MetricData>(
    'cloudwatch',
    'get-metric-data',
    ...['--start-time', new Date(now - MINUTES * 60_000).toISOString()],
    ...['--end-time', new Date(now).toISOString()],
    ...['--metric-data-queries', JSON.stringify([{ Id: 'lag', Expression: query, Period: 60 }])],
  );
  const values = MetricDataResults.flatMap(({ Values }) => Values);
  return values.length === 0 ? undefined : Math.max(...values);
}
