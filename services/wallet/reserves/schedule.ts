/** Publishes a report whenever one is due, whichever process looks first. */
import type { Log } from '#platform/log.ts';
import { type PublishDeps, publishWhenDue } from './publish.ts';

/** So often within the time between two reports it is looked whether one is due. */
const LOOKS = 24;

export interface ReservesSchedule {
  /** Waits for the report under way. */
  close(): Promise<void>;
}

export function scheduleReserves(
  deps: PublishDeps,
  { everyMs, log }: { readonly everyMs: number; readonly log: Log },
): ReservesSchedule {
  let underWay: Promise<void> | undefined;
  const look = async () => {
    try {
      const seq = await publishWhenDue(deps, everyMs);
      if (seq !== undefined) log.info({ seq }, 'published a report of the reserves');
    } catch (error) {
      log.error({ err: error }, 'could not publish a report of the reserves');
    }
  };
  const timer = setInterval(() => {
    underWay ??= look().finally(() => {
      underWay = undefined;
    });
  }, everyMs / LOOKS).unref();
  return {
    close: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
