import { type Fault, fileOf, quoted } from '../faults.ts';

interface Paired {
  readonly name: string;
  readonly role: 'primary' | 'standby';
  /** Of a standby: its primary's name. */
  readonly standbyFor?: string;
  readonly account: string;
  readonly region: string;
  readonly domain: string;
  readonly keepsData: boolean;
}

/** What a standby must have in common with its primary, and what not. */
export function standbyFaults(environment: Paired, all: readonly Paired[]): Fault[] {
  if (environment.role !== 'standby') return [];
  const file = fileOf(environment);
  const primary = all.find(({ name, role }) => name === environment.standbyFor && role === 'primary');
  if (!primary)
    return [
      {
        file,
        field: 'standbyFor',
        fault: `${quoted(environment.standbyFor)} is not a primary environment`,
        mend: 'put the name of the one it takes over from',
      },
    ];
  return pairFaults(environment, primary).map((fault) => ({ file, ...fault }));
}

function pairFaults(standby: Paired, primary: Paired): Omit<Fault, 'file'>[] {
  const faults: Omit<Fault, 'file'>[] = [];
  if (standby.region === primary.region)
    faults.push({
      field: 'region',
      fault: `${quoted(standby.region)} is the region of ${primary.name} too`,
      mend: 'put another region, which does not fail with it',
    });
  if (standby.account !== primary.account)
    faults.push({
      field: 'account',
      fault: `${quoted(standby.account)} is not ${primary.account} of ${primary.name}, and neither Aurora nor DynamoDB copies into another`,
      mend: `put the account of ${primary.name}`,
    });
  if (standby.domain !== primary.domain)
    faults.push({
      field: 'domain',
      fault: `${quoted(standby.domain)} is not ${primary.domain} of ${primary.name}, which it takes over`,
      mend: `put the domain of ${primary.name}`,
    });
  if (primary.keepsData && !standby.keepsData)
    faults.push({
      field: 'keepsData',
      fault: `${primary.name} keeps its data, and this is its copy`,
      mend: 'put true',
    });
  return faults;
}
