import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

afterAll(removeCheckouts);

const digest = (byte: string) => `sha256:${byte.repeat(32)}`;
const variables = {
  ENVIRONMENT: 'prod',
  ASSEMBLY: 'cdk.out/assembly-crossbook-pipeline-prod',
  ENVIRONMENT_ROLE: 'arn:aws:iam::333333333333:role/crossbook-prod-release',
  ENVIRONMENT_REGION: 'eu-central-1',
  CODEBUILD_BUILD_URL: 'https://console/build/1',
};

const bucket = (name: string) => ({ Type: 'AWS::S3::Bucket', Properties: { BucketName: name } });
const queue = { Type: 'AWS::SQS::Queue', Properties: {} };
const role = { Type: 'AWS::IAM::Role', Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/Added'] } };

/** An assembly of three stacks, as synthesis leaves it for one stage. */
function withRelease(checkout: string): void {
  const assembly = join(checkout, variables.ASSEMBLY);
  mkdirSync(assembly, { recursive: true });
  const stacks = {
    data: { Resources: { Store: bucket('renamed') } },
    services: { Resources: { Queue: queue, Role: role } },
    'edge-global': { Resources: { Same: bucket('same') } },
  };
  const artifacts = Object.fromEntries(
    Object.keys(stacks).map((name) => [
      name,
      {
        type: 'aws:cloudformation:stack',
        environment: `aws://333333333333/${name === 'edge-global' ? 'us-east-1' : 'eu-central-1'}`,
        properties: { templateFile: `${name}.template.json`, stackName: `crossbook-prod-${name}` },
      },
    ]),
  );
  const tree = { type: 'cdk:tree', properties: { file: 'tree.json' } };
  writeFileSync(join(assembly, 'manifest.json'), JSON.stringify({ artifacts: { ...artifacts, Tree: tree } }));
  for (const [name, template] of Object.entries(stacks))
    writeFileSync(join(assembly, `${name}.template.json`), JSON.stringify(template));
  mkdirSync(join(checkout, 'release'));
  const digests = { orders: digest('ab'), engine: digest('cd'), wallet: digest('ef') };
  writeFileSync(join(checkout, 'release/images.json'), JSON.stringify({ digests }));
}

const deployed = (stack: string, region: string, template: object): Answer => ({
  to: `aws cloudformation get-template --stack-name crossbook-prod-${stack} --region ${region}`,
  output: { TemplateBody: template },
});
const configured: Answer = { to: 'aws configure' };
const locked: Answer = {
  to: 'aws ssm get-parameters-by-path --path /crossbook/prod/images',
  output: {
    Parameters: [
      { Name: '/crossbook/prod/images/orders', Value: digest('12') },
      { Name: '/crossbook/prod/images/engine', Value: digest('cd') },
    ],
  },
};
const same = deployed('edge-global', 'us-east-1', { Resources: { Same: bucket('same') } });
const renamed = deployed('data', 'eu-central-1', { Resources: { Store: bucket('old') } });
const absent: Answer = {
  to: 'aws cloudformation get-template --stack-name crossbook-prod-services',
  error: 'An error occurred (ValidationError): Stack with id crossbook-prod-services does not exist',
};

const show = (answers: readonly Answer[]) =>
  runBuildspec('changes.yml', variables, [configured, ...answers], withRelease);

describe('what a release changes', () => {
  it('is told in a line: images by digest, stacks by count, what may be replaced, and permissions', async () => {
    const { exitCode, output } = await show([locked, same, renamed, absent]);
    expect(exitCode).toBe(0);
    expect(output).toContain(
      'Images: orders abababababab instead of 121212121212; wallet efefefefefef, new. ' +
        'Stacks: crossbook-prod-data +0 ~1 -0, may replace Store (AWS::S3::Bucket); ' +
        'crossbook-prod-services +2 ~0 -0, changes permissions.\n',
    );
  });

  it('is shown in full in the log, and what stays the same is not', async () => {
    const { output } = await show([locked, same, renamed, absent]);
    expect(output).toMatch(/Stack crossbook-prod-data\n[\s\S]*BucketName[\s\S]*old[\s\S]*renamed/);
    expect(output).not.toContain('Stack crossbook-prod-edge-global');
  });

  it('is nothing where all of it is deployed already', async () => {
    const services = deployed('services', 'eu-central-1', { Resources: { Queue: queue, Role: role } });
    const data = deployed('data', 'eu-central-1', { Resources: { Store: bucket('renamed') } });
    const all = ['orders', 'engine', 'wallet'].map((service, index) => ({
      Name: `/crossbook/prod/images/${service}`,
      Value: digest(['ab', 'cd', 'ef'][index]!),
    }));
    const { output } = await show([{ to: locked.to, output: { Parameters: all } }, same, data, services]);
    expect(output).toContain('No image changes. No stack changes.\n');
  });

  it('changes nothing: it only reads', async () => {
    const { calls } = await show([locked, same, renamed, absent]);
    const verbs = calls.map((call) => call.split(' ').slice(1, 3).join(' '));
    expect(new Set(verbs)).toEqual(
      new Set(['configure set', 'ssm get-parameters-by-path', 'cloudformation get-template']),
    );
  });

  it('fails when a template cannot be read, rather than call the stack new', async () => {
    const denied: Answer = { to: renamed.to, error: 'AccessDenied' };
    const { exitCode, output } = await show([locked, same, denied, absent]);
    expect(exitCode).not.toBe(0);
    expect(output).toContain('AccessDenied');
  });
});
