import { Peer, Port, SecurityGroup, type Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { containerPort } from './services.ts';

const postgres = Port.tcp(5432);
const redis = Port.tcp(6379);
const service = Port.tcp(containerPort);
/** The load balancer's listeners for clients: one for each service, since CodeDeploy moves one at a time. */
const listeners = Port.tcpRange(8081, 8099);
/** Where a new release answers before it has clients: each listener's port and a thousand. */
const testListeners = Port.tcpRange(9081, 9099);
const engineTestListener = Port.tcp(9080);

/** Who may connect to whom: load balancer → services → engine; services and engine → database and cache. */
export class SecurityGroups extends Construct {
  readonly alb: SecurityGroup;
  /** Of every service but the engine. */
  readonly ecs: SecurityGroup;
  readonly engine: SecurityGroup;
  /** Of the engine's own load balancer. */
  readonly engineBalancer: SecurityGroup;
  readonly database: SecurityGroup;
  readonly cache: SecurityGroup;
  /** Of Lambda functions inside the VPC: the authorizer, checks of releases, the one that rotates the password. */
  readonly functions: SecurityGroup;

  constructor(scope: Construct, id: string, vpc: Vpc, vpcCidr: string) {
    super(scope, id);
    this.alb = this.#group('Alb', vpc, 'Load balancer', 'closed');
    this.ecs = this.#group('Ecs', vpc, 'Services', 'open');
    this.engine = this.#group('Engine', vpc, 'Engine', 'open');
    this.engineBalancer = this.#group('EngineBalancer', vpc, 'Load balancer of the engine', 'closed');
    this.database = this.#group('Database', vpc, 'PostgreSQL', 'closed');
    this.cache = this.#group('Cache', vpc, 'Redis', 'closed');
    this.functions = this.#group('Functions', vpc, 'Functions', 'closed');
    this.#connectServices(vpcCidr);
    this.#connectEngine();
    this.#connectStores();
    // Gateway endpoints, and what has no endpoint, answer at addresses of AWS.
    this.functions.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'To AWS');
  }

  #connectServices(vpcCidr: string): void {
    // The edge has no group to name: its origins and links connect from network interfaces inside the VPC.
    this.alb.addIngressRule(Peer.ipv4(vpcCidr), listeners, 'From the edge');
    this.functions.connections.allowTo(this.alb, listeners, 'To the keys that tokens are signed with');
    // What is not released yet is for its checks alone: the edge could not tell its clients from them.
    this.functions.connections.allowTo(this.alb, testListeners, 'To a release before it has clients');
    this.alb.connections.allowTo(this.ecs, service, 'To the services');
  }

  #connectEngine(): void {
    for (const port of [service, engineTestListener]) {
      this.engineBalancer.addIngressRule(this.ecs, port, 'From the services');
      this.functions.connections.allowTo(this.engineBalancer, port, 'To the engine');
    }
    this.engineBalancer.connections.allowTo(this.engine, service, 'To the engine');
    // Past the balancer, since a service follows the lead to the leader's own address …
    this.engine.addIngressRule(this.ecs, service, 'From the services');
    // … and a task that clients reach asks the leader there to hand over.
    this.engine.addIngressRule(this.engine, service, 'From other engines');
  }

  #connectStores(): void {
    for (const [source, group] of [
      ['services', this.ecs],
      ['engine', this.engine],
    ] as const) {
      const from = `From the ${source}`;
      this.database.addIngressRule(group, postgres, from);
      this.cache.addIngressRule(group, redis, from);
    }
    // Changing the password takes a login with the old one and one with the new.
    this.functions.connections.allowTo(this.database, postgres, 'To change the password');
  }

  /** `open` may connect anywhere: tasks fetch images and send mail through the NAT. `closed` only where a rule says. */
  #group(id: string, vpc: Vpc, description: string, outbound: 'open' | 'closed'): SecurityGroup {
    return new SecurityGroup(this, id, {
      vpc,
      description,
      allowAllOutbound: outbound === 'open',
    });
  }
}
