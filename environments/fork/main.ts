/**
 * `npm run fork`: asks whose accounts, regions, domains and repository these are, or takes them from flags, and writes them
 * into the files of `environments/`. It changes all of them or none.
 */
import { answered } from './answering.ts';
import { type CommandLine, parseCommandLine, usageOf } from './command-line.ts';
import { faultsOf, present } from './configuration.ts';
import { ForkError } from './fork-error.ts';
import { nextSteps } from './next-steps.ts';
import { questions } from './questions.ts';
import { changesTo, difference, writeChecked } from './source-files.ts';

const tell = (text: string) => void process.stdout.write(`${text}\n`);

async function fork({ answers, yes, dryRun }: CommandLine): Promise<void> {
  const wanted = await answered(questions, present, { given: answers, yes });
  const faults = faultsOf(wanted);
  if (faults.length > 0) throw new ForkError(['Nothing was changed:', ...faults].join('\n  '));
  const changes = changesTo(wanted);
  if (changes.length === 0) tell('Nothing is to be changed.');
  else if (dryRun) tell(difference(changes));
  else {
    writeChecked(changes, wanted);
    tell(`\nChanged ${changes.map(({ path }) => path).join(', ')}.`);
  }
  if (dryRun) return;
  tell(nextSteps(wanted));
}

try {
  const line = parseCommandLine(process.argv.slice(2), questions);
  if (line.help) tell(usageOf(questions));
  else await fork(line);
} catch (error) {
  if (!(error instanceof ForkError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
