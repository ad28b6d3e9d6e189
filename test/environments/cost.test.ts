import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { type EnvironmentCost, type Estimate, estimate } from '#environments/cost/estimate.ts';
import { charge, formatDollars, picoDollars } from '#environments/cost/money.ts';
import { interfaceEndpoints } from '#environments/cost/network-cost.ts';
import { isPriced, pricesIn } from '#environments/cost/prices.ts';
import { table } from '#environments/cost/table.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import type { Environment } from '#environments/environment.ts';
import { cacheClasses, databaseClasses } from '#environments/instance-classes.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';
import { NetworkStack } from '#stacks/network-stack.ts';
import { services } from '#stacks/services.ts';
import { appWithFlags } from '#test/stacks/synthesize.ts';
import { faultsOf, noGuards } from './faults-with.ts';

const load = 10;
const shipped = estimate([dev, staging, prod, dr], services, load);

/** What one environment costs, apart from the others unless it needs them. */
function costOf(environment: Environment, ordersPerSecond = load): EnvironmentCost {
  const environments = environment.role === 'standby' ? [prod, environment] : [environment];
  return estimate(environments, services, ordersPerSecond).environments.at(-1)!;
}

const changed = (environment: Environment, changes: Partial<Environment>) =>
  ({ ...environment, ...changes }) as Environment;
const itemsOf = ({ lines }: EnvironmentCost) => lines.map(({ item }) => item);
const amountOf = ({ lines }: EnvironmentCost, item: string) =>
  lines.find((line) => line.item === item)!.microDollars;
const totalOf = (name: string) =>
  shipped.environments.find(({ environment }) => environment === name)!.microDollars;
/** 730 hours at `dollarsPerMillion`, a price in millionths of a dollar. */
const month = (dollarsPerMillion: number) => 730 * dollarsPerMillion;

describe('the estimate', () => {
  it('is the sum of its lines, for each environment and over all', () => {
    const sum = (amounts: number[]) => amounts.reduce((one, other) => one + BigInt(other), 0n);
    for (const { lines, microDollars } of shipped.environments)
      expect(BigInt(microDollars)).toBe(sum(lines.map((line) => line.microDollars)));
    expect(BigInt(shipped.microDollars)).toBe(sum(shipped.environments.map((cost) => cost.microDollars)));
  });

  it('has dev cheaper than staging, and staging cheaper than prod', () => {
    expect(totalOf('dev')).toBeLessThan(totalOf('staging'));
    expect(totalOf('staging')).toBeLessThan(totalOf('prod'));
    expect(totalOf('dr')).toBeLessThan(totalOf('prod'));
  });

  it('falls by exactly the price of a NAT gateway and its address without it', () => {
    const two = costOf(changed(staging, { natGateways: 2 }));
    const one = costOf(staging);
    expect(two.microDollars - one.microDollars).toBe(month(52_000 + 5_000));
  });

  it('falls by exactly the price of a reader without it', () => {
    const less = changed(prod, { database: { ...prod.database, readers: 1 } });
    const instances = (environment: Environment) => amountOf(costOf(environment), 'Aurora instances');
    expect(instances(prod) - instances(less)).toBe(month(2 * 331_000));
  });

  it('knows the tasks as the services stack starts them', () => {
    // 4 vCPU and 8 GB for the engine, 1 and 2 for the projector, and twice that for each of the four others.
    expect(amountOf(costOf(prod), 'Fargate tasks')).toBe(month(17 * 37_250 + 34 * 4_090));
  });

  it('knows no tasks, canary or cache of a pilot light, but its stores', () => {
    const items = itemsOf(costOf(dr));
    expect(items).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/Fargate|canary|Valkey|CloudFront|Lambda/)]),
    );
    expect(items).toEqual(expect.arrayContaining(['Aurora instances', 'DynamoDB storage', 'NAT gateways']));
    const cache = { ...prod.cache!, shards: 1 };
    const warm = changed(dr, { taskSize: { ...dr.taskSize, tasksMin: 1 }, cache });
    expect(itemsOf(costOf(warm))).toEqual(expect.arrayContaining(['Fargate tasks', 'Valkey nodes']));
  });

  it('has nothing for guards that somebody else sets up', () => {
    const items = itemsOf(costOf(changed(dev, { guards: noGuards })));
    expect(items).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/GuardDuty|Config|Security Hub/)]),
    );
  });

  it('grows with the load in what goes by use, and nowhere else', () => {
    const [idle, busy] = [costOf(prod, 0), costOf(prod, 1_000)];
    const fixed = ({ lines }: EnvironmentCost) => lines.filter(({ kind }) => kind === 'fixed');
    expect(fixed(busy)).toEqual(fixed(idle));
    expect(busy.microDollars).toBeGreaterThan(idle.microDollars);
  });

  it('gives an environment for rehearsals a hundredth of the load', () => {
    expect(costOf(staging, 100).microDollars).toBeLessThan(
      costOf(changed(staging, { keepsData: true, approval: true, natGateways: 3 }), 100).microDollars,
    );
    expect(amountOf(costOf(staging, 100), 'DynamoDB requests')).toBe(
      amountOf(costOf(prod, 1), 'DynamoDB requests'),
    );
  });

  it('refuses a region without prices, and says how to mend it', () => {
    const region = 'eu-north-1';
    const zones = ['a', 'b', 'c'].map((zone) => region + zone) as [string, string, string];
    expect(faultsOf(() => costOf(changed(dev, { region, availabilityZones: zones })))).toEqual([
      'environments/cost/prices.ts: eu-north-1: has no prices; add a column, from the pages that the table names',
    ]);
  });

  it('refuses what the checks of the environments refuse', () => {
    expect(faultsOf(() => costOf(changed(dev, { account: '1' })))).toHaveLength(1);
  });
});

