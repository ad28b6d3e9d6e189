/** Amounts as text: what the exchange says is shown digit by digit, and never goes through a float. */

/** How many decimals a step such as `0.010000` needs: 2. */
export function decimalsOf(step: string): number {
  return (step.split('.')[1] ?? '').replace(/0+$/, '').length;
}

/**
 * A plain decimal with its thousands apart, and `decimals` decimals; what goes beyond is cut off, since less than there is
 * misleads nobody. `shown('65000.129999', 2)` is `65,000.12`.
 */
export function shown(text: string, decimals: number): string {
  const [whole = '', fraction = ''] = text.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return decimals === 0 ? grouped : `${grouped}.${fraction.slice(0, decimals).padEnd(decimals, '0')}`;
}

/** Without the zeros at the end: `0.50000000` is `0.5`. */
export function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Exact, with its thousands apart and no more decimals than it needs. */
export function readable(text: string): string {
  const short = trimmed(text);
  return shown(short, short.split('.')[1]?.length ?? 0);
}

/** Whether a plain decimal is zero, whatever its length. */
export function isZero(text: string): boolean {
  return /^-?[0.]*$/.test(text);
}

/** A change in percent, such as `-1.204`, with its sign and two decimals. */
export function signedPercent(text: string): string {
  const cut = shown(text, 2);
  return isZero(cut) ? '0.00%' : `${cut.startsWith('-') ? '−' : '+'}${cut.replace('-', '')}%`;
}

/** Whether a change rose, fell, or neither: a class of the style sheet. */
export function direction(change: string): 'up' | 'down' | '' {
  if (isZero(change)) return '';
  return change.startsWith('-') ? 'down' : 'up';
}

/** The time of day on this machine's clock. */
export function timeOfDay(timeMs: number): string {
  return new Date(timeMs).toLocaleTimeString('en-GB');
}

/** Day and time on this machine's clock. */
export function dayAndTime(timeMs: number): string {
  const day = new Date(timeMs).toLocaleDateString('en-GB', { day: '2-digit', month: 'short' });
  return `${day} ${timeOfDay(timeMs)}`;
}
