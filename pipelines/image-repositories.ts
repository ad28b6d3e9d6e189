import { RemovalPolicy } from 'aws-cdk-lib';
import { Repository, TagMutability, TagStatus } from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { services } from '#stacks/services.ts';

/** Untagged images are leftovers of interrupted pushes; nothing can refer to them for long. */
const untaggedImagesMax = 10;

/** One repository for each service's images, in the pipeline's account; the environments' accounts may pull. */
export class ImageRepositories extends Construct {
  constructor(scope: Construct, id: string, accounts: ReadonlySet<string>) {
    super(scope, id);
    for (const service of Object.keys(services)) {
      const repository = new Repository(this, service, {
        repositoryName: `crossbook/${service}`,
        imageTagMutability: TagMutability.IMMUTABLE,
        imageScanOnPush: true,
        removalPolicy: RemovalPolicy.RETAIN,
        lifecycleRules: [{ tagStatus: TagStatus.UNTAGGED, maxImageCount: untaggedImagesMax }],
      });
      for (const account of accounts) repository.grantPull(new AccountPrincipal(account));
    }
  }
}