it('counts as many interface endpoints as the network stack makes', () => {
  const env = { account: dev.account, region: dev.region };
  const network = new NetworkStack(appWithFlags(), 'Network', { env, environment: dev });
  const endpoints = Object.values(Template.fromStack(network).findResources('AWS::EC2::VPCEndpoint'));
  const made = endpoints.filter(({ Properties }) => Properties.VpcEndpointType === 'Interface');
  expect(made).toHaveLength(interfaceEndpoints);
});

describe('the prices', () => {
  it.each(['eu-central-1', 'eu-west-1', 'us-east-1'])('say where to look each of them up: %s', (region) => {
    for (const { amount, source } of Object.values(pricesIn(region))) {
      expect(amount).toBeGreaterThan(0n);
      expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/[\w/-]+\/pricing\/([\w-]+\/)?$/);
    }
  });

  it('are there for every family that an environment may name', () => {
    const rows = [
      ...Object.keys(databaseClasses).map((family) => `aurora ${family} large`),
      ...Object.keys(cacheClasses).map((family) => `valkey ${family} large`),
    ];
    expect(rows.filter((row) => !isPriced(row))).toEqual([]);
  });

  it('are exact to a trillionth of a dollar', () => {
    expect(picoDollars('0.0000133334')).toBe(13_333_400n);
    expect(picoDollars('5')).toBe(5_000_000_000_000n);
    for (const text of ['~1', '-1', '1e3', '.5', '0.1234567890123'])
      expect(() => picoDollars(text)).toThrow('is not a price');
  });

  it('are multiplied exactly, and only then rounded to a millionth, half of one up', () => {
    expect(charge(picoDollars('0.1'), 3)).toBe(300_000);
    expect(charge(picoDollars('0.0000005'), 1)).toBe(1);
    expect(charge(picoDollars('0.0000004'), 1)).toBe(0);
    expect(charge(picoDollars('0.0373'), 256 * 730, 1_024)).toBe(6_807_250);
  });
});

describe('the table', () => {
  it('says which numbers rest on assumptions or estimated prices', () => {
    const text = table(shipped);
    expect(text).toMatch(/^ {2}NAT gateways +1 with an address each +41\.61$/m);
    expect(text).toMatch(/^ {2}Aurora storage +247 GB +use ~ +29\.39$/m);
    expect(text).toContain(`at ${load} orders a second`);
    expect(text).toContain('prices as of 2025-11-04');
  });

  it('has a total for each environment and for all', () => {
    const text = table(shipped);
    for (const { environment, microDollars } of shipped.environments)
      expect(text).toMatch(new RegExp(`^ {2}${environment} a month +${formatDollars(microDollars)}$`, 'm'));
    expect(text).toMatch(new RegExp(`^ {2}all a month +${formatDollars(shipped.microDollars)}$`, 'm'));
  });
});

describe('npm run cost', () => {
  const run = (...flags: string[]) =>
    spawnSync(process.execPath, ['environments/cost/main.ts', ...flags], { encoding: 'utf8' });

  it('prints the table, or all of it for programs', () => {
    expect(run().stdout.trimEnd()).toBe(table(shipped));
    const { environments, ordersPerSecond } = JSON.parse(run('--json', '--load', '3').stdout) as Estimate;
    expect(ordersPerSecond).toBe(3);
    expect(environments.map(({ environment }) => environment)).toEqual(['dev', 'staging', 'prod', 'dr']);
  });

  it.each([
    [['--regions', 'eu-west-1'], "Unknown option '--regions'"],
    [['prod'], "Unexpected argument 'prod'"],
    [['--load'], "Option '--load <value>' argument missing"],
    [['--load', 'many'], '--load many: is not a whole number from 0 to 1000000'],
    [['--load', '1.5'], '--load 1.5: is not a whole number from 0 to 1000000'],
    [['--load', '1000001'], '--load 1000001: is not a whole number from 0 to 1000000'],
  ])('refuses %p with its help', (flags, message) => {
    const { status, stdout, stderr } = run(...flags);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain('--load <number>');
  });

  it('explains itself', () => {
    const { status, stdout } = run('--help');
    expect([status, stdout]).toEqual([0, expect.stringContaining('--load <number>')]);
  });
});
