/** Whom limits are counted by: an IPv6 customer has a /64 at least, and could use another address for each guess. */
import { isIP } from 'node:net';

const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/** An IPv4 address as it is, of an IPv6 address its /64; what is neither comes back. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(plain) !== 6) return plain;
  const [head, tail] = plain.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = tail === undefined ? 0 : GROUPS - head!.length - tail.length;
  const groups = [...head!, ...Array<string>(zeros).fill('0'), ...(tail ?? [])];
  return groups
    .slice(0, GROUPS_OF_NETWORK)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
