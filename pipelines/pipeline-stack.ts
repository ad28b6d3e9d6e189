import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ComputeType, LinuxArmBuildImage } from 'aws-cdk-lib/aws-codebuild';
import { PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { CodePipeline, CodePipelineSource, ManualApprovalStep, ShellStep } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import type { Delivery } from '#environments/delivery.ts';
import type { Environment } from '#environments/environment.ts';
import { ExchangeStage } from '#stacks/exchange-stage.ts';
import manifest from '../package.json' with { type: 'json' };
import { ImageRepositories } from './image-repositories.ts';

/** The program that publishes files which stacks deploy; only the pipeline runs it, so it is no dependency. */
const cdkAssetsCliVersion = '4.7.3';

export interface PipelineStackProps {
  readonly delivery: Delivery;
  readonly dev: Environment;
  readonly staging: Environment;
  readonly prod: Environment;
  readonly dr: Environment;
}

/** From a push to every environment: the pipeline, which updates itself first. */
export class PipelineStack extends Stack {
  readonly #delivery: Delivery;

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    const { delivery, dev, staging, prod, dr } = props;
    const { account, region } = delivery;
    super(scope, id, { env: { account, region } });
    this.#delivery = delivery;

    const accounts = [dev, staging, prod, dr].map((at) => at.account);
    new ImageRepositories(this, 'Images', new Set(accounts));

    const pipeline = this.#selfMutatingPipeline();
    pipeline.addStage(this.#exchange(dev));
    pipeline.addStage(this.#exchange(staging));
    pipeline.addStage(this.#exchange(prod), { pre: [approval(prod)] });
    pipeline.addStage(this.#exchange(dr), { pre: [approval(dr)] });
  }

  #selfMutatingPipeline(): CodePipeline {
    return new CodePipeline(this, 'Pipeline', {
      pipelineName: 'crossbook',
      pipelineType: PipelineType.V2,
      synth: this.#synth(),
      // Unpinned, each would be whatever its registry calls latest on the day.
      cliVersion: manifest.devDependencies['aws-cdk'],
      cdkAssetsCliVersion,
      crossAccountKeys: true,
      enableKeyRotation: true,
      artifactBucket: this.#artifactBucket(),
      role: this.#role(),
      usePipelineRoleForActions: true,
      codeBuildDefaults: {
        buildEnvironment: {
          buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_4_0,
          computeType: ComputeType.LARGE,
        },
        timeout: Duration.minutes(30),
      },
    });
  }

  /** Checks and tests come before synthesis: what they refuse reaches no environment. */
  #synth(): ShellStep {
    const { repository, branch, connectionArn } = this.#delivery;
    return new ShellStep('Synth', {
      input: CodePipelineSource.connection(repository, branch, {
        connectionArn,
      }),
      installCommands: ['npm ci'],
      commands: ['npm test', 'npm run synth'],
    });
  }

  #exchange(environment: Environment): ExchangeStage {
    return new ExchangeStage(this, environment, this.#delivery);
  }

  #artifactBucket(): Bucket {
    return new Bucket(this, 'Artifacts', {
      encryption: BucketEncryption.KMS,
      encryptionKey: new Key(this, 'ArtifactsKey', {
        description: 'Artifacts of the pipeline',
        enableKeyRotation: true,
      }),
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ expiration: Duration.days(90), noncurrentVersionExpiration: Duration.days(7) }],
    });
  }

  /** The construct grants the connection's old name; the service asks for the new one, or the old, by provider. */
  #role(): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codepipeline.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['codeconnections:UseConnection', 'codestar-connections:UseConnection'],
        resources: [this.#delivery.connectionArn],
      }),
    );
    return role;
  }
}

function approval({ name, account, region }: Environment): ManualApprovalStep {
  return new ManualApprovalStep(`approve-${name}`, {
    comment: `Release to ${name}: account ${account}, ${region}`,
  });
}
