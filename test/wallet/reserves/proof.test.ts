import { createHash, randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultOf, joinNodes, type Leaf, type LeafProof, leafNode } from '#services/wallet/reserves/proof.ts';
import { buildTree, pathPlaces, type ReservesTree } from '#services/wallet/reserves/tree.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const seed = randomInt(2 ** 31);
const SUM_MAX = 2n ** 63n - 1n;

function leavesOf(count: number, random = seededRandom(count)): Leaf[] {
  return Array.from({ length: count }, (_, at) => ({
    asset: 'BTC',
    seq: 77,
    account: at + 1,
    amount: BigInt(1 + Math.floor(random() * 1e9)),
    salt: createHash('sha256').update(String(at)).digest('hex'),
  }));
}

function proofOf({ leaves, levels, root }: ReservesTree, index: number): LeafProof {
  const shown = ({ hash, sum }: { hash: string; sum: bigint }) => ({ hash, sum: String(sum) });
  const leaf = leaves[index]!;
  return {
    ...leaf,
    amount: String(leaf.amount),
    index,
    leaves: leaves.length,
    path: pathPlaces(index, leaves.length).map((place) => shown(levels[place.level]![place.index]!)),
    root: shown(root),
  };
}

describe('a proof', () => {
  it.each(Array.from({ length: 34 }, (_, at) => at + 1))('holds for every leaf of %i', (count) => {
    const leaves = leavesOf(count);
    const tree = buildTree(leaves);
    expect(tree.levels.at(-1)).toHaveLength(1);
    expect(tree.root.sum).toBe(leaves.reduce((total, { amount }) => total + amount, 0n));
    for (let index = 0; index < count; index++) expect(faultOf(proofOf(tree, index))).toBeNull();
  });

  it('is of a tree that is the same whatever the order of its leaves', () => {
    const leaves = leavesOf(21);
    expect(buildTree(leaves.toReversed())).toEqual(buildTree(leaves));
  });

  it('can be followed by hand', () => {
    const [a, b] = buildTree(leavesOf(2)).leaves as [Leaf, Leaf];
    const u64 = (value: bigint | number) => BigInt(value).toString(16).padStart(16, '0');
    const sha = (hex: string) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
    const leaf = ({ account, amount, salt }: Leaf) =>
      sha(`00${u64(3)}425443${u64(77)}${u64(account)}${u64(amount)}${salt}`);
    const top = sha(`01${leaf(a)}${u64(a.amount)}${leaf(b)}${u64(b.amount)}`);
    const sum = a.amount + b.amount;
    expect(buildTree([a, b]).root).toEqual({ hash: sha(`02${u64(2)}${top}${u64(sum)}`), sum });
  });

  const tree = buildTree(leavesOf(13));
  const index = 5;
  const proof = proofOf(tree, index);
  const withStep = (at: number, fields: object) => ({
    ...proof,
    path: proof.path.map((step, place) => (place === at ? { ...step, ...fields } : step)),
  });

  it.each([
    ['another amount', { amount: String(BigInt(proof.amount) + 1n) }, 'root: its sum is'],
    ['another account', { account: proof.account + 1 }, 'root: its hash is'],
    ['another asset', { asset: 'ETH' }, 'root: its hash is'],
    ['another moment', { seq: 78 }, 'root: its hash is'],
    ['another salt', { salt: 'ab'.repeat(32) }, 'root: its hash is'],
    ['another place', { index: 4 }, 'root: its hash is'],
    ['a place beyond the leaves', { index: 13 }, 'index: must be below leaves'],
    ['fewer leaves than there are', { leaves: 6 }, 'path: has 4 nodes, and leaf 5 of 6 needs 2'],
    ['one leaf more, which changes no path', { leaves: 14 }, 'root: its hash is'],
    ['more leaves than there are', { leaves: 17 }, 'path: has 4 nodes, which is too few'],
    ['a shorter path', { path: proof.path.slice(1) }, 'too few'],
    [
      'a longer path',
      { path: [...proof.path, proof.path[0]!] },
      'path: has 5 nodes, and leaf 5 of 13 needs 4',
    ],
    ['siblings swapped', { path: proof.path.toReversed() }, 'root: its hash is'],
    ['a negative amount', { amount: '-1' }, 'amount: must be digits'],
    ['an amount that is no whole number', { amount: '1.5' }, 'amount: must be digits'],
    ['an amount past 2^63', { amount: String(SUM_MAX + 1n) }, 'amount: must be digits'],
    ['an amount as a number', { amount: 5 as never }, 'amount: must be digits'],
    ['a smaller root', { root: { ...proof.root, sum: '1' } }, 'root: its sum is'],
    ['another root', { root: { ...proof.root, hash: '0'.repeat(64) } }, 'root: its hash is'],
    ['no root', { root: undefined as never }, 'root: must be a hash and a sum'],
    ['no path', { path: {} as never }, 'path: must be a list'],
  ])('fails with %s', (_, fields, fault) => {
    expect(faultOf({ ...proof, ...fields })).toContain(fault);
  });

  it('fails with a sibling whose sum is negative, overflows, or is smaller than hashed', () => {
    expect(faultOf(withStep(1, { sum: '-1' }))).toContain('path: must be a list of nodes');
    expect(faultOf(withStep(1, { sum: String(SUM_MAX) }))).toContain('makes the sum pass');
    expect(faultOf(withStep(1, { sum: String(2n ** 64n) }))).toContain('path: must be a list of nodes');
    expect(faultOf(withStep(1, { sum: '0' }))).toContain('root: its sum is');
    // The difference moved to another sibling, so that the total stays.
    const [first, second] = proof.path.map(({ sum }) => BigInt(sum)) as [bigint, bigint];
    const moved = withStep(0, { sum: String(first - 1n) });
    const path = moved.path.map((step, at) => (at === 1 ? { ...step, sum: String(second + 1n) } : step));
    expect(faultOf({ ...moved, path })).toContain('root: its hash is');
  });

  it('fails when a node is passed off as a leaf', () => {
    // The leaf's parent, one level up in a tree of half as many: its bytes would have to be a leaf's.
    const parent = tree.levels[1]![2]!;
    const half = { ...proof, index: 2, leaves: 7, path: proof.path.slice(1), amount: String(parent.sum) };
    expect(faultOf(half)).toContain('root: its hash is');
    const bytes = [tree.levels[0]![4]!, tree.levels[0]![5]!]
      .map(({ hash, sum }) => hash + sum.toString(16).padStart(16, '0'))
      .join('');
    const unmarked = createHash('sha256').update(Buffer.from(bytes, 'hex')).digest('hex');
    expect(parent.hash).not.toBe(unmarked);
    expect(parent.hash).toBe(
      createHash('sha256')
        .update(Buffer.from(`01${bytes}`, 'hex'))
        .digest('hex'),
    );
  });

  it('never throws and never holds after any change to it', () => {
    const names = Object.keys(proof) as (keyof LeafProof)[];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything(), (name, value) => {
        fc.pre(JSON.stringify(value) !== JSON.stringify(proof[name]));
        expect(typeof faultOf({ ...proof, [name]: value } as never)).toBe('string');
      }),
      { seed, numRuns: 2_000 },
    );
    for (const nothing of [null, undefined, 5, 'x', [], {}])
      expect(typeof faultOf(nothing as never)).toBe('string');
  });
});

describe('a tree', () => {
  const big = (amount: bigint, account: number): Leaf => ({ ...leavesOf(1)[0]!, amount, account });

  it('refuses sums past 2^63 − 1 and amounts below 0, rather than to wrap', () => {
    const tree = buildTree([big(SUM_MAX - 5n, 1), big(5n, 2)]);
    expect(tree.root.sum).toBe(SUM_MAX);
    expect(() => buildTree([big(SUM_MAX - 5n, 1), big(6n, 2)])).toThrow('is beyond');
    expect(() => leafNode(big(-1n, 1))).toThrow('out of range');
    expect(() => joinNodes({ hash: '', sum: -1n }, leafNode(big(1n, 1)))).toThrow('out of range');
  });

  it('tells apart names that run into numbers', () => {
    const [leaf] = leavesOf(1) as [Leaf];
    const hashes = ['BTC', 'BTC\0', ''].map((asset) => leafNode({ ...leaf, asset }).hash);
    expect(new Set(hashes).size).toBe(3);
  });
});
