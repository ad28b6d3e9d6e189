/** Whether what the page shows is of now. */
import { byId, setText, within } from '../dom.ts';
import type { Connection, MarketStream } from '../exchange/market-stream.ts';

export function showConnection({ connection }: MarketStream): void {
  const line = byId('connection', HTMLParagraphElement);
  const show = () => {
    line.dataset.state = connection.value.state;
    // Whatever is stale looks so.
    document.body.dataset.market = connection.value.state;
    // Apart, so that nobody has the seconds counted aloud.
    setText(within(line, '[role=status]', HTMLSpanElement), names[connection.value.state]);
    setText(within(line, '.since', HTMLSpanElement), sinceText(connection.value));
  };
  connection.watch(show);
  setInterval(show, 1_000);
}

const names: Readonly<Record<Connection['state'], string>> = {
  connecting: 'Connecting …',
  live: 'Live',
  stale: 'Stale',
  waiting: 'Disconnected',
};

function sinceText(connection: Connection): string {
  if (connection.state === 'stale') return `nothing for ${secondsSince(connection.sinceMs)} s`;
  if (connection.state === 'waiting') return `again in ${Math.max(0, -secondsSince(connection.untilMs))} s`;
  return '';
}

function secondsSince(timeMs: number): number {
  return Math.round((Date.now() - timeMs) / 1_000);
}
