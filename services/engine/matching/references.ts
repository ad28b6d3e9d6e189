/** What is remembered of a reference, so that it counts once and its second use can be told from another one's. */
import type { CommandOf } from '#domain/commands.ts';

type Content<T> = Omit<T, 'type' | 'reference'>;

export interface Withdrawal extends Content<CommandOf<'holdWithdrawal'>> {
  readonly status: 'held' | 'settled' | 'released';
}

export type Transfer = Content<CommandOf<'transfer'>>;
