import { accountFaults, type Fault, mailFaults, quoted, refuse, regionFaults } from './faults.ts';

const providers = ['GitHub', 'GitLab', 'Bitbucket', 'CodeCommit'] as const;
export type Provider = (typeof providers)[number];

/** Where the pipeline itself lives and what it builds. */
export interface Delivery {
  /**
   * What every physical name begins with, and the folders of images, parameters and secrets: 2 to 9 lower-case letters
   * and digits. Chosen before the first deployment: changing it later makes everything anew.
   */
  readonly namePrefix: string;
  /** The 12-digit AWS account of the pipeline and the images: the tools account, which runs no exchange. */
  readonly account: string;
  readonly region: string;
  /** Who keeps the repository. */
  readonly provider: Provider;
  /** `owner/name`; of CodeCommit the name of a repository in the pipeline's account and region. */
  readonly repository: string;
  /** Every push to this branch is released. */
  readonly branch: string;
  /**
   * The CodeConnections connection to the provider; it is made by hand once, since its owner must consent. Empty for
   * CodeCommit, which needs none.
   */
  readonly connectionArn: string;
  /** Who is asked to approve a release. Each address must confirm once, by the mail that AWS sends to it. */
  readonly approverEmails: readonly string[];
  /** Whether the account gets groups of people: developers, DevOps, approvers. False where they come from elsewhere. */
  readonly people: boolean;
}

export const delivery: Delivery = {
  namePrefix: 'crossbook',
  account: '999999999999', // a placeholder: put your own
  region: 'eu-central-1',
  provider: 'GitHub',
  repository: 'example/crossbook', // a placeholder: put your fork
  branch: 'main',
  connectionArn: // a placeholder: put your own
    'arn:aws:codeconnections:eu-central-1:999999999999:connection/00000000-0000-0000-0000-000000000000',
  approverEmails: ['approvers@example.com'], // a placeholder: put your own
  people: true,
};

export const { namePrefix } = delivery;

/** The stack that is deployed by hand once, and by itself from then on. */
export const pipelineStackName = `${namePrefix}-pipeline`;

/** @throws {ConfigurationError} with file, field, fault and mend of everything that is wrong. */
export function checkDelivery(checked: Delivery): void {
  const file = 'environments/delivery.ts';
  refuse([
    ...accountFaults(
      { file, field: 'account' },
      checked.account,
      'put the account that the pipeline runs in',
    ),
    ...regionFaults({ file, field: 'region' }, checked.region),
    ...textFaults(checked, file),
    ...approverFaults(checked, file),
  ]);
}

function textFaults(checked: Delivery, file: string): Fault[] {
  const connected = checked.provider !== 'CodeCommit';
  const rules = [
    // Load balancers allow 32 characters for this, an environment and a service.
    ['namePrefix', /^[a-z][a-z0-9]{1,8}$/, 'put 2 to 9 lower-case letters and digits, such as acme'],
    ['provider', new RegExp(`^(${providers.join('|')})$`), `put one of ${providers.join(', ')}`],
    connected
      ? ['repository', /^[\w.-]+(\/[\w.-]+)+$/, 'put owner/name, as in the repository’s address']
      : ['repository', /^[\w.-]{1,100}$/, 'put the name of a repository of CodeCommit'],
    ['branch', /^[\w./-]+$/, 'put the branch to release, such as main'],
    connected
      ? [
          'connectionArn',
          /^arn:aws:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection\/[0-9a-f-]{36}$/,
          'put the ARN that the console shows under Developer Tools, Connections',
        ]
      : ['connectionArn', /^$/, 'put an empty text: CodeCommit needs no connection'],
  ] as const satisfies readonly (readonly [keyof Delivery, RegExp, string])[];
  return rules
    .filter(([field, pattern]) => !pattern.test(checked[field]))
    .map(([field, , mend]) => ({ file, field, fault: `${quoted(checked[field])} is malformed`, mend }));
}

function approverFaults({ approverEmails }: Delivery, file: string): Fault[] {
  const place = { file, field: 'approverEmails' };
  if (approverEmails.length === 0)
    return [{ ...place, fault: 'names nobody', mend: 'put who may approve a release to production' }];
  return mailFaults(place, approverEmails);
}
