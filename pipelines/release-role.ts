import { type Environment, prefixOf } from '#environments/environment.ts';

/**
 * The role through which the pipeline writes an environment's images and starts its deployments. It is made by
 * `npm run bootstrap`, so the pipeline itself never needs a right in another account to make it.
 */
export function releaseRoleArn(environment: Environment): string {
  return `arn:aws:iam::${environment.account}:role/${prefixOf(environment)}-release`;
}
