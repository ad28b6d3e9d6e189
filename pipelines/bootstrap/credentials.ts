import { awsCli, CommandError } from '../aws-cli.ts';
import { BootstrapError } from './command-line.ts';

/** The credentials for an account: those of a profile of the AWS CLI, or the current ones. */
export type Profiles = ReadonlyMap<string, string>;

export function profileArguments(account: string, profiles: Profiles): string[] {
  const profile = profiles.get(account);
  return profile === undefined ? [] : ['--profile', profile];
}

/**
 * Nothing is run in an account that is not the one that is meant.
 * @throws {BootstrapError} that names every account without its credentials, and what to put.
 */
export function checkCredentials(accounts: ReadonlySet<string>, profiles: Profiles): void {
  const faults = [...accounts].flatMap((account) => {
    const fault = faultOf(account, profiles);
    return fault === undefined ? [] : [`${account}: ${fault}`];
  });
  if (faults.length > 0) throw new BootstrapError(['Nothing was run.', ...faults].join('\n'));
}

function faultOf(account: string, profiles: Profiles): string | undefined {
  const profile = profiles.get(account);
  const what = profile === undefined ? 'the current credentials are' : `the profile ${profile} is`;
  const mend = `give its profile: --profile ${account}=<profile>`;
  try {
    const { Account } = awsCli<{ Account: string }>(
      'sts',
      'get-caller-identity',
      ...profileArguments(account, profiles),
    );
    return Account === account ? undefined : `${what} of the account ${Account}; ${mend}`;
  } catch (error) {
    if (isMissing(error)) return 'the AWS CLI is not installed; see https://aws.amazon.com/cli';
    if (!(error instanceof CommandError)) throw error;
    return `${what} not accepted (${error.message}); ${mend}`;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
