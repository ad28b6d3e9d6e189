import { spawnSync } from 'node:child_process';
import { BootstrapError } from './command-line.ts';
import { type Profiles, profileArguments } from './credentials.ts';
import type { Step } from './plan.ts';

type Tell = (line: string) => void;

/** A step as a line that a shell understands. */
export function lineOf({ command, account }: Step, profiles: Profiles): string {
  return [...command, ...profileArguments(account, profiles)].map(inShell).join(' ');
}

/**
 * Runs one step after another; what a command prints, it prints here.
 * @throws {BootstrapError} at the first that fails. Those before it are done, and running them again changes nothing.
 */
export function runSteps(steps: readonly Step[], profiles: Profiles, tell: Tell): void {
  for (const [index, step] of steps.entries()) {
    const place = `${index + 1}/${steps.length}`;
    tell(`\n[${place}] ${step.title}\n  ${lineOf(step, profiles)}`);
    const failure = failureOf(step, profiles);
    if (failure !== undefined)
      throw new BootstrapError(
        `Step ${place} failed: ${failure}\n${step.mend}\nThen run this again: what is done is passed over.`,
      );
  }
}

function failureOf({ command, account }: Step, profiles: Profiles): string | undefined {
  const [program, ...args] = command;
  const { status, signal, error } = spawnSync(program, [...args, ...profileArguments(account, profiles)], {
    stdio: 'inherit',
  });
  if (error) return error.message;
  if (signal !== null) return `${program} was ended by ${signal}`;
  return status === 0 ? undefined : `${program} ended with ${status}`;
}

function inShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
