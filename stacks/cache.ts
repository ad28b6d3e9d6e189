import { Validations } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  CfnParameterGroup,
  CfnReplicationGroup,
  CfnSubnetGroup,
  CfnUser,
  CfnUserGroup,
} from 'aws-cdk-lib/aws-elasticache';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { CacheSize } from '#environments/store-size.ts';

const engine = 'valkey';
const engineVersion = '9.1';
export const cacheUser = 'services';
/** Losing it loses nothing; two weeks are for finding out what was in it. */
const snapshotDays = 15;

export interface CacheProps {
  readonly environment: Environment;
  readonly size: CacheSize;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  readonly key: IKey;
}

/** Valkey in cluster mode, encrypted on disk and on the wire. It holds the limits and the feed, which can be lost. */
export class Cache extends Construct {
  /** Where a client asks for the shards. */
  readonly endpoint: string;
  readonly port = 6379;
  /** `username` and `password`. */
  readonly secret: ISecret;
  readonly #props: CacheProps;

  constructor(scope: Construct, id: string, props: CacheProps) {
    super(scope, id);
    this.#props = props;
    this.secret = this.#secret();
    this.endpoint = this.#cluster(this.#users()).attrConfigurationEndPointAddress;
  }

  #cluster(users: CfnUserGroup): CfnReplicationGroup {
    const { environment, size, securityGroup, key } = this.#props;
    const group = new CfnReplicationGroup(this, 'Cluster', {
      replicationGroupDescription: `Limits and feed of ${prefixOf(environment)}`,
      engine,
      engineVersion,
      port: this.port,
      cacheNodeType: `cache.${size.node}`,
      numNodeGroups: size.shards,
      replicasPerNodeGroup: size.replicas,
      automaticFailoverEnabled: true, // cluster mode demands it, even where there is no replica to fail over to
      multiAzEnabled: size.replicas > 0,
      cacheParameterGroupName: this.#parameters().ref,
      cacheSubnetGroupName: this.#subnets().ref,
      securityGroupIds: [securityGroup.securityGroupId],
      userGroupIds: [users.ref],
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      kmsKeyId: key.keyArn,
      snapshotRetentionLimit: snapshotDays,
      snapshotWindow: '01:00-02:00',
      preferredMaintenanceWindow: 'sun:04:30-sun:05:30',
      autoMinorVersionUpgrade: true,
    });
    this.#acknowledge(group);
    return group;
  }

  #acknowledge(group: CfnReplicationGroup): void {
    Validations.of(group).acknowledge({
      id: 'AwsSolutions-AEC6',
      reason:
        'A user with a password of its own and rights of its own stands in for the one password of all.',
    });
    if (this.#props.size.replicas > 0) return;
    Validations.of(group).acknowledge({
      id: 'AwsSolutions-AEC4',
      reason: 'The environment has no replicas, to cost less; what the cache holds can be lost.',
    });
  }

  /** Services may use their own keys and channels, and no command that could harm the others or the cluster. */
  #users(): CfnUserGroup {
    const services = this.#user(
      'Services',
      cacheUser,
      'on ~crossbook:* &crossbook:* +@all -@admin -@dangerous',
    );
    // Anyone who names no user is this one: it may not log in, and could do nothing.
    const nobody = this.#user('Nobody', 'default', 'off -@all');
    return new CfnUserGroup(this, 'Users', {
      engine,
      userGroupId: prefixOf(this.#props.environment),
      userIds: [services.ref, nobody.ref],
    });
  }

  #user(id: string, userName: string, accessString: string): CfnUser {
    return new CfnUser(this, id, {
      engine,
      userId: `${prefixOf(this.#props.environment)}-${id.toLowerCase()}`,
      userName,
      accessString,
      // A reference that CloudFormation resolves: the password is in no template.
      passwords: [this.secret.secretValueFromJson('password').unsafeUnwrap()],
    });
  }

  #secret(): ISecret {
    const secret = new Secret(this, 'Secret', {
      description: `Login of ${prefixOf(this.#props.environment)} to Valkey`,
      encryptionKey: this.#props.key,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: cacheUser }),
        generateStringKey: 'password',
        passwordLength: 64,
        excludePunctuation: true, // it goes into URLs
      },
    });
    for (const id of ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'])
      Validations.of(secret).acknowledge({
        id,
        reason: 'ElastiCache takes a new password by deployment only; this one opens nothing that is kept.',
      });
    return secret;
  }

  #parameters(): CfnParameterGroup {
    return new CfnParameterGroup(this, 'Parameters', {
      cacheParameterGroupFamily: 'valkey9',
      description: `Valkey of ${prefixOf(this.#props.environment)}`,
      properties: {
        'cluster-enabled': 'yes',
        'maxmemory-policy': 'volatile-ttl', // without room, what would soon be forgotten goes first
      },
    });
  }

  #subnets(): CfnSubnetGroup {
    const { vpc, environment } = this.#props;
    return new CfnSubnetGroup(this, 'Subnets', {
      description: `Stores of ${prefixOf(environment)}`,
      subnetIds: vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_ISOLATED }).subnetIds,
    });
  }
}
