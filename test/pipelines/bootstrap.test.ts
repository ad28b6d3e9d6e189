/** `npm run bootstrap`: what it would run, and what it does when a command fails. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from '@jest/globals';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';
import { confirmed } from '#pipelines/bootstrap/confirm.ts';
import { planFor, restricted, type Step } from '#pipelines/bootstrap/plan.ts';
import manifest from '../../package.json' with { type: 'json' };

const environments = [dev, staging, prod, dr];
const steps = planFor(delivery, environments);
const folder = 'pipelines/bootstrap';

/** In few words: which template where, or which account and region the CDK prepares. */
function summary({ account, command }: Step): string {
  const after = (flag: string) => command[command.indexOf(flag) + 1];
  if (command[0] === 'npx') return `${account} cdk ${command[3]}`;
  return `${account} ${after('--region')} ${after('--stack-name')}`;
}

describe('the plan', () => {
  it('is every account and region once, policies before the roles that have them, releases last', () => {
    expect(steps.map(summary)).toEqual([
      '999999999999 eu-central-1 crossbook-tools-boundary',
      '999999999999 eu-central-1 crossbook-execution-policy',
      '999999999999 cdk aws://999999999999/eu-central-1',
      '999999999999 cdk aws://999999999999/eu-west-1',
      '999999999999 cdk aws://999999999999/us-east-1',
      '111111111111 eu-central-1 crossbook-execution-policy',
      '111111111111 cdk aws://111111111111/eu-central-1',
      '111111111111 cdk aws://111111111111/us-east-1',
      '222222222222 eu-central-1 crossbook-execution-policy',
      '222222222222 cdk aws://222222222222/eu-central-1',
      '222222222222 cdk aws://222222222222/us-east-1',
      '333333333333 eu-central-1 crossbook-execution-policy',
      '333333333333 cdk aws://333333333333/eu-central-1',
      '333333333333 cdk aws://333333333333/eu-west-1',
      '333333333333 cdk aws://333333333333/us-east-1',
      '111111111111 eu-central-1 crossbook-release-role-dev',
      '222222222222 eu-central-1 crossbook-release-role-staging',
      '333333333333 eu-central-1 crossbook-release-role-prod',
      '333333333333 eu-west-1 crossbook-release-role-dr',
      '333333333333 eu-west-1 crossbook-drill-role-dr',
    ]);
  });

  it('has the pinned CDK trust the tools account, keep its stack, and give the policies that were deployed', () => {
    expect(steps.find(({ command }) => command.includes('aws://333333333333/eu-west-1'))?.command).toEqual([
      'npx',
      `aws-cdk@${manifest.devDependencies['aws-cdk']}`,
      'bootstrap',
      'aws://333333333333/eu-west-1',
      '--trust',
      '999999999999',
      '--trust-for-lookup',
      '999999999999',
      '--cloudformation-execution-policies',
      ['identities', 'named', 'unnamed']
        .map((name) => `arn:aws:iam::333333333333:policy/crossbook-execution-${name}`)
        .join(','),
      '--termination-protection',
    ]);
    const inTools = steps.filter(
      ({ account, command }) => account === delivery.account && command[0] === 'npx',
    );
    expect(inTools.filter(({ command }) => command.includes('--trust'))).toEqual([]);
  });

  it('is the same for one account that holds everything, with each of its regions once', () => {
    const alone = environments.map((environment) => ({ ...environment, account: delivery.account }));
    const inRegions = planFor(delivery, alone).filter(({ command }) => command[0] === 'npx');
    expect(inRegions.map(({ command }) => command[3])).toEqual(
      ['eu-central-1', 'eu-west-1', 'us-east-1'].map((region) => `aws://999999999999/${region}`),
    );
  });

  it('leaves out what an environment does not need, and keeps what its account shares', () => {
    expect(restricted(steps, ['dr']).map(summary)).toEqual([
      '333333333333 eu-central-1 crossbook-execution-policy',
      '333333333333 cdk aws://333333333333/eu-west-1',
      '333333333333 cdk aws://333333333333/us-east-1',
      '333333333333 eu-west-1 crossbook-release-role-dr',
      '333333333333 eu-west-1 crossbook-drill-role-dr',
    ]);
    expect(restricted(steps, ['dr'])[0]?.command).toContain(
      'Boundaries=arn:aws:iam::333333333333:policy/crossbook-prod-boundary',
    );
  });

  it('locks the boundaries, unless it is to unlock them', () => {
    const lock = (plan: readonly Step[]) =>
      plan.flatMap(({ command }) => command.filter((word) => word.startsWith('Locked=')));
    expect(lock(steps)).toEqual(Array(4).fill('Locked=crossbook-*-boundary'));
    expect(lock(planFor(delivery, environments, { unlocked: true }))).toEqual(Array(4).fill('Locked=none'));
  });
});

