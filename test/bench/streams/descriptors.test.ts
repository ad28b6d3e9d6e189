import { expect, it } from '@jest/globals';
import { lackOfDescriptors } from './descriptors.ts';

it('refuses more clients than a process may have connections, and says how many it may, before anything is begun', () => {
  expect(lackOfDescriptors(900, 1_024)).toBeUndefined();
  expect(lackOfDescriptors(5_000, Number.POSITIVE_INFINITY)).toBeUndefined();
  expect(lackOfDescriptors(5_000, 1_024)).toMatch(
    /^5000 clients need 5100 .*1024 are allowed: .*ulimit -n 5100.*--clients 924\)$/,
  );
  // As this machine has it.
  expect(lackOfDescriptors(1)).toBeUndefined();
  expect(lackOfDescriptors(1e12)).toContain('file descriptors');
});
