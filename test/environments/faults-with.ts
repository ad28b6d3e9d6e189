import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { checkEnvironments, type Environment } from '#environments/environment.ts';
import { ConfigurationError } from '#environments/faults.ts';
import { allGuards, type Guards } from '#environments/guards.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';

/** The faults of the shipped environments after one of them is changed. */
export function faultsWith(changed: Environment, changes: Readonly<Record<string, unknown>>): string[] {
  const environments = [dev, staging, prod, dr].map((environment) =>
    environment === changed ? ({ ...environment, ...changes } as Environment) : environment,
  );
  return faultsOf(() => checkEnvironments(environments));
}

/** The lines of the {@link ConfigurationError} that a check ends with. */
export function faultsOf(check: () => void): string[] {
  try {
    check();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** Of an account that somebody else guards. */
export const noGuards = Object.fromEntries(Object.keys(allGuards).map((guard) => [guard, false])) as Record<
  keyof Guards,
  false
>;
