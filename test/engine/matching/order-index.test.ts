/** The table of open orders by their ids, where nothing is seen of it from outside: the room that it takes. */
import { expect, it } from '@jest/globals';
import { OrderIndex } from '#services/engine/matching/order-index.ts';

it('the order index takes no more room for orders that are gone, however many they were', () => {
  const index = new OrderIndex();
  const first = index.directory.length;
  for (let id = 1; id <= 200_000; id++) {
    index.set(id, 7);
    if (index.get(id) !== 7) throw new Error(`order ${id} is lost`);
    index.delete(id);
  }
  expect(index.directory.length).toBe(first);
  expect(index.usedPages).toBe(1);
});