/** Programs in the place of `aws` and `npx`, which note how they are called; deployed is what they were asked to. */
const standIn = `#!/bin/sh
folder=$(dirname "$0")
call="$(basename "$0") $*"
printf '%s\\n' "$call" >> "$folder/calls"
if [ "$1" = sts ]; then
  profile=
  while [ $# -gt 0 ]; do
    if [ "$1" = --profile ]; then profile=$2; fi
    shift
  done
  cat "$folder/account-$profile" 2> "$folder/none" && exit
  echo "The config profile ($profile) could not be found" >&2
  exit 255
fi
fails=$(cat "$folder/fails")
if [ -n "$fails" ]; then
  case $call in *"$fails"*) exit 254 ;; esac
fi
`;

const folders: string[] = [];
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true });
});

interface World {
  /** The account of each profile; '' for the current credentials. */
  readonly accounts: Readonly<Record<string, string>>;
  /** A call that contains this fails. */
  readonly fails?: string;
}

const profiles = { dev: '111111111111', staging: '222222222222', prod: '333333333333' };
const everywhere: World = { accounts: { ...profiles, '': '999999999999' } };
const withProfiles = Object.entries(profiles).flatMap(([name, account]) => [
  '--profile',
  `${account}=${name}`,
]);

function bootstrap(world: World, ...args: readonly string[]) {
  const path = mkdtempSync(join(tmpdir(), 'crossbook-bootstrap-'));
  folders.push(path);
  writeFileSync(join(path, 'package.json'), '{}');
  for (const [profile, Account] of Object.entries(world.accounts))
    writeFileSync(join(path, `account-${profile}`), JSON.stringify({ Account }));
  writeFileSync(join(path, 'fails'), world.fails ?? '');
  writeFileSync(join(path, 'calls'), '');
  for (const name of ['aws', 'npx']) {
    writeFileSync(join(path, name), standIn);
    chmodSync(join(path, name), 0o755);
  }
  const run = () =>
    spawnSync(process.execPath, [`${folder}/main.ts`, ...args], {
      encoding: 'utf8',
      env: {
        PATH: `${path}:${process.env.PATH}`,
        HOME: path,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      },
    });
  const calls = () => readFileSync(join(path, 'calls'), 'utf8').split('\n').filter(Boolean);
  const changes = () => calls().filter((call) => !call.startsWith('aws sts'));
  return { ...run(), run, changes };
}

