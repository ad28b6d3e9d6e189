/** The Merkle-sum tree over the balances of one asset. Pure; `proof.ts` says what is hashed, and verifies. */
import assert from 'node:assert/strict';
import { joinNodes, type Leaf, leafNode, type Node, rootNode } from './proof.ts';

export interface ReservesTree {
  /** In the order of their hashes, which are salted: a place says nothing about whose it is. */
  readonly leaves: readonly Leaf[];
  /** From the leaves up to the top, which is alone in the last. */
  readonly levels: readonly (readonly Node[])[];
  readonly root: Node;
}

/** Where a node stands in {@link ReservesTree.levels}. */
export interface NodePlace {
  readonly level: number;
  readonly index: number;
}

/** The same leaves make the same tree, whatever their order. There has to be one, and no amount may be below 0. */
export function buildTree(given: readonly Leaf[]): ReservesTree {
  assert(given.length > 0, 'a tree has a leaf');
  const hashed = given
    .map((leaf) => ({ leaf, node: leafNode(leaf) }))
    .sort((a, b) => (a.node.hash < b.node.hash ? -1 : 1));
  const levels: Node[][] = [hashed.map(({ node }) => node)];
  for (let below = levels[0]!; below.length > 1; below = levels.at(-1)!) {
    const level: Node[] = [];
    for (let at = 0; at < below.length; at += 2) {
      const [left, right] = [below[at]!, below[at + 1]];
      level.push(right === undefined ? left : joinNodes(left, right));
    }
    levels.push(level);
  }
  const root = rootNode(levels.at(-1)![0]!, hashed.length);
  return { leaves: hashed.map(({ leaf }) => leaf), levels, root };
}

/** The partners of a leaf and of what it goes up into, from the leaf on upwards. */
export function pathPlaces(leafIndex: number, leaves: number): NodePlace[] {
  const places: NodePlace[] = [];
  for (let level = 0, index = leafIndex, last = leaves - 1; last > 0; level++) {
    const partner = index % 2 === 0 ? index + 1 : index - 1;
    if (partner <= last) places.push({ level, index: partner });
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  return places;
}
