import { parseArgs } from 'node:util';

/** How `npm run bootstrap` was called. */
export interface CommandLine {
  /** Only these environments, or `tools`; all when empty. */
  readonly names: readonly string[];
  /** Of the AWS CLI, by account. */
  readonly profiles: ReadonlyMap<string, string>;
  /** Print the steps, and nothing else. */
  readonly print: boolean;
  /** Somebody has agreed already. */
  readonly yes: boolean;
  /** Releases may change permission boundaries, until this is run again without. */
  readonly unlockBoundaries: boolean;
  readonly help: boolean;
}

/** It cannot be done as asked; the message says why, and what to do. */
export class BootstrapError extends Error {
  override name = 'BootstrapError';
}

export const usage = `npm run bootstrap -- [--print] [--yes] [--unlock-boundaries] [--environment <name>]… [--profile <account>=<profile>]…

  --print        print the commands and run none
  --yes          do not ask
  --environment  only what this environment needs; tools for the pipeline's account
  --unlock-boundaries
                 let releases change permission boundaries, until this is run again without it
  --profile      the AWS CLI's profile for an account; for others the current credentials are used`;

/** @throws {BootstrapError} when an argument is unknown or malformed. */
export function parseCommandLine(args: readonly string[], namesKnown: readonly string[]): CommandLine {
  const { environment: names, profile, 'unlock-boundaries': unlockBoundaries, ...flags } = valuesOf(args);
  for (const name of names)
    if (!namesKnown.includes(name))
      throw new BootstrapError(`--environment ${name}: is none of ${namesKnown.join(', ')}`);
  return { ...flags, names, profiles: new Map(profile.map(profileOf)), unlockBoundaries };
}

function valuesOf(args: readonly string[]) {
  const several = { type: 'string', multiple: true, default: [] as string[] } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    environment: several,
    profile: several,
    print: flag,
    yes: flag,
    'unlock-boundaries': flag,
    help: flag,
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new BootstrapError(`${error instanceof Error ? error.message : error}\n\n${usage}`, {
      cause: error,
    });
  }
}

function profileOf(value: string): [string, string] {
  const [, account, profile] = /^(\d{12})=(.+)$/.exec(value) ?? [];
  if (account === undefined || profile === undefined)
    throw new BootstrapError(`--profile ${value}: put a 12-digit account, "=" and the name of its profile`);
  return [account, profile];
}
