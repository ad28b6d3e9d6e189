import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { imageTag } from '#pipelines/images/image-inputs.ts';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

afterAll(removeCheckouts);

const variables = {
  AWS_ACCOUNT_ID: '999999999999',
  AWS_DEFAULT_REGION: 'eu-central-1',
  IMAGE_REPO_URI: '999999999999.dkr.ecr.eu-central-1.amazonaws.com',
  IMAGE_REPO_NAME: 'crossbook/orders',
  CONTAINER_NAME: 'orders',
};
const tag = imageTag(process.cwd(), 'orders');
const uri = `${variables.IMAGE_REPO_URI}/crossbook/orders:${tag}`;

const logIn: Answer = { to: 'aws ecr get-login-password', output: 'password' };
const pushed = (times: 0 | 1): Answer => ({ to: 'aws ecr batch-get-image', output: `${times}\n` });
const scanned: Answer = {
  to: 'aws ecr describe-image-scan-findings',
  output: { imageScanStatus: { status: 'ACTIVE' }, imageScanFindings: { enhancedFindings: [] } },
};
const docker: Answer = { to: 'docker' };
const sound = [logIn, pushed(0), scanned, docker];

/** Without one answer, and with another in its place. */
const instead = (of: Answer, answer: Answer) => [answer, ...sound.filter((one) => one !== of)];

describe('the build of an image', () => {
  it('builds and pushes what is not there, for arm64, under the hash of its inputs', async () => {
    const { exitCode, calls, file, output } = await runBuildspec('image.yml', variables, sound);
    expect([exitCode, output]).toEqual([0, expect.stringContaining('Build completed')]);
    expect(calls).toEqual([
      'aws ecr get-login-password --region eu-central-1',
      `docker login --username AWS --password-stdin ${variables.IMAGE_REPO_URI}`,
      `aws ecr batch-get-image --repository-name crossbook/orders --image-ids imageTag=${tag} --query length(images) --output text`,
      `docker build --platform linux/arm64 --build-arg SERVICE=orders --file services/Dockerfile --tag ${uri} .`,
      `docker push ${uri}`,
      `aws ecr describe-image-scan-findings --repository-name crossbook/orders --image-id imageTag=${tag} --output json`,
    ]);
    const { bomFormat, components } = JSON.parse(file('image/sbom.cdx.json'));
    expect(bomFormat).toBe('CycloneDX');
    const names = components.map(({ name }: { name: string }) => name);
    expect(names).toContain('hono');
    // Tools for development are not in the image, so not in its bill of materials.
    expect(names).not.toContain('jest');
  });

  it('neither builds nor pushes what is there, and looks at its findings again', async () => {
    const { exitCode, calls } = await runBuildspec('image.yml', variables, instead(pushed(0), pushed(1)));
    expect(exitCode).toBe(0);
    expect(calls.filter((call) => /^docker (build|push)/.test(call))).toEqual([]);
    expect(calls.at(-1)).toMatch(/^aws ecr describe-image-scan-findings/);
  });

  it('shows no password', async () => {
    const { calls, output } = await runBuildspec('image.yml', variables, [
      { to: 'aws ecr get-login-password', output: 'pa55word' },
      ...sound,
    ]);
    expect(`${calls.join('\n')}${output}`).not.toContain('pa55word');
  });

  it('is another image once a file of the service, its kernel or the Dockerfile changes', async () => {
    for (const path of ['services/orders/app.ts', 'services/domain/money.ts', 'services/Dockerfile']) {
      const { exitCode, calls } = await runBuildspec('image.yml', variables, sound, (checkout) =>
        appendFileSync(join(checkout, path), '\n'),
      );
      expect(exitCode).toBe(0);
      expect([path, calls.some((call) => call.includes(tag))]).toEqual([path, false]);
    }
  });

  it('is the same image whatever changes elsewhere', async () => {
    const { calls } = await runBuildspec('image.yml', variables, sound, (checkout) => {
      for (const path of ['services/engine/app.ts', 'stacks/services.ts', 'README.md'])
        appendFileSync(join(checkout, path), '\n');
    });
    expect(calls.at(-1)).toContain(tag);
  });

  it.each([
    ['the log-in', logIn],
    ['the look into the registry', pushed(0)],
  ])('fails with %s', async (_, answer) => {
    const failing = sound.map((one) => (one.to === answer.to ? { to: one.to, error: 'denied' } : one));
    const { exitCode, output } = await runBuildspec('image.yml', variables, failing);
    expect(exitCode).not.toBe(0);
    expect(output).toContain('denied');
  });

  it.each(['docker build', 'docker push', 'docker login'])('fails with %s', async (to) => {
    const { exitCode, calls } = await runBuildspec('image.yml', variables, [{ to, error: 'no' }, ...sound]);
    expect(exitCode).not.toBe(0);
    expect(calls.at(-1)).toContain(to);
  });

  it('fails on a planted vulnerability, and names it', async () => {
    const finding = { title: 'CVE-2026-0001 - openssl', severity: 'CRITICAL' };
    const mild = { title: 'CVE-2026-0002 - zlib', severity: 'MEDIUM' };
    const { exitCode, output } = await runBuildspec(
      'image.yml',
      variables,
      instead(scanned, {
        to: scanned.to,
        output: {
          imageScanStatus: { status: 'ACTIVE' },
          imageScanFindings: { enhancedFindings: [finding, mild] },
        },
      }),
    );
    expect(exitCode).toBe(1);
    expect(output).toContain('CRITICAL: CVE-2026-0001 - openssl');
    expect(output).not.toContain('CVE-2026-0002');
  });

  it('fails when the scan did: nobody knows what is in the image', async () => {
    const { exitCode, output } = await runBuildspec(
      'image.yml',
      variables,
      instead(scanned, {
        to: scanned.to,
        output: { imageScanStatus: { status: 'FAILED', description: 'UnsupportedImageError' } },
      }),
    );
    expect(exitCode).toBe(1);
    expect(output).toContain('the scan is FAILED: UnsupportedImageError');
  });
});
