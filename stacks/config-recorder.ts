import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnConfigurationRecorder, CfnDeliveryChannel } from 'aws-cdk-lib/aws-config';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { AuditBucket } from './audit-bucket.ts';
import { recordKey } from './record-key.ts';

/** AWS Config: how every resource of the account in this region is set up, and was. */
export class ConfigRecorder extends Construct {
  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const key = recordKey(this, 'Key', {
      name: `${prefixOf(environment)}-config`,
      description: `What AWS Config records of ${prefixOf(environment)}`,
      removalPolicy: environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const { bucket } = new AuditBucket(this, 'Records', environment, key);
    const role = this.#role();
    this.#letWrite(role, bucket, key);
    const recorder = new CfnConfigurationRecorder(this, 'Recorder', {
      roleArn: role.roleArn,
      recordingGroup: {
        allSupported: true,
        // Users and roles are the account's: one region records them for all.
        includeGlobalResourceTypes: environment.role === 'primary',
      },
    });
    // Neither waits for the other: Config starts a recorder only with a channel, and takes a channel only with a
    // recorder, so CloudFormation has to make both at once. https://github.com/aws/aws-cdk/issues/3577
    const channel = new CfnDeliveryChannel(this, 'Channel', {
      s3BucketName: bucket.bucketName,
      s3KmsKeyArn: key.keyArn,
      configSnapshotDeliveryProperties: { deliveryFrequency: 'TwentyFour_Hours' },
    });
    for (const resource of [recorder, channel]) resource.node.addDependency(bucket.policy!, role);
  }
  #role(): Role {
    const { account } = Stack.of(this);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('config.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWS_ConfigRole')],
    });
    acknowledge(
      role,
      'It reads how resources are set up; AWS adds to it what each new kind of resource needs.',
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWS_ConfigRole]',
    );
    return role;
  }

  /** https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html */
  #letWrite(role: Role, bucket: Bucket, key: Key): void {
    const allow = (actions: string[], resource: string, conditions = {}) =>
      bucket.addToResourcePolicy(
        new PolicyStatement({ principals: [role], actions, resources: [resource], conditions }),
      );
    allow(['s3:GetBucketAcl', 's3:ListBucket'], bucket.bucketArn);
    const records = bucket.arnForObjects(`AWSLogs/${Stack.of(this).account}/Config/*`);
    allow(['s3:PutObject'], records, { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } });
    role.addToPolicy(
      new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
    );
  }
}
