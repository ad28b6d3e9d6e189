import { readFileSync } from 'node:fs';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { delivery } from '#environments/delivery.ts';
import type { Environment } from '#environments/environment.ts';
import { ExchangeStage } from '#stacks/exchange-stage.ts';
import type { ServiceTable } from '#stacks/services.ts';

// The library takes a stack trace for each construct, and Jest asks for a hundred frames of each.
Error.stackTraceLimit = 10;

/**
 * An app with the feature flags of `cdk.json`, which decide what the constructs become. It bundles the functions' code of
 * these stacks alone, by default of none: templates are the same but for the code's hash, in half the time.
 */
export function appWithFlags(bundlingStacks: readonly string[] = []): App {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  return new App({ context: { ...context, 'aws:cdk:bundling-stacks': bundlingStacks } });
}

/** The templates of one environment's stacks. */
export function synthesize(
  environment: Environment,
  peer?: Environment,
  services?: ServiceTable,
): Record<'network' | 'data' | 'balancing' | 'services', Template> {
  const stage = new ExchangeStage(appWithFlags(), { environment, peer, registry: delivery, services });
  const templateOf = (id: string) => Template.fromStack(stage.node.findChild(id) as Stack);
  return {
    network: templateOf('Network'),
    data: templateOf('Data'),
    balancing: templateOf('Balancing'),
    services: templateOf('Services'),
  };
}

/** The properties of all resources of a type, as CloudFormation gets them. */
export function propertiesOf(template: Template, type: string) {
  return Object.values(template.findResources(type)).map(({ Properties }) => Properties);
}
