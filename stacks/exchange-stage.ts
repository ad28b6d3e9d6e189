import { Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { refuse } from '#environments/faults.ts';
import { BalancingStack } from './balancing-stack.ts';
import { NetworkStack } from './network-stack.ts';
import type { ImageRegistry } from './service-task.ts';
import { services } from './services.ts';
import { ServicesStack } from './services-stack.ts';

/** One environment: these stacks, in this order. */
export class ExchangeStage extends Stage {
  /** @throws {ConfigurationError} when the environment sizes a service that does not exist. */
  constructor(scope: Construct, environment: Environment, registry: ImageRegistry) {
    const { name, account, region } = environment;
    super(scope, name, { env: { account, region } });
    checkTaskSizes(environment);
    const prefix = prefixOf(environment);

    const { vpc, securityGroups } = new NetworkStack(this, 'Network', {
      stackName: `${prefix}-network`,
      environment,
    });
    const balancing = new BalancingStack(this, 'Balancing', {
      stackName: `${prefix}-balancing`,
      environment,
      vpc,
      securityGroup: securityGroups.alb,
    });
    new ServicesStack(this, 'Services', {
      stackName: `${prefix}-services`,
      environment,
      vpc,
      securityGroups,
      balancing,
      registry,
    });
  }
}

function checkTaskSizes({ name, taskSizes = {} }: Environment): void {
  const unknown = Object.keys(taskSizes).filter((service) => !(service in services));
  refuse(
    unknown.map((service) => ({
      file: `environments/${name}.ts`,
      field: `taskSizes.${service}`,
      fault: 'is no service',
      mend: `put one of ${Object.keys(services).join(', ')}`,
    })),
  );
}
