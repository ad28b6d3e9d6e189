/** Digests that failed in an environment stand in the pipeline's Parameter Store: see `images/release-images.ts`. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Delivery, namePrefix } from '#environments/delivery.ts';

export function readQuarantine(delivery: Delivery): PolicyStatement {
  return new PolicyStatement({ actions: ['ssm:GetParametersByPath'], resources: [pathIn(delivery)] });
}

export function addToQuarantine(delivery: Delivery): PolicyStatement {
  return new PolicyStatement({ actions: ['ssm:PutParameter'], resources: [`${pathIn(delivery)}/*`] });
}

const pathIn = ({ account, region }: Delivery) =>
  `arn:aws:ssm:${region}:${account}:parameter/${namePrefix}/quarantine`;
