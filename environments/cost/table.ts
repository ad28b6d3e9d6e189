import type { Line } from './bill.ts';
import type { Estimate } from './estimate.ts';
import { formatDollars } from './money.ts';

/** An estimate for people: a table for each environment, and one of all. */
export function table({ environments, microDollars, ordersPerSecond, pricesDate }: Estimate): string {
  const parts = environments.map((cost) =>
    [
      `${cost.environment} (${cost.region})`,
      ...cost.lines.map(row),
      total(`${cost.environment} a month`, cost.microDollars),
    ].join('\n'),
  );
  const all = [
    'all environments',
    ...environments.map((cost) => amountRow(cost.environment, '', '', cost.microDollars)),
    total('all a month', microDollars),
  ].join('\n');
  return [...parts, all, notes(ordersPerSecond, pricesDate)].join('\n\n');
}

function row({ item, basis, kind, microDollars, isEstimate }: Line): string {
  const marks = `${kind === 'use' ? 'use ' : ''}${isEstimate ? '~' : ''}`;
  return amountRow(item, basis, marks, microDollars);
}

const widths = { item: 26, basis: 44, marks: 6, amount: 12 };

function amountRow(item: string, basis: string, marks: string, microDollars: number): string {
  const { item: first, basis: second, marks: third, amount } = widths;
  return `  ${item.padEnd(first)}${basis.padEnd(second)}${marks.padStart(third)}${formatDollars(microDollars).padStart(amount)}`;
}

function total(item: string, microDollars: number): string {
  const width = Object.values(widths).reduce((one, other) => one + other);
  return `  ${'-'.repeat(width)}\n${amountRow(item, '', '', microDollars)}`;
}

function notes(ordersPerSecond: number, pricesDate: string): string {
  return [
    `US dollars, on demand, without taxes, discounts and free tiers; prices as of ${pricesDate}.`,
    `use  rests on the assumptions in environments/cost/use.ts, at ${ordersPerSecond} orders a second (--load), of which`,
    '     an environment that does not keep its data gets a hundredth.',
    '~    an estimate: environments/cost/prices.ts says of each price where it is from.',
  ].join('\n');
}
