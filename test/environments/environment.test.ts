import { describe, expect, it } from '@jest/globals';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { checkDelivery, delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { regions } from '#environments/regions.ts';
import { staging } from '#environments/staging.ts';
import { faultsOf, faultsWith, noGuards } from './faults-with.ts';

describe('the environments', () => {
  it('are accepted as they ship', () => {
    expect(faultsWith(dev, {})).toEqual([]);
  });

  it('name an account that is not twelve digits', () => {
    expect(faultsWith(staging, { account: '12' })).toEqual([
      'environments/staging.ts: account: "12" is not a 12-digit AWS account id; put the account that staging deploys to',
    ]);
  });

  it('name an account that is missing', () => {
    expect(faultsWith(dev, { account: '' })).toEqual([
      'environments/dev.ts: account: is missing; put the account that dev deploys to',
    ]);
    expect(faultsWith(dev, { account: undefined })).toEqual([
      'environments/dev.ts: account: is missing; put the account that dev deploys to',
    ]);
  });

  it('name an unknown region, and with it the zones that cannot be in it', () => {
    expect(faultsWith(staging, { region: 'eu-centrall-1' })).toEqual([
      'environments/staging.ts: region: "eu-centrall-1" is not an AWS region; put one of those in environments/regions.ts, such as eu-central-1',
      ...['a', 'b', 'c'].map(
        (zone) =>
          `environments/staging.ts: availabilityZones: "eu-central-1${zone}" is not in eu-centrall-1; put a zone of the region, such as eu-centrall-1a`,
      ),
    ]);
  });

  it.each([
    ['repeated', ['eu-central-1a', 'eu-central-1a', 'eu-central-1b']],
    ['too few', ['eu-central-1a', 'eu-central-1b']],
  ])('name zones that are %s', (_, availabilityZones) => {
    expect(faultsWith(dev, { availabilityZones })).toEqual([
      `environments/dev.ts: availabilityZones: ${JSON.stringify(availabilityZones)} are not three different zones; put three, such as eu-central-1a, eu-central-1b and eu-central-1c`,
    ]);
  });

  it.each([
    '10.10.0.0',
    '10.10.0.0/24',
    '10.10.1.0/16',
    '10.300.0.0/16',
    '8.8.0.0/16',
    '172.32.0.0/16',
    '10.10.0.0/33',
    '',
  ])('name the CIDR %p, which is no private /16', (vpcCidr) => {
    expect(faultsWith(dev, { vpcCidr })).toEqual([
      `environments/dev.ts: vpcCidr: "${vpcCidr}" is not a private IPv4 /16; put one such as 10.40.0.0/16`,
    ]);
  });

  it.each(['172.31.0.0/16', '192.168.0.0/16', '10.255.0.0/16'])('may name the private CIDR %p', (vpcCidr) => {
    expect(faultsWith(dev, { vpcCidr })).toEqual([]);
  });

  it('never hand out the same address twice', () => {
    expect(faultsWith(staging, { account: dev.account, guards: noGuards, vpcCidr: '10.10.0.0/16' })).toEqual([
      'environments/staging.ts: vpcCidr: "10.10.0.0/16" overlaps with 10.10.0.0/16 of dev; put a /16 that no peer uses',
    ]);
  });

  it('may have the same addresses in accounts that nothing joins', () => {
    expect(faultsWith(staging, { vpcCidr: dev.vpcCidr })).toEqual([]);
  });

  it('name a domain with a scheme', () => {
    expect(faultsWith(dev, { domain: 'https://x.example.com' })).toEqual([
      'environments/dev.ts: domain: "https://x.example.com" is not a host name; put the bare name, such as exchange.example.com',
    ]);
  });

  it('keep logs for a time that CloudWatch does not know', () => {
    expect(faultsWith(dev, { logRetentionDays: 15 })).toEqual([
      expect.stringMatching(
        /^environments\/dev\.ts: logRetentionDays: CloudWatch cannot keep logs for 15 days; put one of 1, 3,/,
      ),
    ]);
  });

  it('size a task as Fargate does not', () => {
    const size = { cpu: 300, memoryMiB: 512, tasksMin: 1, tasksMax: 1 };
    expect(faultsWith(dev, { taskSize: size })).toEqual([
      'environments/dev.ts: taskSize.cpu: Fargate has no tasks of 300 CPU units; put one of 256, 512, 1024, 2048, 4096, 8192, 16384',
    ]);
    const engine = { ...size, cpu: 1_024, memoryMiB: 1_024 };
    expect(faultsWith(dev, { taskSizes: { engine } })).toEqual([
      'environments/dev.ts: taskSizes.engine.memoryMiB: Fargate has no 1024 MiB with 1024 CPU units; put 2048 to 8192 in steps of 1024',
    ]);
  });

  it('have a primary without tasks, or fewer at most than at least', () => {
    const none = { ...dev.taskSize, tasksMin: 0 };
    expect(faultsWith(dev, { taskSize: none })).toEqual([
      'environments/dev.ts: taskSize.tasksMin: 0 is not a whole number from 1 up; put 1 or more',
    ]);
    const crossed = { ...dev.taskSize, tasksMin: 4, tasksMax: 3 };
    expect(faultsWith(dev, { taskSize: crossed })).toEqual([
      'environments/dev.ts: taskSize.tasksMax: 3 is not a whole number from tasksMin up; put 4 or more',
    ]);
  });

  it('share a name, or have one that is too long', () => {
    expect(faultsWith(staging, { name: 'dev' })).toEqual([
      'environments/dev.ts: name: "dev" is another environment\'s too; put the name of its file',
    ]);
    expect(faultsWith(dev, { name: 'development-two' })).toEqual([
      'environments/development-two.ts: name: "development-two" is not 2 to 10 lower-case letters and digits; put the name of its file',
    ]);
  });

  it('are refused with every fault at once', () => {
    const faults = faultsWith(dev, { account: 'x', vpcCidr: 'y', domain: 'z' });
    expect(faults.map((fault) => fault.split(': ')[1])).toEqual(['account', 'vpcCidr', 'domain']);
  });
});

describe('the delivery', () => {
  it('is accepted as it ships', () => {
    expect(faultsOf(() => checkDelivery(delivery))).toEqual([]);
  });

  it('is refused with every fault at once', () => {
    const wrong = {
      namePrefix: 'Acme-Exchange',
      account: '999',
      region: 'mars-1',
      provider: 'GitHub' as const,
      repository: 'https://example.com/crossbook',
      branch: '',
      connectionArn: 'arn:aws:codecommit:eu-central-1:999999999999:crossbook',
      approverEmails: ['nobody'],
      people: true,
    };
    expect(faultsOf(() => checkDelivery(wrong))).toEqual([
      'environments/delivery.ts: account: "999" is not a 12-digit AWS account id; put the account that the pipeline runs in',
      'environments/delivery.ts: region: "mars-1" is not an AWS region; put one of those in environments/regions.ts, such as eu-central-1',
      'environments/delivery.ts: namePrefix: "Acme-Exchange" is malformed; put 2 to 9 lower-case letters and digits, such as acme',
      'environments/delivery.ts: repository: "https://example.com/crossbook" is malformed; put owner/name, as in the repository’s address',
      'environments/delivery.ts: branch: "" is malformed; put the branch to release, such as main',
      'environments/delivery.ts: connectionArn: "arn:aws:codecommit:eu-central-1:999999999999:crossbook" is malformed; put the ARN that the console shows under Developer Tools, Connections',
      'environments/delivery.ts: approverEmails: "nobody" is no mail address; put one such as team@example.com',
    ]);
    expect(faultsOf(() => checkDelivery({ ...delivery, approverEmails: [] }))).toEqual([
      'environments/delivery.ts: approverEmails: names nobody; put who may approve a release to production',
    ]);
  });
});

describe('the regions', () => {
  it('are those the CDK knows in the aws partition', () => {
    const known = RegionInfo.regions.filter(({ partition }) => partition === 'aws');
    expect([...regions].sort()).toEqual(known.map(({ name }) => name).sort());
  });
});
