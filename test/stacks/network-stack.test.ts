import { describe, expect, it } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import type { Environment } from '#environments/environment.ts';
import { prod } from '#environments/prod.ts';
import { NetworkStack } from '#stacks/network-stack.ts';
import { allows, type Statement, statementsOf, unbounded } from './policies.ts';
import { appWithFlags, propertiesOf } from './synthesize.ts';

function networkOf(environment: Environment): Template {
  const env = { account: environment.account, region: environment.region };
  return Template.fromStack(new NetworkStack(appWithFlags(), 'Network', { env, environment }));
}

const network = networkOf(dev);
const production = networkOf(prod);

/** The group that connects, the one it reaches, and the port, from the rules of one direction between groups. */
function connections(rules: 'Ingress' | 'Egress'): string[] {
  const groupOf = (reference: { 'Fn::GetAtt': [string] }) =>
    /^(?:Groups|Endpoints)([A-Z][A-Za-z]+?)[0-9A-F]{8}$/.exec(reference['Fn::GetAtt'][0])?.[1];
  return propertiesOf(network, `AWS::EC2::SecurityGroup${rules}`)
    .map((rule) => {
      const other = groupOf(rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId);
      const [from, to] =
        rules === 'Ingress' ? [other, groupOf(rule.GroupId)] : [groupOf(rule.GroupId), other];
      const ports = rule.FromPort === rule.ToPort ? rule.FromPort : `${rule.FromPort}-${rule.ToPort}`;
      return `${from} → ${to} ${ports}`;
    })
    .sort();
}

/** The groups that have a rule about addresses, rather than groups, with those rules. */
function addressRules(rules: 'Ingress' | 'Egress'): unknown[] {
  return propertiesOf(network, 'AWS::EC2::SecurityGroup')
    .filter((group) => group[`SecurityGroup${rules}`])
    .map((group) => [group.GroupDescription, group[`SecurityGroup${rules}`]]);
}

/** The endpoints of one kind: the service's name and all that an endpoint is. */
function endpoints(kind: 'Gateway' | 'Interface') {
  return propertiesOf(network, 'AWS::EC2::VPCEndpoint')
    .filter(({ VpcEndpointType }) => VpcEndpointType === kind)
    .map((endpoint) => ({ ...endpoint, name: nameOf(endpoint.ServiceName) }));
}

/** `s3` of `com.amazonaws.eu-central-1.s3`, which a gateway endpoint puts together when it is deployed. */
function nameOf(service: string | { 'Fn::Join': [string, unknown[]] }): string {
  const text = typeof service === 'string' ? service : service['Fn::Join'][1].join('');
  return /(?:eu-central-1|\[object Object\])\.(.+)$/.exec(text)?.[1] ?? text;
}

