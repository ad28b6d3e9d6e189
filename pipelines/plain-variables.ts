import type { BuildEnvironmentVariable } from 'aws-cdk-lib/aws-codebuild';

/** Variables of a build that everybody may read. */
export function plain(variables: Readonly<Record<string, string>>): Record<string, BuildEnvironmentVariable> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { value }]));
}
