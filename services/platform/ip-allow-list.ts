/** The network addresses that an API key may be used from. */
import { BlockList, isIP } from 'node:net';

/** What makes an entry bad, or undefined: it is an address, or a network such as `192.0.2.0/24`. */
export function ipEntryFault(entry: string): string | undefined {
  const [address = '', prefix, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || address.includes('%'))
    return 'is no IP address or network, such as 192.0.2.7 or 2001:db8::/32';
  if (prefix === undefined) return undefined;
  const bitsMax = family === 4 ? 32 : 128;
  // A network of half the internet is no restriction, and most likely a mistake.
  const isPrefix = /^\d{1,3}$/.test(prefix) && Number(prefix) >= 8 && Number(prefix) <= bitsMax;
  return isPrefix ? undefined : `must have a prefix from /8 to /${bitsMax}`;
}

export class IpAllowList {
  readonly #list: BlockList | undefined;

  /** Entries without a fault (see {@link ipEntryFault}); none of them allow every address. */
  constructor(entries: readonly string[]) {
    if (entries.length === 0) return;
    this.#list = new BlockList();
    for (const entry of entries) {
      const [address, prefix] = entry.split('/') as [string, string | undefined];
      const family = familyOf(address);
      if (prefix === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(prefix), family);
    }
  }

  /** Whether there is an address that it does not allow. */
  get isRestricted(): boolean {
    return this.#list !== undefined;
  }

  /** An IPv4 address may come mapped into IPv6, as sockets of both families show it. */
  allows(address: string): boolean {
    if (this.#list === undefined) return true;
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return isIP(plain) !== 0 && this.#list.check(plain, familyOf(plain));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
