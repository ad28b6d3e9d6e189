import { describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { dev } from '#environments/dev.ts';
import { prod } from '#environments/prod.ts';
import { propertiesOf, synthesize } from './synthesize.ts';

const { network } = synthesize(dev);
const production = synthesize(prod).network;

/** The group that connects, the one it reaches, and the port, from the rules between groups. */
function connections(): string[] {
  const groupOf = (reference: { 'Fn::GetAtt': [string] }) =>
    /^Groups([A-Z][a-z]+)/.exec(reference['Fn::GetAtt'][0])?.[1];
  return propertiesOf(network, 'AWS::EC2::SecurityGroupIngress')
    .map(
      (rule) =>
        `${groupOf(rule.SourceSecurityGroupId)} → ${groupOf(rule.GroupId)} ${rule.FromPort}-${rule.ToPort}`,
    )
    .sort();
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
      CidrBlock: '10.30.0.0/16',
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
    expect(connections()).toEqual([
      'Alb → Ecs 8080-8080',
      'Ecs → Cache 6379-6379',
      'Ecs → Database 5432-5432',
      'Ecs → Engine 8080-8080',
      'Engine → Cache 6379-6379',
      'Engine → Database 5432-5432',
    ]);
  });

  it('accepts addresses, rather than groups, at the load balancer only, and only those of the VPC', () => {
    const open = propertiesOf(network, 'AWS::EC2::SecurityGroup')
      .filter((group) => group.SecurityGroupIngress)
      .map((group) => [group.GroupDescription, group.SecurityGroupIngress]);
    expect(open).toEqual([
      [
        'Load balancer',
        [
          expect.objectContaining({
            CidrIp: { 'Fn::GetAtt': [expect.stringMatching(/^Vpc/), 'CidrBlock'] },
            FromPort: 80,
            ToPort: 80,
          }),
        ],
      ],
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

  it('reaches S3 and DynamoDB from all tiers without the NAT', () => {
    const endpoints = propertiesOf(network, 'AWS::EC2::VPCEndpoint');
    const services = endpoints.map(({ ServiceName }) => JSON.stringify(ServiceName));
    expect(services.sort()).toEqual([expect.stringContaining('dynamodb'), expect.stringContaining('s3')]);
    for (const endpoint of endpoints) {
      expect(endpoint.VpcEndpointType).toBe('Gateway');
      expect(endpoint.RouteTableIds).toHaveLength(9);
    }
  });

  it('carries the name of its environment', () => {
    network.hasResourceProperties('AWS::EC2::VPC', {
      Tags: Match.arrayWith([{ Key: 'Name', Value: 'crossbook-dev-vpc' }]),
    });
  });
});
