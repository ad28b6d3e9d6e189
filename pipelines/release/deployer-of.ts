import { services } from '#stacks/services.ts';
import { codeDeploy } from './code-deploy.ts';
import type { Deployer } from './deployer.ts';
import { ecs } from './ecs.ts';

/** Who deploys a service, by the table of services. */
export function deployerOf(service: string): Deployer {
  return services[service]?.deployment === 'codedeploy' ? codeDeploy : ecs;
}
