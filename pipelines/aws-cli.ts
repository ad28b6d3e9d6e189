import { spawnSync } from 'node:child_process';

/** A command of the AWS CLI ended with an error; the message is what it printed. */
export class CommandError extends Error {
  override name = 'CommandError';
}

/**
 * What the AWS CLI answers to `aws <args> --output json`; undefined when it answers nothing. Its credentials and
 * region are those of the environment.
 * @throws {CommandError} when the CLI ends with an error.
 */
export function awsCli<T>(...args: readonly string[]): T {
  const { status, stdout, stderr, error } = spawnSync('aws', [...args, '--output', 'json'], {
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new CommandError(`aws ${args.slice(0, 2).join(' ')}: ${stderr.trim()}`);
  return (stdout.trim() === '' ? undefined : JSON.parse(stdout)) as T;
}

/** The same in the account and region of an environment, through the role that its build specification names. */
export function environmentCli<T>(...args: readonly string[]): T {
  return awsCli(...args, '--profile', 'environment');
}
