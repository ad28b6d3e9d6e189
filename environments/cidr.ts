/** A block of IPv4 addresses: from `first` on, 2^(32 − `prefix`) of them. */
export interface Cidr {
  /** The lowest address, as a number from 0 to 2^32 − 1. */
  readonly first: number;
  /** Leading bits that all addresses of the block share, 0 to 32. */
  readonly prefix: number;
}

/** Parses `a.b.c.d/n`; undefined when it is malformed or has bits set below the prefix (`10.1.0.0/8`). */
export function parseCidr(text: string): Cidr | undefined {
  const [, address, bits] = /^(\d+(?:\.\d+){3})\/(\d+)$/.exec(text) ?? [];
  const octets = address?.split('.').map(Number) ?? [];
  const prefix = Number(bits);
  if (octets.length !== 4 || octets.some((octet) => octet > 255)) return;
  if (prefix > 32) return;
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return first % sizeOf(prefix) === 0 ? { first, prefix } : undefined;
}

/** Two blocks overlap when they share an address: one then contains the other's first. */
export function overlap(one: Cidr, other: Cidr): boolean {
  return contains(one, other.first) || contains(other, one.first);
}

/** Whether a block lies in the addresses that RFC 1918 reserves for private networks. */
export function isPrivate(block: Cidr): boolean {
  return privateBlocks.some((reserved) => block.prefix >= reserved.prefix && contains(reserved, block.first));
}

/** RFC 1918, section 3. */
const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((text) => parseCidr(text)!);

function contains(block: Cidr, address: number): boolean {
  return address >= block.first && address < block.first + sizeOf(block.prefix);
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}
