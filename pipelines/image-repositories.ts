import { RemovalPolicy } from 'aws-cdk-lib';
import {
  CfnRegistryScanningConfiguration,
  CfnSigningConfiguration,
  Repository,
  RepositoryEncryption,
  TagMutability,
  TagStatus,
} from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Platform, SigningProfile } from 'aws-cdk-lib/aws-signer';
import { Construct } from 'constructs';
import { namePrefix } from '#environments/delivery.ts';
import { services } from '#stacks/services.ts';

/** Untagged images are leftovers of interrupted pushes; nothing can refer to them for long. */
const untaggedImagesMax = 10;
/** Of each service: enough to go back for months, and far below the 20,000 that a repository may hold. */
const imagesMax = 500;

const pushActions = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
  'ecr:BatchGetImage',
  'ecr:DescribeImages',
  'ecr:DescribeImageScanFindings',
];

/**
 * One repository for each service's images, and for each kind of image beside them, in the pipeline's account; the environments' accounts may pull. What is
 * pushed cannot be replaced, is signed, and is scanned for as long as it is there.
 */
export class ImageRepositories extends Construct {
  readonly #repositories = new Map<string, Repository>();
  readonly #signing: SigningProfile;

  constructor(
    scope: Construct,
    id: string,
    { accounts, others }: { readonly accounts: ReadonlySet<string>; readonly others: readonly string[] },
  ) {
    super(scope, id);
    for (const name of [...Object.keys(services), ...others])
      this.#repositories.set(name, this.#repository(name, accounts));
    this.#signing = this.#sign();
    this.#scan();
  }

  /** What the build of an image may do, and to its own repository only. */
  pushStatements(name: string): PolicyStatement[] {
    return [
      // Logging in has no resource to name.
      new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
      new PolicyStatement({
        actions: pushActions,
        resources: [this.#repositories.get(name)!.repositoryArn],
      }),
      new PolicyStatement({
        actions: ['signer:SignPayload'],
        resources: [this.#signing.signingProfileArn],
      }),
    ];
  }

  /** To see what was pushed, and whether it is signed. */
  readStatement(): PolicyStatement {
    return new PolicyStatement({
      actions: ['ecr:DescribeImages', 'ecr:DescribeImageSigningStatus'],
      resources: [...this.#repositories.values()].map(({ repositoryArn }) => repositoryArn),
    });
  }

  #repository(name: string, accounts: ReadonlySet<string>): Repository {
    const repository = new Repository(this, name, {
      repositoryName: `${namePrefix}/${name}`,
      imageTagMutability: TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      encryption: RepositoryEncryption.KMS,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { rulePriority: 1, tagStatus: TagStatus.UNTAGGED, maxImageCount: untaggedImagesMax },
        { rulePriority: 2, tagStatus: TagStatus.ANY, maxImageCount: imagesMax },
      ],
    });
    for (const account of accounts) repository.grantPull(new AccountPrincipal(account));
    return repository;
  }

  /** ECR signs what is pushed, as whoever pushes it. https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html */
  #sign(): SigningProfile {
    const profile = new SigningProfile(this, 'Signing', { platform: Platform.NOTATION_OCI_SHA384_ECDSA });
    new CfnSigningConfiguration(this, 'SigningConfiguration', {
      rules: [
        {
          signingProfileArn: profile.signingProfileArn,
          repositoryFilters: [{ filter: `${namePrefix}/*`, filterType: 'WILDCARD_MATCH' }],
        },
      ],
    });
    return profile;
  }

  /** By Amazon Inspector, which knows npm's packages too, and looks again whenever a vulnerability becomes known. */
  #scan(): void {
    new CfnRegistryScanningConfiguration(this, 'Scanning', {
      scanType: 'ENHANCED',
      rules: [
        {
          scanFrequency: 'CONTINUOUS_SCAN',
          repositoryFilters: [{ filter: `${namePrefix}/*`, filterType: 'WILDCARD' }],
        },
      ],
    });
  }
}
