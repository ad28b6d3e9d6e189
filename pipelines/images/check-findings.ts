/**
 * Ends with 1 when what the scan found forbids to release an image: `node check-findings.ts orders <tag>`.
 * It waits for the scan, which begins when the image is pushed.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { namePrefix } from '#environments/delivery.ts';
import { awsCli, CommandError } from '../aws-cli.ts';
import { reasonsAgainst, type Scan } from './findings.ts';

const PAUSE_MS = 5_000;
/** A scan takes seconds; 120 pauses are ten minutes. */
const PAUSES_MAX = 120;

const [service = '', tag = '', file = 'findings.json'] = process.argv.slice(2);

/** Undefined while the scan has not ended; before it has begun, the CLI ends with an error that says so. */
function scan(): Scan | undefined {
  try {
    const image = ['--repository-name', `${namePrefix}/${service}`, '--image-id', `imageTag=${tag}`];
    const found = awsCli<Scan>('ecr', 'describe-image-scan-findings', ...image);
    return ['PENDING', 'IN_PROGRESS'].includes(found.imageScanStatus.status) ? undefined : found;
  } catch (error) {
    if (error instanceof CommandError && error.message.includes('ScanNotFoundException')) return undefined;
    throw error;
  }
}

let found = scan();
for (let pauses = 0; found === undefined && pauses < PAUSES_MAX; pauses++) {
  await sleep(PAUSE_MS);
  found = scan();
}
const reasons =
  found === undefined ? [`no scan of ${service}:${tag} ended within ten minutes`] : reasonsAgainst(found);
if (found !== undefined) writeFileSync(file, JSON.stringify(found, undefined, 2));
for (const reason of reasons) process.stderr.write(`${reason}\n`);
if (reasons.length > 0) {
  process.stderr.write(
    `${service}:${tag} is not released. Mend what is named, in services/Dockerfile or package.json.\n`,
  );
  process.exitCode = 1;
}
