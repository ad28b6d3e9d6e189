import { afterAll, describe, expect, it } from '@jest/globals';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

afterAll(removeCheckouts);

/** npm's scripts have tests of their own: here is only in which order they are called, and what their failure does. */
const answers: readonly Answer[] = [{ to: 'npm test' }, { to: 'npm run synth' }];

describe('synthesis', () => {
  it('checks and tests before it synthesizes and looks at the policies', async () => {
    const { exitCode, calls } = await runBuildspec('synth.yml', {}, answers);
    expect(exitCode).toBe(0);
    expect(calls).toEqual(['npm test', 'npm run synth']);
  });

  it.each(answers.map(({ to }) => to))('ends the release when `%s` fails', async (failing) => {
    const { exitCode, calls } = await runBuildspec(
      'synth.yml',
      {},
      answers.map((answer) => (answer.to === failing ? { ...answer, error: 'red' } : answer)),
    );
    expect(exitCode).not.toBe(0);
    expect(calls.at(-1)).toBe(failing);
  });
});
