import { services } from '#stacks/services.ts';
import { deployerOf } from '../release/deployer-of.ts';
import { imageOf, taskDefinition } from '../release/task-definition.ts';

/** The digest that each service of an environment runs, or would run had it tasks; `nothing` where it has none. */
export function runningDigests(prefix: string): Record<string, string> {
  return Object.fromEntries(Object.keys(services).map((service) => [service, digestOf(prefix, service)]));
}

function digestOf(prefix: string, service: string): string {
  const running = deployerOf(service).running(prefix, service);
  const image = running === undefined ? undefined : imageOf(service, taskDefinition(running));
  return image?.split('@')[1] ?? 'nothing';
}

/** What a standby would run otherwise than its primary does; empty when it is the same. */
export function digestsApart(
  primary: Readonly<Record<string, string>>,
  standby: Readonly<Record<string, string>>,
): string[] {
  return Object.keys(primary)
    .filter((service) => primary[service] !== standby[service])
    .map(
      (service) => `${service} is ${standby[service] ?? 'nothing'}, and ${primary[service]} at the primary`,
    );
}
