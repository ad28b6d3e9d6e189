import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { imageTag } from '#pipelines/images/image-inputs.ts';
import { services } from '#stacks/services.ts';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

afterAll(removeCheckouts);

const names = Object.keys(services);
const digestOf = (service: string) => `sha256:${Buffer.from(service).toString('hex').padEnd(64, '0')}`;

const pushed: Answer[] = names.map((service) => ({
  to: `aws ecr describe-images --repository-name crossbook/${service} --image-ids imageTag=${imageTag(process.cwd(), service)}`,
  output: { imageDetails: [{ imageDigest: digestOf(service) }] },
}));
const signed: Answer = {
  to: 'aws ecr describe-image-signing-status',
  output: { signingStatuses: [{ status: 'COMPLETE' }] },
};
const noQuarantine: Answer = { to: 'aws ssm get-parameters-by-path', output: { Parameters: [] } };

describe('the images of a release', () => {
  it('are those of the inputs at hand, by digest', async () => {
    const { exitCode, file } = await runBuildspec('release-images.yml', {}, [
      ...pushed,
      signed,
      noQuarantine,
    ]);
    expect(exitCode).toBe(0);
    const { digests } = JSON.parse(file('release/images.json'));
    expect(digests).toEqual(Object.fromEntries(names.map((name) => [name, digestOf(name)])));
  });

  it('are not told when one of them was never pushed', async () => {
    const { exitCode, file } = await runBuildspec(
      'release-images.yml',
      {},
      [...pushed, { to: 'aws ecr describe-images', error: 'ImageNotFoundException' }, signed, noQuarantine],
      (checkout) => appendFileSync(join(checkout, 'services/engine/app.ts'), '\n'),
    );
    expect(exitCode).not.toBe(0);
    expect(() => file('release/images.json')).toThrow('ENOENT');
  });

  it.each([
    ['nobody signed', { signingStatuses: [] }, 'nobody signed it'],
    [
      'could not be signed',
      { signingStatuses: [{ status: 'FAILED', failureReason: 'the profile is revoked' }] },
      'its signing is FAILED: the profile is revoked',
    ],
  ])('are not told when one of them %s', async (_, output, fault) => {
    const orders = `aws ecr describe-image-signing-status --repository-name crossbook/orders`;
    const build = await runBuildspec('release-images.yml', {}, [
      ...pushed,
      { to: orders, output },
      signed,
      noQuarantine,
    ]);
    expect(build.exitCode).toBe(1);
    expect(build.output).toContain(`orders ${digestOf('orders')} is not released: ${fault}`);
    expect(() => build.file('release/images.json')).toThrow('ENOENT');
  });

  it('are not told when one of them is in quarantine', async () => {
    const Name = `/crossbook/quarantine/${digestOf('engine').replace(':', '-')}`;
    const build = await runBuildspec('release-images.yml', {}, [
      ...pushed,
      signed,
      { to: noQuarantine.to, output: { Parameters: [{ Name, Value: 'it failed in staging' }] } },
    ]);
    expect(build.exitCode).toBe(1);
    expect(build.output).toContain(
      `engine ${digestOf('engine')} is not released: it is in quarantine: it failed`,
    );
  });
});
