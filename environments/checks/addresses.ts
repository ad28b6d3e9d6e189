import { isPrivate, overlap, parseCidr } from '../cidr.ts';
import { type Fault, fileOf, quoted } from '../faults.ts';

interface Addressed {
  readonly name: string;
  readonly account: string;
  readonly vpcCidr: string;
}

export function cidrFaults(environment: Addressed): Fault[] {
  const cidr = parseCidr(environment.vpcCidr);
  if (cidr?.prefix === 16 && isPrivate(cidr)) return [];
  return [
    {
      file: fileOf(environment),
      field: 'vpcCidr',
      fault: `${quoted(environment.vpcCidr)} is not a private IPv4 /16`,
      mend: 'put one such as 10.40.0.0/16',
    },
  ];
}

/**
 * Networks with overlapping addresses can never be peered. Those of one account may want to be: a standby's with its
 * primary's above all. The later of two is at fault.
 */
export function overlapFaults(environment: Addressed, all: readonly Addressed[]): Fault[] {
  const earlier = all.slice(0, all.indexOf(environment));
  return earlier
    .filter((other) => other.account === environment.account && overlapping(environment, other))
    .map((other) => ({
      file: fileOf(environment),
      field: 'vpcCidr',
      fault: `${quoted(environment.vpcCidr)} overlaps with ${other.vpcCidr} of ${other.name}`,
      mend: 'put a /16 that no peer uses',
    }));
}

function overlapping(one: Addressed, other: Addressed): boolean {
  const [own, its] = [parseCidr(one.vpcCidr), parseCidr(other.vpcCidr)];
  return own !== undefined && its !== undefined && overlap(own, its);
}
