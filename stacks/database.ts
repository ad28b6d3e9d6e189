import assert from 'node:assert/strict';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { InstanceType, type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  AuroraPostgresEngineVersion,
  CfnDBCluster,
  CfnGlobalCluster,
  ClusterInstance,
  DatabaseCluster,
  DatabaseClusterEngine,
  DatabaseInsightsMode,
  type IClusterInstance,
} from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { DatabaseCredentials } from './database-credentials.ts';

/** The database in the cluster. */
export const databaseName = 'crossbook';

/** The major version that laptops and tests run. */
const engine = DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_18_6 });

export interface DatabaseProps {
  readonly environment: Environment;
  readonly peer?: Environment;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  /** Of the function that rotates the password: it may connect to {@link securityGroup}. */
  readonly rotationSecurityGroup: ISecurityGroup;
  readonly key: IKey;
  /** Encrypts the copy of the password in the peer's region. */
  readonly replicaKey?: IKey;
}

/**
 * Aurora PostgreSQL: a writer and its readers, which any can replace. With a standby it is the first member of a Global
 * Database, which Aurora copies to the standby's cluster; that one takes no writes until it is promoted.
 */
export class Database extends Construct {
  readonly cluster: DatabaseCluster;
  /** `username`, `password`, `port` and `dbname`; its `host` is the primary's, so take the cluster's own endpoint. */
  readonly secret: ISecret;
  readonly #props: DatabaseProps;

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    this.#props = props;
    const login = new DatabaseCredentials(this, 'Credentials', props);
    this.cluster = this.#cluster(login);
    this.#acknowledge();
    if (props.environment.role === 'standby') {
      this.#follow();
      this.secret = login.secret;
      return;
    }
    assert(this.cluster.secret, 'a primary has its own credentials');
    this.secret = this.cluster.secret;
    login.rotate(this.secret, props.vpc, props.rotationSecurityGroup);
    if (props.peer) this.#globalCluster();
  }

  #cluster(login: DatabaseCredentials): DatabaseCluster {
    const { environment, vpc, securityGroup, key } = this.#props;
    const primary = environment.role === 'primary';
    const logs = this.#logs();
    const cluster = new DatabaseCluster(this, 'Cluster', {
      clusterIdentifier: this.#identifier(),
      engine,
      credentials: primary ? login.credentials : login.inherited,
      defaultDatabaseName: primary ? databaseName : undefined, // a standby's comes with the data
      ...this.#instances(),
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [securityGroup],
      storageEncryptionKey: key,
      parameters: { 'rds.force_ssl': '1' },
      iamAuthentication: true,
      // Apart from each other, and from AWS Backup at five.
      backup: { retention: Duration.days(environment.database.backupDays), preferredWindow: '02:00-03:00' },
      preferredMaintenanceWindow: 'sun:03:15-sun:04:15',
      copyTagsToSnapshot: true,
      cloudwatchLogsExports: ['postgresql'],
      monitoringInterval: Duration.seconds(60),
      monitoringRole: this.#monitoringRole(),
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: key,
      databaseInsightsMode: DatabaseInsightsMode.STANDARD,
      deletionProtection: environment.keepsData,
      removalPolicy: this.#removalPolicy(),
    });
    cluster.node.addDependency(logs);
    return cluster;
  }

  #instances(): { writer: IClusterInstance; readers: IClusterInstance[] } {
    const { instance, readers } = this.#props.environment.database;
    const made = (id: string) =>
      ClusterInstance.provisioned(id, {
        instanceType: new InstanceType(instance),
        publiclyAccessible: false,
        enablePerformanceInsights: true,
        performanceInsightEncryptionKey: this.#props.key,
        autoMinorVersionUpgrade: true,
      });
    return {
      writer: made('Writer'),
      readers: Array.from({ length: readers }, (_, index) => made(`Reader${index + 1}`)),
    };
  }

  /** Made before the cluster, which would make it without an end to its keeping. */
  #logs(): LogGroup {
    return new LogGroup(this, 'Logs', {
      logGroupName: `/aws/rds/cluster/${this.#identifier()}/postgresql`,
      retention: this.#props.environment.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }

  #monitoringRole(): Role {
    const role = new Role(this, 'Monitoring', {
      assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole'),
      ],
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]',
      reason: 'Made by AWS for this one purpose: it writes to the log group RDSOSMetrics and nothing else.',
    });
    return role;
  }

  #globalCluster(): void {
    const { environment } = this.#props;
    new CfnGlobalCluster(this, 'Global', {
      globalClusterIdentifier: prefixOf(environment),
      sourceDbClusterIdentifier: this.cluster.clusterArn,
      deletionProtection: environment.keepsData,
    }).applyRemovalPolicy(this.#removalPolicy());
  }

  /**
   * Joins the primary's Global Database. Aurora refuses credentials here, and asks where the encrypted data comes from:
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbcluster.html
   */
  #follow(): void {
    const { peer } = this.#props;
    assert(peer, 'a standby has a primary');
    const cluster = this.cluster.node.defaultChild;
    assert(cluster instanceof CfnDBCluster);
    cluster.globalClusterIdentifier = prefixOf(peer);
    cluster.sourceRegion = peer.region;
    cluster.masterUsername = undefined;
    cluster.masterUserPassword = undefined;
  }

  /** On the cluster, for its instances too. */
  #acknowledge(): void {
    const acknowledge = (id: string, reason: string) =>
      Validations.of(this.cluster).acknowledge({ id, reason });
    acknowledge(
      'NIST.800.53.R5-RDSInBackupPlan',
      'An Aurora instance has no data of its own: AWS Backup takes the cluster, or the one it is a copy of.',
    );
    if (this.#props.environment.keepsData) return;
    const reason = 'The environment says that its data goes with its stacks.';
    acknowledge('AwsSolutions-RDS10', reason);
    acknowledge('NIST.800.53.R5-RDSInstanceDeletionProtectionEnabled', reason);
    acknowledge('cdk-validator-cfnguard::rds_cluster_deletion_protection_enabled_check', reason);
  }

  /** Fixed, since the name of its log group follows from it. */
  #identifier(): string {
    return `${prefixOf(this.#props.environment)}-database`;
  }

  #removalPolicy(): RemovalPolicy {
    return this.#props.environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  }
}