describe('the network', () => {
  it('has three tiers in each of the zones that the environment names', () => {
    const subnets = propertiesOf(network, 'AWS::EC2::Subnet').map((subnet) => {
      const tags = Object.fromEntries(
        subnet.Tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]),
      );
      return `${tags['aws-cdk:subnet-name']} ${subnet.AvailabilityZone}`;
    });
    const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
    const expected = ['isolated', 'private', 'public'].flatMap((tier) =>
      zones.map((zone) => `${tier} ${zone}`),
    );
    expect(subnets.sort()).toEqual(expected);
  });

  it('has the addresses that the environment names', () => {
    network.hasResourceProperties('AWS::EC2::VPC', {
      CidrBlock: '10.10.0.0/16',
    });
    production.hasResourceProperties('AWS::EC2::VPC', {
      CidrBlock: '10.0.0.0/16',
    });
  });

  it('has as many NAT gateways as the environment asks for', () => {
    network.resourceCountIs('AWS::EC2::NatGateway', 1);
    production.resourceCountIs('AWS::EC2::NatGateway', 3);
  });

  it('gives isolated subnets no way out', () => {
    const routes = Object.keys(network.findResources('AWS::EC2::Route'));
    expect(routes.filter((id) => id.includes('isolated'))).toEqual([]);
    expect(routes.filter((id) => id.includes('private'))).toHaveLength(3);
  });

  it('gives no instance a public address by itself', () => {
    for (const subnet of propertiesOf(network, 'AWS::EC2::Subnet'))
      expect(subnet.MapPublicIpOnLaunch).toBe(false);
  });

  it('lets each group be reached by its callers alone', () => {
    expect(connections('Ingress')).toEqual([
      'Alb → Ecs 8080',
      'Ecs → Cache 6379',
      'Ecs → Database 5432',
      'Ecs → Engine 8080',
      'Ecs → EngineBalancer 8080',
      'Ecs → EngineBalancer 9080',
      'Ecs → Group 443',
      'Engine → Cache 6379',
      'Engine → Database 5432',
      'Engine → Engine 8080',
      'Engine → Group 443',
      'EngineBalancer → Engine 8080',
      'Functions → Alb 8081-8099',
      'Functions → Alb 9081-9099',
      'Functions → Database 5432',
      'Functions → EngineBalancer 8080',
      'Functions → EngineBalancer 9080',
      'Functions → Group 443',
    ]);
  });

  it('lets load balancers and functions connect to where they must, and nowhere else', () => {
    expect(connections('Egress')).toEqual([
      'Alb → Ecs 8080',
      'EngineBalancer → Engine 8080',
      'Functions → Alb 8081-8099',
      'Functions → Alb 9081-9099',
      'Functions → Database 5432',
      'Functions → EngineBalancer 8080',
      'Functions → EngineBalancer 9080',
    ]);
    const anywhere = expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 });
    expect(addressRules('Egress')).toContainEqual(['Functions', [anywhere]]);
  });

  it('leaves only tasks free to connect anywhere', () => {
    const free = propertiesOf(network, 'AWS::EC2::SecurityGroup')
      .filter(({ SecurityGroupEgress }) =>
        SecurityGroupEgress?.some(
          ({ CidrIp, IpProtocol }: { CidrIp: string; IpProtocol: string }) =>
            CidrIp === '0.0.0.0/0' && IpProtocol === '-1',
        ),
      )
      .map(({ GroupDescription }) => GroupDescription);
    expect(free).toEqual(['Services', 'Engine']);
  });

  it('accepts addresses, rather than groups, at listeners for clients only, and only those of the VPC', () => {
    expect(addressRules('Ingress')).toEqual([
      ['Load balancer', [expect.objectContaining({ CidrIp: '10.10.0.0/16', FromPort: 8081, ToPort: 8099 })]],
    ]);
  });

  it('empties the default security group', () => {
    network.resourceCountIs('Custom::VpcRestrictDefaultSG', 1);
  });

  it('logs every flow, for as long as the environment keeps logs', () => {
    network.hasResourceProperties('AWS::EC2::FlowLog', {
      TrafficType: 'ALL',
      ResourceType: 'VPC',
    });
    network.hasResourceProperties('AWS::Logs::LogGroup', {
      RetentionInDays: 14,
    });
  });

  it('carries the name of its environment', () => {
    network.hasResourceProperties('AWS::EC2::VPC', {
      Tags: Match.arrayWith([{ Key: 'Name', Value: 'crossbook-dev-vpc' }]),
    });
  });
});

