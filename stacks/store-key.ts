import { RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';

/** The key of an environment's `what`: a new one each year, the old ones kept for what they encrypted. */
export function storeKey(scope: Construct, environment: Environment, what: 'stores' | 'replicas'): Key {
  const prefix = prefixOf(environment);
  const key = new Key(scope, 'Key', {
    alias: `${prefix}-${what}`,
    description: `The ${what} of ${prefix}`,
    enableKeyRotation: true,
    // What is kept must stay readable.
    removalPolicy: environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  key.addToResourcePolicy(grantsForServicesOnly());
  return key;
}

/** A grant gives the key to others without a trace in any policy: only Aurora and its like may ask for one. */
function grantsForServicesOnly(): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['kms:CreateGrant'],
    resources: ['*'], // in a key's own policy: this key
    conditions: {
      BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' },
    },
  });
}
