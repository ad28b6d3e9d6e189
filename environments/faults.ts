import { regions } from './regions.ts';

/** One thing wrong with one field: what is wrong, and what mends it. */
export interface Fault {
  /** Path of the file, from the root of the repository. */
  readonly file: string;
  readonly field: string;
  readonly fault: string;
  readonly mend: string;
}

/** The configuration cannot be deployed; the message has a line for every fault. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

/** @throws {ConfigurationError} naming all faults at once, so that a configuration is mended in one go. */
export function refuse(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const lines = faults.map(({ file, field, fault, mend }) => `${file}: ${field}: ${fault}; ${mend}`);
  throw new ConfigurationError(lines.join('\n'));
}

type Place = Pick<Fault, 'file' | 'field'>;

export function accountFaults(place: Place, account: string, mend: string): Fault[] {
  if (/^\d{12}$/.test(account)) return [];
  const fault = account ? `${quoted(account)} is not a 12-digit AWS account id` : 'is missing';
  return [{ ...place, fault, mend }];
}

export function regionFaults(place: Place, region: string): Fault[] {
  if (regions.has(region)) return [];
  return [
    {
      ...place,
      fault: `${quoted(region)} is not an AWS region`,
      mend: 'put one of those in environments/regions.ts, such as eu-central-1',
    },
  ];
}

export function quoted(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}
