/** All that a fork changes, as the files beside this folder say it. */
import { checkDelivery, type Delivery, delivery } from '../delivery.ts';
import { dev } from '../dev.ts';
import { dr } from '../dr.ts';
import { checkEnvironments, type Environment } from '../environment.ts';
import { ConfigurationError } from '../faults.ts';
import { prod } from '../prod.ts';
import { staging } from '../staging.ts';

export interface Configuration {
  readonly delivery: Delivery;
  readonly dev: Environment;
  readonly staging: Environment;
  readonly prod: Environment;
  readonly dr: Environment;
}

export const present: Configuration = { delivery, dev, staging, prod, dr };

/** The names of the files, without their ending. */
export const files = ['delivery', 'dev', 'staging', 'prod', 'dr'] as const;

export function pathOf(file: (typeof files)[number]): string {
  return `environments/${file}.ts`;
}

/** What `pipelines/app.ts` would refuse, each as `file: field: fault; mend`. */
export function faultsOf({ delivery, dev, staging, prod, dr }: Configuration): string[] {
  const checks = [() => checkDelivery(delivery), () => checkEnvironments([dev, staging, prod, dr])];
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return error.message.split('\n');
    }
  });
}
