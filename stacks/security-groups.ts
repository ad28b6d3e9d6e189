import { Peer, Port, SecurityGroup, type Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { containerPort } from './services.ts';

const postgresPort = 5432;
const redisPort = 6379;

/** Who may connect to whom: load balancer → services → engine; services and engine → database and cache. */
export class SecurityGroups extends Construct {
  readonly alb: SecurityGroup;
  readonly ecs: SecurityGroup;
  readonly engine: SecurityGroup;
  readonly database: SecurityGroup;
  readonly cache: SecurityGroup;

  constructor(scope: Construct, id: string, vpc: Vpc) {
    super(scope, id);
    this.alb = this.#group('Alb', vpc, 'Load balancer', 'closed');
    this.ecs = this.#group('Ecs', vpc, 'Services', 'open');
    this.engine = this.#group('Engine', vpc, 'Engine', 'open');
    this.database = this.#group('Database', vpc, 'PostgreSQL', 'closed');
    this.cache = this.#group('Cache', vpc, 'Redis', 'closed');
    this.#connect(vpc);
  }

  #connect(vpc: Vpc): void {
    const service = Port.tcp(containerPort);
    // The edge has no group to name: its origins and links connect from network interfaces inside the VPC.
    this.alb.addIngressRule(Peer.ipv4(vpc.vpcCidrBlock), Port.tcp(80), 'From the edge');
    this.alb.connections.allowTo(this.ecs, service, 'To the services');
    this.engine.addIngressRule(this.ecs, service, 'From the services');
    for (const [source, group] of [
      ['services', this.ecs],
      ['engine', this.engine],
    ] as const) {
      const from = `From the ${source}`;
      this.database.addIngressRule(group, Port.tcp(postgresPort), from);
      this.cache.addIngressRule(group, Port.tcp(redisPort), from);
    }
  }

  /** `open` may connect anywhere: tasks fetch images and secrets through the NAT. `closed` only where a rule says. */
  #group(id: string, vpc: Vpc, description: string, outbound: 'open' | 'closed'): SecurityGroup {
    return new SecurityGroup(this, id, {
      vpc,
      description,
      allowAllOutbound: outbound === 'open',
    });
  }
}
