/**
 * Takes the tasks away that a drill has started, whatever became of it: `node scale-down.ts crossbook-dr`. It touches no
 * service that the drill did not: one that somebody needs keeps its tasks.
 */
import { raised } from './raised.ts';
import { Standby } from './standby.ts';

const [prefix = ''] = process.argv.slice(2);
const standby = new Standby(prefix);
for (const service of raised()) {
  try {
    standby.scale(service, 0);
    process.stdout.write(`${prefix} ${service}: no tasks again\n`);
  } catch (error) {
    process.stderr.write(`${prefix} ${service} keeps its task: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
