/** What `--from` says, and how far a rebuild is, in a line. */
import { RebuildError } from './rebuild.ts';

const usage = `npm run rebuild -- --from <sequence>
  --from 0            empties orders, trades, klines and history, and builds them from the whole journal
  --from <sequence>   adds what is missing after it`;

/** @throws {RebuildError} */
export function readFrom(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text))
    throw new RebuildError(`--from: must be a sequence, 0 or above\n\n${usage}`);
  return Number(text);
}

/** Tells of the first, the last, and one each `everyMs` between. */
export function progressLines(print: (line: string) => unknown, everyMs = 1_000) {
  const begunMs = performance.now();
  let toldMs = Number.NEGATIVE_INFINITY;
  let begunAt: number | undefined;
  return (seq: number, to: number) => {
    const nowMs = performance.now();
    begunAt ??= seq;
    if (seq < to && nowMs - toldMs < everyMs) return;
    toldMs = nowMs;
    const perSecond = Math.round((seq - begunAt) / Math.max(0.001, (nowMs - begunMs) / 1_000));
    const percent = Math.min(100, Math.floor((100 * seq) / to));
    print(
      `${seq.toLocaleString('en')} of ${to.toLocaleString('en')} commands (${percent} %), ${perSecond.toLocaleString('en')} a second`,
    );
  };
}
