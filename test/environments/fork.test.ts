/** `npm run fork`, run for real in copies of the repository: by flags, by answers, and refused. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { dev } from '#environments/dev.ts';
import { prod } from '#environments/prod.ts';

const copies: string[] = [];
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true });
});

const names = ['delivery', 'dev', 'staging', 'prod', 'dr'] as const;
type Files = Readonly<Record<(typeof names)[number], string>>;

function filesIn(folder: string): Files {
  const texts = names.map((name) => [name, readFileSync(join(folder, `environments/${name}.ts`), 'utf8')]);
  return Object.fromEntries(texts);
}

const shipped = filesIn(process.cwd());

/** What the program and the formatter look at, as after a clone and `npm ci`. */
function copied(): string {
  const copy = mkdtempSync(join(tmpdir(), 'crossbook-fork-'));
  copies.push(copy);
  for (const path of [
    'environments',
    'services/domain',
    'package.json',
    'biome.json',
    '.editorconfig',
    '.gitignore',
  ])
    cpSync(path, join(copy, path), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

interface Run {
  readonly args?: readonly string[];
  /** Lines at the standard input. */
  readonly answers?: readonly string[];
  /** Changes the copy before. */
  readonly change?: (copy: string) => void;
}

function fork({ args = [], answers = [], change = () => {} }: Run) {
  const copy = copied();
  change(copy);
  const before = filesIn(copy);
  const again = () =>
    spawnSync(process.execPath, ['environments/fork/main.ts', ...args], {
      cwd: copy,
      encoding: 'utf8',
      input: answers.map((answer) => `${answer}\n`).join(''),
      env: { PATH: process.env.PATH, HOME: copy, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    });
  const { status, stdout, stderr } = again();
  return { status, stdout, stderr, again, copy, before, after: filesIn(copy) };
}

/** Only `+` and `-` lines, as a review would show them. */
function changedLines(before: string, after: string): string[] {
  const [old, wanted] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !wanted.includes(line)).map((line) => `- ${line.trim()}`),
    ...wanted.filter((line) => !old.includes(line)).map((line) => `+ ${line.trim()}`),
  ];
}

const connection =
  'arn:aws:codeconnections:us-east-1:100000000000:connection/01234567-89ab-cdef-0123-456789abcdef';
const flags: Readonly<Record<string, string>> = {
  'name-prefix': 'acme',
  'tools-account': '100000000000',
  'dev-account': '100000000001',
  'staging-account': '100000000002',
  'prod-account': '100000000003',
  region: 'us-east-1',
  zones: 'b,c,d',
  'dr-region': 'us-west-2',
  'dr-zones': 'a,b,c',
  domain: 'trade.acme.io',
  'staging-domain': 'trade-staging.acme.io',
  'dev-domain': 'dev.trade.acme.io',
  'prod-zone': 'Z0000000000000000001 acme.io',
  'staging-zone': 'Z0000000000000000002 acme.io',
  'dev-zone': 'Z0000000000000000003',
  provider: 'Bitbucket',
  repository: 'acme/exchange',
  connection,
  'alarm-emails': 'alarms@acme.io, night@acme.io',
  'approver-emails': 'owners@acme.io',
};
const allFlags = Object.entries(flags).flatMap(([flag, answer]) => [`--${flag}`, answer]);

/** As `pipelines/app.ts` begins, and what the linter of the repository says. */
function expectAccepted(copy: string): void {
  const program = `
    import { checkDelivery, delivery } from '#environments/delivery.ts';
    import { checkEnvironments } from '#environments/environment.ts';
    const names = ['dev', 'staging', 'prod', 'dr'];
    const files = await Promise.all(names.map((name) => import('#environments/' + name + '.ts')));
    checkDelivery(delivery);
    checkEnvironments(files.map((file, index) => file[names[index]]));`;
  const run = (command: string, args: readonly string[]) =>
    spawnSync(command, args, { cwd: copy, encoding: 'utf8' });
  expect(run(process.execPath, ['--input-type=module', '--eval', program]).stderr).toBe('');
  const { status, stdout, stderr } = run('node_modules/.bin/biome', ['check', 'environments']);
  expect(`${stdout}${stderr}`).toMatch(/^Checked \d+ files.*No fixes applied/);
  expect(status).toBe(0);
}

function expectUntouched({ before, after }: { readonly before: Files; readonly after: Files }): void {
  expect(after).toEqual(before);
}

describe('npm run fork', () => {
  it('writes what the flags say, asks for nothing, and leaves the rest of the files as it is', () => {
    const { status, stdout, after, copy } = fork({ args: allFlags });
    expect(status).toBe(0);
    expect(stdout).not.toContain('[');
    expect(changedLines(shipped.delivery, after.delivery)).toEqual([
      "- namePrefix: 'crossbook',",
      "- account: '999999999999', // a placeholder: put your own",
      "- region: 'eu-central-1',",
      "- provider: 'GitHub',",
      "- repository: 'example/crossbook', // a placeholder: put your fork",
      '- connectionArn: // a placeholder: put your own',
      "- 'arn:aws:codeconnections:eu-central-1:999999999999:connection/00000000-0000-0000-0000-000000000000',",
      "- approverEmails: ['approvers@example.com'], // a placeholder: put your own",
      "+ namePrefix: 'acme',",
      "+ account: '100000000000',",
      "+ region: 'us-east-1',",
      "+ provider: 'Bitbucket',",
      "+ repository: 'acme/exchange',",
      '+ connectionArn:',
      `+ '${connection}',`,
      "+ approverEmails: ['owners@acme.io'],",
    ]);
    expect(changedLines(shipped.dr, after.dr).filter((line) => line.startsWith('+'))).toEqual([
      "+ account: '100000000003',",
      "+ region: 'us-west-2',",
      "+ availabilityZones: ['us-west-2a', 'us-west-2b', 'us-west-2c'],",
      "+ domain: 'trade.acme.io',",
      "+ hostedZone: { id: 'Z0000000000000000001', name: 'acme.io' },",
      "+ alarmEmails: ['alarms@acme.io', 'night@acme.io'],",
    ]);
    expect(changedLines(shipped.staging, after.staging).filter((line) => line.startsWith('+'))).toEqual([
      "+ account: '100000000002',",
      "+ region: 'us-east-1',",
      "+ availabilityZones: ['us-east-1b', 'us-east-1c', 'us-east-1d'],",
      "+ domain: 'trade-staging.acme.io',",
      "+ hostedZone: { id: 'Z0000000000000000002', name: 'acme.io' },",
      "+ alarmEmails: ['alarms@acme.io', 'night@acme.io'],",
    ]);
    expect(Object.values(after).join('')).not.toMatch(/placeholder|example\.com'|111111111111/);
    expectAccepted(copy);
  });

  it('says the next three steps', () => {
    const { stdout } = fork({ args: allFlags });
    expect(stdout).toContain('Changed environments/delivery.ts, environments/dev.ts');
    expect(stdout).not.toContain('Placeholders');
    expect(stdout).toContain('1. npm run bootstrap -- --profile 100000000000=<profile>');
    expect(stdout).toContain('2. Make what no stack makes');
    expect(stdout).toContain(
      '3. Push to main, then deploy the pipeline once, with credentials of 100000000000',
    );
  });

  it('changes nothing the second time', () => {
    const { again, after, copy } = fork({ args: allFlags });
    expect(again().stdout).toContain('Nothing is to be changed.');
    expect(filesIn(copy)).toEqual(after);
  });

  it('asks for what no flag says, proposes what follows, and takes an empty answer for that', () => {
    const asked = [
      '',
      '100000000000',
      '100000000001',
      '100000000002',
      '100000000003',
      'eu-west-3',
      '',
      '',
      '',
    ];
    const { status, stdout, after, copy } = fork({
      answers: [
        ...asked,
        'trade.acme.io',
        '',
        '',
        'Z1AAAAAAAAAAAAA',
        '',
        '',
        'GitLab',
        'acme/exchange',
        '',
        'a@acme.io',
        'b@acme.io',
      ],
    });
    expect(status).toBe(0);
    expect(stdout).toContain('Its availability zones, three of them [eu-west-3a, eu-west-3b, eu-west-3c]: ');
    expect(stdout).toContain('Domain of staging [staging.trade.acme.io]: ');
    expect(changedLines(shipped.dev, after.dev).filter((line) => line.startsWith('+'))).toEqual([
      "+ account: '100000000001',",
      "+ region: 'eu-west-3',",
      "+ availabilityZones: ['eu-west-3a', 'eu-west-3b', 'eu-west-3c'],",
      "+ domain: 'dev.trade.acme.io',",
      `+ hostedZone: { id: '${dev.hostedZone.id}', name: 'dev.trade.acme.io' }, // placeholders: put your own`,
      "+ alarmEmails: ['a@acme.io'],",
    ]);
    expect(after.delivery).toContain("provider: 'GitLab',");
    expect(stdout).toContain(
      'Placeholders still:\n  environments/delivery.ts: connectionArn\n  environments/dev.ts: hostedZone',
    );
    expectAccepted(copy);
  });

  it('needs no connection for a repository of CodeCommit', () => {
    const { status, after, copy } = fork({
      args: ['--yes', '--provider', 'CodeCommit', '--repository', 'exchange'],
    });
    expect(status).toBe(0);
    expect(changedLines(shipped.delivery, after.delivery).filter((line) => line.startsWith('+'))).toEqual([
      "+ provider: 'CodeCommit',",
      "+ repository: 'exchange',",
      "+ connectionArn: '',",
    ]);
    expectAccepted(copy);
  });

  it('asks again when an answer is wrong, and says why', () => {
    const wrong = ['12', '100000000000'];
    const { status, stdout, after } = fork({
      args: Object.entries(flags)
        .filter(([flag]) => !['tools-account', 'dr-region', 'zones'].includes(flag))
        .flatMap(([flag, answer]) => [`--${flag}`, answer]),
      answers: [...wrong, 'a,b', 'a,b,b', 'd,e,f', 'us-east-1', 'us-north-9', 'us-west-2'],
    });
    expect(status).toBe(0);
    expect(stdout).toContain(
      'environments/delivery.ts: account: "12" is not a 12-digit AWS account id; put the account',
    );
    expect(stdout.match(/availabilityZones: .* are not three different zones/g)?.length).toBe(6);
    expect(stdout).toContain(
      'environments/dr.ts: region: "us-east-1" is the region of prod too; put another region',
    );
    expect(stdout).toContain('environments/dr.ts: region: "us-north-9" is not an AWS region');
    expect(after.dev).toContain("availabilityZones: ['us-east-1d', 'us-east-1e', 'us-east-1f']");
  });

  it('asks again when an answer breaks what nobody is asked for', () => {
    const shared = ['100000000000', '100000000001', '100000000001', '100000000002'];
    const others = Object.entries(flags).filter(([flag]) => !flag.endsWith('-account'));
    const { status, stdout, after } = fork({
      args: others.flatMap(([flag, answer]) => [`--${flag}`, answer]),
      answers: [...shared, '100000000003'],
    });
    expect(status).toBe(0);
    expect(stdout).toContain(
      'environments/staging.ts: guards.people: dev sets it up for account 100000000001 already',
    );
    expect(after.staging).toContain("account: '100000000002',");
    expect(after.prod).toContain("account: '100000000003',");
  });

  it('keeps the format when a value is too long for its line', () => {
    const name = `${'a'.repeat(60)}.acme.io`;
    const { status, after, copy } = fork({
      args: ['--yes', '--domain', name, '--prod-zone', 'Z0000000000000000001'],
    });
    expect(status).toBe(0);
    expect(after.prod).toContain(
      `hostedZone: {\n    id: 'Z0000000000000000001',\n    name: '${name}',\n  },`,
    );
    expectAccepted(copy);
  });

  it('shows what it would change, and changes nothing, with --dry-run', () => {
    const run = fork({ args: ['--dry-run', '--yes', '--dev-account', '100000000001'] });
    expect(run.status).toBe(0);
    expect(run.stdout).toContain(
      `-  account: '${dev.account}', // a placeholder: put your own\n+  account: '100000000001',\n`,
    );
    expect(run.stdout).toContain('--- a/environments/dev.ts\n+++ b/environments/dev.ts');
    expectUntouched(run);
  });
});

describe('npm run fork changes nothing', () => {
  it.each([
    [
      'an account of eleven digits',
      ['--yes', '--dev-account', '10000000001'],
      '--dev-account 10000000001:\n  environments/dev.ts: account: "10000000001" is not',
    ],
    [
      'a repository without its owner',
      ['--yes', '--repository', 'exchange'],
      '--repository exchange:\n  environments/delivery.ts: repository: "exchange" is malformed',
    ],
    [
      'a provider that it does not know',
      ['--yes', '--provider', 'Gitea'],
      'environments/delivery.ts: provider: "Gitea" is malformed; put one of GitHub, GitLab, Bitbucket, CodeCommit',
    ],
    [
      'a region that is the standby’s',
      ['--yes', '--region', 'eu-west-1'],
      'environments/dr.ts: region: "eu-west-1" is the region of prod too',
    ],
    [
      'a zone of another region',
      ['--yes', '--zones', 'a,b,eu-west-1c'],
      '"eu-west-1c" is not in eu-central-1',
    ],
    [
      'a domain with its scheme',
      ['--yes', '--domain', 'https://acme.io'],
      '"https://acme.io" is not a host name',
    ],
    ['nobody who approves', ['--yes', '--approver-emails', ''], 'approverEmails: names nobody'],
    ['a flag that it does not know', ['--colour', 'red'], "Unknown option '--colour'"],
    [
      'a prefix with a hyphen',
      ['--yes', '--name-prefix', 'acme-x'],
      '--name-prefix acme-x:\n  environments/delivery.ts: namePrefix: "acme-x" is malformed',
    ],
    [
      'too few answers',
      ['--dev-account', '100000000001'],
      'The answers ended before the questions. Nothing was changed.',
    ],
  ])('for %s', (_, args, reason) => {
    const run = fork({ args });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(reason);
    expectUntouched(run);
  });

  const edit = (file: string, from: string, to: string) => (copy: string) => {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
  };

  it('when a field is no literal, which it says', () => {
    const run = fork({
      args: ['--yes', '--dev-account', '100000000001', '--prod-account', '100000000003'],
      change: edit(
        'environments/prod.ts',
        `account: '${prod.account}',`,
        `account: ['333333', '333333'].join(''),`,
      ),
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(
      'environments/prod.ts: account: is found 0 times as a literal; change it by hand',
    );
    expectUntouched(run);
  });

  it('when the changed files say something else than was meant, and puts them back', () => {
    const run = fork({
      args: ['--yes', '--dev-account', '100000000001'],
      change: edit(
        'environments/dev.ts',
        '  guards: allGuards,',
        `  guards: allGuards,\n  ...{ account: '${dev.account}' },`,
      ),
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('Nothing was changed: the changed files say something else than meant');
    expectUntouched(run);
  });

  it('when the files cannot be read afterwards, and puts them back', () => {
    const run = fork({
      args: ['--yes', '--dev-account', '100000000001'],
      change: edit(
        'environments/dev.ts',
        '  guards: allGuards,\n};',
        `  guards: allGuards,\n};\nif (dev.account === '100000000001') throw new Error('not this one');`,
      ),
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('not this one');
    expectUntouched(run);
  });
});

it('tells of every flag when it is asked to', () => {
  const { status, stdout } = fork({ args: ['--help'] });
  expect(status).toBe(0);
  for (const flag of Object.keys(flags)) expect(stdout).toContain(`--${flag} `);
});
