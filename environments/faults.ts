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

/** Where a fault is. */
export type Place = Pick<Fault, 'file' | 'field'>;

/** The file of an environment, by its name. */
export function fileOf({ name }: { readonly name: string }): string {
  return `environments/${name}.ts`;
}

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

/** Of addresses that AWS writes to. */
export function mailFaults(place: Place, addresses: readonly string[]): Fault[] {
  return addresses
    .filter((address) => !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(address))
    .map((address) => ({
      ...place,
      fault: `${quoted(address)} is no mail address`,
      mend: 'put one such as team@example.com',
    }));
}

export function rangeFaults(place: Place, value: number, least: number, most: number): Fault[] {
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [
    { ...place, fault: `${value} is not a whole number from ${least} to ${most}`, mend: 'put one that is' },
  ];
}

export function quoted(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}
