import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

afterAll(removeCheckouts);

const digest = `sha256:${'ab'.repeat(32)}`;

describe('the image of a preview', () => {
  const variables = {
    AWS_DEFAULT_REGION: 'eu-central-1',
    IMAGE_REPO_URI: '999999999999.dkr.ecr.eu-central-1.amazonaws.com',
    IMAGE_REPO_NAME: 'crossbook/preview',
    COMMIT: 'c0ffee',
  };
  const image = `${variables.IMAGE_REPO_URI}/crossbook/preview:c0ffee`;
  const pushed = (times: number): Answer[] => [
    { to: 'aws ecr get-login-password', output: 'password' },
    { to: 'docker login' },
    { to: 'aws ecr batch-get-image', output: String(times) },
    { to: 'docker build' },
    { to: 'docker push' },
    { to: 'aws ecr describe-images', output: digest },
  ];

  it('is built of the whole exchange and pushed under the commit', async () => {
    const { exitCode, calls } = await runBuildspec('preview-image.yml', variables, pushed(0));
    expect(exitCode).toBe(0);
    expect(calls.filter((call) => call.startsWith('docker'))).toEqual([
      'docker login --username AWS --password-stdin 999999999999.dkr.ecr.eu-central-1.amazonaws.com',
      `docker build --platform linux/arm64 --file services/local/Dockerfile --tag ${image} .`,
      `docker push ${image}`,
    ]);
  });

  it('is not built again for a commit that has one', async () => {
    const { exitCode, calls } = await runBuildspec('preview-image.yml', variables, pushed(1));
    expect(exitCode).toBe(0);
    expect(calls.some((call) => /^docker (build|push)/.test(call))).toBe(false);
  });

  it('ends the build when it cannot be made', async () => {
    const answers = pushed(0).map((answer) =>
      answer.to === 'docker build' ? { ...answer, error: 'no space left' } : answer,
    );
    const { exitCode, calls } = await runBuildspec('preview-image.yml', variables, answers);
    expect(exitCode).not.toBe(0);
    expect(calls.some((call) => call.startsWith('docker push'))).toBe(false);
  });
});

describe('a preview', () => {
  const variables = {
    BRANCH: 'preview/New_Order-Types',
    IMAGE_DIGEST: digest,
    ENVIRONMENT_ROLE: 'arn:aws:iam::111111111111:role/crossbook-dev-release',
    ENVIRONMENT_REGION: 'eu-central-1',
  };
  /** Switched on, in the checkout. */
  const wanted = (checkout: string) => {
    const path = join(checkout, 'environments/previews.ts');
    const text = readFileSync(path, 'utf8');
    const on = `{ within: dev, hours: 24, countMax: 2, budgetDollars: 20, reachableFrom: ['203.0.113.0/24'] }`;
    const changed = text.replace('Previews | undefined = undefined;', `Previews | undefined = ${on};`);
    expect(changed).not.toBe(text);
    writeFileSync(path, changed);
  };
  const configured: Answer = { to: 'aws configure' };
  const stacks = (...names: string[]): Answer => ({
    to: 'aws cloudformation describe-stacks',
    output: { Stacks: names.map((StackName) => ({ StackName })) },
  });
  const deployed: Answer = { to: 'cdk deploy' };

  const deploy = (answers: readonly Answer[], variablesNow = variables) =>
    runBuildspec('preview.yml', variablesNow, [configured, ...answers], wanted);

  it('is a stack that is named for its branch, runs the image of its commit and ends in a day', async () => {
    const before = Date.now();
    const { exitCode, calls, output } = await deploy([stacks('crossbook-dev-data'), deployed]);
    expect([exitCode, output]).toEqual([0, expect.stringContaining('https://new-order-types.preview.dev.')]);
    const call = calls.find((one) => one.startsWith('cdk'))!;
    const [, expires] =
      /^cdk deploy --app node pipelines\/preview\/app\.ts new-order-types sha256:(?:ab)+ (\S+) --require-approval never crossbook-dev-preview-new-order-types$/.exec(
        call,
      )!;
    const hours = (Date.parse(expires!) - before) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(24);
    expect(hours).toBeLessThan(24.1);
  });

  it('is renewed while as many others are there as may be, and not made beside them', async () => {
    const others = ['crossbook-dev-preview-a', 'crossbook-dev-preview-new-order-types'];
    expect((await deploy([stacks(...others), deployed])).exitCode).toBe(0);
    const { exitCode, output, calls } = await deploy([
      stacks(...others, 'crossbook-dev-preview-b'),
      deployed,
    ]);
    expect(exitCode).toBe(1);
    expect(output).toContain(
      'there are 2 previews already: crossbook-dev-preview-a, crossbook-dev-preview-b; wait until one has gone',
    );
    expect(calls.some((call) => call.startsWith('cdk'))).toBe(false);
  });

  it('is not made where previews are switched off', async () => {
    const { exitCode, output } = await runBuildspec('preview.yml', variables, [configured]);
    expect([exitCode, output]).toEqual([1, expect.stringContaining('says that there are none')]);
  });

  it('is not made of a branch that leaves no name', async () => {
    const { exitCode, output } = await deploy([stacks()], { ...variables, BRANCH: 'preview/___' });
    expect([exitCode, output]).toEqual([1, expect.stringContaining('"preview/___" names no preview')]);
  });

  it('fails with its stack', async () => {
    const { exitCode, output } = await deploy([stacks(), { ...deployed, error: 'ROLLBACK_COMPLETE' }]);
    expect([exitCode, output]).toEqual([1, expect.stringContaining('cdk deploy ended with 254')]);
  });
});
