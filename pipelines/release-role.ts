import { type Environment, prefixOf } from '#environments/environment.ts';

/**
 * The role through which the pipeline writes an environment's images and starts its deployments. It is made by
 * `npm run bootstrap`, so the pipeline itself never needs a right in another account to make it.
 */
export function releaseRoleArn(environment: Environment): string {
  return `arn:aws:iam::${environment.account}:role/${prefixOf(environment)}-release`;
}

/** The role through which a drill looks at a primary, and starts tasks in its standby; made by `npm run bootstrap` too. */
export function drillRoleArn(standby: Environment): string {
  return `arn:aws:iam::${standby.account}:role/${prefixOf(standby)}-drill`;
}
