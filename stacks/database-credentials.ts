import assert from 'node:assert/strict';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Credentials, DatabaseSecret } from 'aws-cdk-lib/aws-rds';
import { HostedRotation, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { namePrefix } from '#environments/delivery.ts';
import type { Environment } from '#environments/environment.ts';

export const databaseUser = 'crossbook';
/** Characters that mean something in a URL or a shell. */
const excludeCharacters = ' %+~`#$&*()|[]{}:;<>?!\'/@"\\^=,';

export interface DatabaseCredentialsProps {
  readonly environment: Environment;
  readonly peer?: Environment;
  readonly key: IKey;
  /** Encrypts the copy in the peer's region. */
  readonly replicaKey?: IKey;
}

/**
 * Who logs in to PostgreSQL. Aurora cannot manage the password of a Global Database itself, so the primary makes a
 * secret and Secrets Manager keeps a copy of it, under the same name, in the standby's region.
 */
export class DatabaseCredentials extends Construct {
  readonly secret: ISecret;

  constructor(scope: Construct, id: string, props: DatabaseCredentialsProps) {
    super(scope, id);
    this.secret = props.environment.role === 'primary' ? this.#made(props) : this.#replica(props);
  }

  /** As a cluster wants them. */
  get credentials(): Credentials {
    return Credentials.fromSecret(this.secret, databaseUser);
  }

  /** A standby's cluster takes them from its primary; these satisfy the construct, which the caller strips of them. */
  get inherited(): Credentials {
    return Credentials.fromPassword(databaseUser, this.secret.secretValueFromJson('password'));
  }

  /** Once a month, by the function that Secrets Manager keeps for it; it connects with `securityGroup`. */
  rotate(attached: ISecret, vpc: IVpc, securityGroup: ISecurityGroup): void {
    attached.addRotationSchedule('Rotation', {
      automaticallyAfter: Duration.days(30),
      hostedRotation: HostedRotation.postgreSqlSingleUser({
        vpc,
        vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        securityGroups: [securityGroup],
        excludeCharacters,
      }),
    });
  }

  #made({ environment, peer, key, replicaKey }: DatabaseCredentialsProps): ISecret {
    const secret = new DatabaseSecret(this, 'Secret', {
      secretName: nameOf(environment),
      username: databaseUser,
      excludeCharacters,
      encryptionKey: key,
      replicaRegions: peer && [{ region: peer.region, encryptionKey: replicaKey }],
    });
    if (environment.keepsData) secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return secret;
  }

  #replica({ peer }: DatabaseCredentialsProps): ISecret {
    assert(peer, 'a standby has a primary');
    return Secret.fromSecretNameV2(this, 'Secret', nameOf(peer));
  }
}

function nameOf({ name }: Environment): string {
  return `${namePrefix}/${name}/database`;
}
