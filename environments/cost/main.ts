/** What each environment costs a month, before anything is deployed: `npm run cost -- --help`. */
import { parseArgs } from 'node:util';
import { services } from '#stacks/services.ts';
import { dev } from '../dev.ts';
import { dr } from '../dr.ts';
import { ConfigurationError } from '../faults.ts';
import { prod } from '../prod.ts';
import { staging } from '../staging.ts';
import { estimate } from './estimate.ts';
import { table } from './table.ts';

const ordersPerSecondMax = 1_000_000;
const help = `npm run cost -- [--load <orders per second>] [--json]

What each environment costs a month, from environments/*.ts and the list prices in environments/cost/prices.ts.

  --load <number>  orders a second, a whole number from 0 to ${ordersPerSecondMax}; 10 unless given
  --json           amounts in millionths of a dollar, for programs
  --help           this text
`;

/** The command line is not understood; the help says what would be. */
class UsageError extends Error {
  override name = 'UsageError';
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        load: { type: 'string', default: '10' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function loadOf(text: string): number {
  const load = Number(text);
  if (/^\d+$/.test(text) && load <= ordersPerSecondMax) return load;
  throw new UsageError(`--load ${text}: is not a whole number from 0 to ${ordersPerSecondMax}`);
}

function run(): string {
  const { load, json, help: isHelp } = options();
  if (isHelp) return help;
  const result = estimate([dev, staging, prod, dr], services, loadOf(load));
  return `${json ? JSON.stringify(result, undefined, 2) : table(result)}\n`;
}

try {
  process.stdout.write(run());
} catch (error) {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${help}`);
  else if (error instanceof ConfigurationError) process.stderr.write(`${error.message}\n`);
  else throw error;
  process.exitCode = 1;
}
