/**
 * Proof that an account's balance is in what the exchange says it owes. Stands alone, so that anybody can read and run
 * it without the rest (`docs/reserves.md` says it in words). `‖` joins bytes, `u64` is eight bytes with the highest
 * first, all hashes are SHA-256:
 *
 *   leaf = H(0x00 ‖ u64 length of asset ‖ asset ‖ u64 seq ‖ u64 account ‖ u64 amount ‖ 32 bytes of salt), sum = amount
 *   node = H(0x01 ‖ left hash ‖ u64 left sum ‖ right hash ‖ u64 right sum),                 sum = left sum + right sum
 *   root = H(0x02 ‖ u64 leaves ‖ top hash ‖ u64 top sum),                                              sum = top sum
 *
 * Leaves and nodes are paired from the left, level by level, up to the top; one without a partner goes up as it is. The
 * first byte keeps a node from being taken for a leaf; sums are part of what is hashed, and none may pass 2^63 − 1.
 */
import { createHash } from 'node:crypto';

/** Beyond every supply, and room to add two without a carry out of 64 bits. */
const SUM_MAX = 2n ** 63n - 1n;
const LEAVES_MAX = 2 ** 31;
const HASH = /^[0-9a-f]{64}$/;
const AMOUNT = /^\d{1,19}$/;

/** A hash in hex, and the sum of the amounts below it. */
export interface Node {
  readonly hash: string;
  readonly sum: bigint;
}

export interface Leaf {
  readonly asset: string;
  /** Of the last event that the balance takes in. */
  readonly seq: number;
  readonly account: number;
  /** In the asset's smallest units. */
  readonly amount: bigint;
  /** 32 random bytes in hex, known to the account's owner alone: nobody can try amounts until one fits. */
  readonly salt: string;
}

/** As it is handed out, in JSON: amounts and sums are texts of digits. */
export interface LeafProof {
  readonly asset: string;
  readonly seq: number;
  readonly account: number;
  readonly amount: string;
  readonly salt: string;
  /** The leaf's place, from 0. */
  readonly index: number;
  /** How many there are. */
  readonly leaves: number;
  /** The partner of each level where there is one, from the leaf on upwards. */
  readonly path: readonly { readonly hash: string; readonly sum: string }[];
  readonly root: { readonly hash: string; readonly sum: string };
}

export function leafNode({ asset, seq, account, amount, salt }: Leaf): Node {
  const name = Buffer.from(asset, 'utf8');
  const numbers = [BigInt(seq), BigInt(account), amount].map(u64);
  const hash = hashOf(0, u64(BigInt(name.length)), name, ...numbers, Buffer.from(salt, 'hex'));
  return { hash, sum: amount };
}

/** @throws {RangeError} when the sum does not fit. */
export function joinNodes(left: Node, right: Node): Node {
  const parts = [left, right].flatMap(({ hash, sum }) => [Buffer.from(hash, 'hex'), u64(sum)]);
  const sum = left.sum + right.sum;
  if (sum > SUM_MAX) throw new RangeError(`a sum of ${sum} is beyond ${SUM_MAX}`);
  return { hash: hashOf(1, ...parts), sum };
}

/** What is published: it stands for the number of leaves too, and so for each one's place. */
export function rootNode({ hash, sum }: Node, leaves: number): Node {
  return { hash: hashOf(2, u64(BigInt(leaves)), Buffer.from(hash, 'hex'), u64(sum)), sum };
}

/** What is wrong with a proof, or null when its leaf is under its root. Never throws, whatever it is given. */
export function faultOf(proof: LeafProof): string | null {
  const fault = shapeFault(proof);
  if (fault !== null) return fault;
  const { asset, seq, account, salt, index, leaves, path, root } = proof;
  let node = leafNode({ asset, seq, account, amount: BigInt(proof.amount), salt });
  let used = 0;
  for (let at = index, last = leaves - 1; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    // The last of a level, where it has no partner.
    if (at === last && at % 2 === 0) continue;
    const step = path[used++];
    if (step === undefined)
      return `path: has ${path.length} nodes, which is too few for leaf ${index} of ${leaves}`;
    const partner = { hash: step.hash, sum: BigInt(step.sum) };
    if (node.sum + partner.sum > SUM_MAX) return `path: node ${used - 1} makes the sum pass ${SUM_MAX}`;
    node = at % 2 === 0 ? joinNodes(node, partner) : joinNodes(partner, node);
  }
  if (used < path.length)
    return `path: has ${path.length} nodes, and leaf ${index} of ${leaves} needs ${used}`;
  node = rootNode(node, leaves);
  if (node.sum !== BigInt(root.sum))
    return `root: its sum is ${root.sum}, and what is proven sums to ${node.sum}`;
  if (node.hash !== root.hash) return `root: its hash is ${root.hash}, and what is proven has ${node.hash}`;
  return null;
}

function shapeFault(proof: LeafProof): string | null {
  if (typeof proof !== 'object' || proof === null) return 'proof: is no object';
  const { asset, seq, account, amount, salt, index, leaves, path, root } = proof;
  if (typeof asset !== 'string') return 'asset: must be a text';
  if (!Number.isSafeInteger(seq) || seq < 0) return 'seq: must be a whole number, 0 or above';
  if (!Number.isSafeInteger(account) || account < 0) return 'account: must be a whole number, 0 or above';
  if (!isAmount(amount)) return `amount: must be digits, at most ${SUM_MAX}`;
  if (!isHash(salt)) return 'salt: must be 64 hex digits';
  if (!(Number.isSafeInteger(leaves) && leaves >= 1 && leaves <= LEAVES_MAX))
    return 'leaves: must be from 1 to 2^31';
  if (!(Number.isSafeInteger(index) && index >= 0 && index < leaves)) return 'index: must be below leaves';
  if (!Array.isArray(path) || !path.every(isNode))
    return 'path: must be a list of nodes, each a hash and a sum';
  if (!isNode(root)) return 'root: must be a hash and a sum';
  return null;
}

function isNode(node: unknown): boolean {
  const { hash, sum } = (node ?? {}) as { hash?: unknown; sum?: unknown };
  return isHash(hash) && isAmount(sum);
}

function isHash(text: unknown): boolean {
  return typeof text === 'string' && HASH.test(text);
}

function isAmount(text: unknown): boolean {
  return typeof text === 'string' && AMOUNT.test(text) && BigInt(text) <= SUM_MAX;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function hashOf(prefix: number, ...parts: readonly Buffer[]): string {
  const hash = createHash('sha256').update(Buffer.of(prefix));
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