describe('the ways to AWS past the NAT', () => {
  const account = dev.account;
  const policyOf = (name: string): Statement[] =>
    [...endpoints('Gateway'), ...endpoints('Interface')].find((endpoint) => endpoint.name === name)
      ?.PolicyDocument.Statement;
  const own = { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account };
  const foreign = '999999999999';

  it('lead to S3 and DynamoDB from all tiers', () => {
    expect(endpoints('Gateway').map(({ name }) => name)).toEqual(['s3', 'dynamodb']);
    for (const { RouteTableIds } of endpoints('Gateway')) expect(RouteTableIds).toHaveLength(9);
  });

  it('lead to what every task does from the private tier of all zones, in every environment', () => {
    const names = ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'kinesis-streams', 'xray'];
    expect(endpoints('Interface').map(({ name }) => name)).toEqual(names);
    production.resourceCountIs('AWS::EC2::VPCEndpoint', names.length + 2);
    for (const { SubnetIds, PrivateDnsEnabled, SecurityGroupIds } of endpoints('Interface')) {
      expect(SubnetIds.map(({ Ref }: { Ref: string }) => Ref)).toEqual(
        [1, 2, 3].map((zone) => expect.stringContaining(`privateSubnet${zone}`)),
      );
      expect(PrivateDnsEnabled).toBe(true);
      expect(SecurityGroupIds).toEqual([
        { 'Fn::GetAtt': [expect.stringMatching(/^EndpointsGroup/), 'GroupId'] },
      ]);
    }
  });

  it('are all for principals of this account, but for layers of images, whose links ECR signs', () => {
    for (const { name, PolicyDocument } of [...endpoints('Gateway'), ...endpoints('Interface')]) {
      const unbound = PolicyDocument.Statement.filter(
        ({ Condition }: Statement) => Condition?.StringEquals?.['aws:PrincipalAccount'] !== account,
      );
      expect([name, unbound.map(({ Resource }: Statement) => Resource)]).toEqual([
        name,
        name === 's3' ? ['arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*'] : [],
      ]);
    }
  });

  it('carry nothing to buckets of another account, nor for anyone of one', () => {
    const put = (context: Record<string, string>) =>
      allows(policyOf('s3'), { action: 's3:PutObject', resource: 'arn:aws:s3:::any/object', context });
    expect(put(own)).toBe(true);
    expect(put({ ...own, 'aws:ResourceAccount': foreign })).toBe(false);
    expect(put({ ...own, 'aws:PrincipalAccount': foreign })).toBe(false);
    expect(put({})).toBe(false);
  });

  it.each([
    ['dynamodb', 'dynamodb:PutItem', 'table/crossbook-dev-user-sessions'],
    ['secretsmanager', 'secretsmanager:GetSecretValue', 'secret:crossbook/dev/database'],
    ['kinesis-streams', 'kinesis:PutRecords', 'stream/crossbook-dev-market-data-stream'],
    ['logs', 'logs:PutLogEvents', 'log-group:/ecs/crossbook-dev-orders:log-stream:1'],
  ])('carry to %s what is this account’s, and nothing of another’s', (name, action, resource) => {
    const [service] = action.split(':');
    const to = (owner: string) =>
      allows(policyOf(name), {
        action,
        resource: `arn:aws:${service}:eu-central-1:${owner}:${resource}`,
        context: own,
      });
    expect(to(account)).toBe(true);
    expect(to(foreign)).toBe(false);
  });

  it('let a rotation change a secret', () => {
    const resource = `arn:aws:secretsmanager:eu-central-1:${account}:secret:crossbook/dev/database`;
    for (const action of ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'])
      expect(
        allows(policyOf('secretsmanager'), { action: `secretsmanager:${action}`, resource, context: own }),
      ).toBe(true);
    expect(
      allows(policyOf('secretsmanager'), { action: 'secretsmanager:GetRandomPassword', context: own }),
    ).toBe(true);
  });

  it('have the layers of images of their own region', () => {
    expect(JSON.stringify(networkOf(dr).toJSON())).toContain('prod-eu-west-1-starport-layer-bucket');
  });

  it('let through no star of actions, and no policy of the network gives everything', () => {
    for (const { PolicyDocument } of [...endpoints('Gateway'), ...endpoints('Interface')])
      for (const { Action } of PolicyDocument.Statement as Statement[])
        expect([Action].flat().filter((action) => action?.includes('*'))).toEqual([]);
    expect(unbounded(statementsOf(network))).toEqual([]);
  });
});