describe('npm run bootstrap', () => {
  it('runs every step as it was printed, with the credentials of its account', () => {
    const { status, stdout, changes } = bootstrap(everywhere, '--yes', ...withProfiles);
    expect(status).toBe(0);
    expect(changes()).toHaveLength(steps.length);
    // As a shell would be given it.
    for (const call of changes())
      expect(stdout).toContain(call.replace('Locked=crossbook-*-boundary', "'Locked=crossbook-*-boundary'"));
    const profileOf = (call: string) => / --profile (\w+)$/.exec(call)?.[1];
    expect(changes().map(profileOf)).toEqual(
      steps.map(({ account }) => Object.entries(profiles).find(([, id]) => id === account)?.[0]),
    );
    expect(stdout).toContain('Done');
  });

  it('asks for the same again when it is run again, and every command of it may be', () => {
    const { run, changes } = bootstrap(everywhere, '--yes', ...withProfiles);
    const first = changes();
    expect(run().status).toBe(0);
    expect(changes()).toEqual([...first, ...first]);
    const stacks = first.filter((call) => call.startsWith('aws'));
    expect(stacks.filter((call) => !call.includes('--no-fail-on-empty-changeset'))).toEqual([]);
  });

  it.each(steps.map((step, index) => [index + 1, summary(step), step] as const))(
    'stops when step %i fails (%s), and says what to do',
    (place, _, { command, mend }) => {
      const fails = command.join(' ');
      const { status, stderr, changes } = bootstrap({ ...everywhere, fails }, '--yes', ...withProfiles);
      expect(status).toBe(1);
      expect(changes()).toHaveLength(place);
      expect(stderr).toContain(`Step ${place}/20 failed`);
      expect(stderr).toContain(mend);
    },
  );

  it('runs nothing with the credentials of another account, and says whose they are', () => {
    const accounts = { ...everywhere.accounts, staging: '444444444444' };
    const { status, stderr, changes } = bootstrap({ accounts }, '--yes', ...withProfiles);
    expect(status).toBe(1);
    expect(stderr).toContain(
      '222222222222: the profile staging is of the account 444444444444; give its profile: --profile 222222222222=<profile>',
    );
    expect(changes()).toEqual([]);
  });

  it('names every account that it has no credentials for', () => {
    const { status, stderr, changes } = bootstrap(
      { accounts: { '': '999999999999' } },
      '--yes',
      '--profile',
      '111111111111=lost',
    );
    expect(status).toBe(1);
    expect(stderr).toContain(
      '111111111111: the profile lost is not accepted (aws sts get-caller-identity: The config profile (lost)',
    );
    for (const account of ['222222222222', '333333333333'])
      expect(stderr).toContain(`${account}: the current credentials are of the account 999999999999`);
    expect(changes()).toEqual([]);
  });

  it('prints without credentials, and then runs nothing', () => {
    const { status, stdout, changes } = bootstrap({ accounts: {} }, '--print');
    expect(status).toBe(0);
    expect(stdout).toContain('20 steps:');
    expect(changes()).toEqual([]);
  });

  it('reminds of boundaries that it unlocked', () => {
    const { stdout, changes } = bootstrap(everywhere, '--yes', '--unlock-boundaries', ...withProfiles);
    expect(stdout).toContain('Lock them again soon: npm run bootstrap');
    expect(changes().filter((call) => call.includes('Locked=none'))).toHaveLength(4);
  });

  it('runs what one environment needs', () => {
    const { status, changes } = bootstrap(
      { accounts: { '': '111111111111' } },
      '--yes',
      '--environment',
      'dev',
    );
    expect(status).toBe(0);
    expect(changes()).toHaveLength(4);
  });

  it('runs nothing where nobody can be asked', () => {
    const { status, stderr, changes } = bootstrap(everywhere, ...withProfiles);
    expect(status).toBe(1);
    expect(stderr).toContain('this is no terminal to ask at. Add --yes to agree, or --print to see.');
    expect(changes()).toEqual([]);
  });

  it.each([
    [['--environment', 'test'], '--environment test: is none of tools, dev, staging, prod, dr'],
    [['--profile', 'prod'], '--profile prod: put a 12-digit account, "=" and the name of its profile'],
    [['--force'], "Unknown option '--force'"],
  ])('refuses %j', (args, reason) => {
    const { status, stderr } = bootstrap(everywhere, ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
  });

  it.each([
    ['yes', true],
    ['no', false],
    ['', false],
  ])('takes %j at a terminal as %j', async (answer, agreed) => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = Object.assign(new PassThrough(), { isTTY: true });
    input.end(`${answer}\n`);
    expect(await confirmed('Run it?', { input, output })).toBe(agreed);
  });
});
