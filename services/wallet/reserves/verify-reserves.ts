/**
 * `npm run verify-reserves -- proof.json [report.json]`: whether your balance is in what the exchange says it owes.
 * Needs this file and `proof.ts` alone. With the report, which everybody sees, it is also compared with that.
 */
import { readFile } from 'node:fs/promises';
import { faultOf, type LeafProof } from './proof.ts';

interface PublishedRoot {
  readonly asset: string;
  readonly leaves: number;
  readonly root: LeafProof['root'];
}

const [proofFile, reportFile] = process.argv.slice(2);
if (proofFile === undefined) {
  process.stderr.write('Say which file has the proof: npm run verify-reserves -- proof.json [report.json]\n');
  process.exit(2);
}
const { proofs } = (await readJson(proofFile)) as { proofs?: LeafProof[] };
const report =
  reportFile === undefined
    ? undefined
    : ((await readJson(reportFile)) as { seq?: number; assets?: PublishedRoot[] });
if (!Array.isArray(proofs) || proofs.length === 0) {
  process.stderr.write(`${proofFile}: has no proofs in it: nothing is said to be yours.\n`);
  process.exit(1);
}
let isGood = true;
for (const proof of proofs) {
  const fault = faultOf(proof) ?? publishedFault(proof);
  isGood &&= fault === null;
  const what = `${proof?.asset} of account ${proof?.account} at sequence ${proof?.seq}`;
  process.stdout.write(
    fault === null
      ? `good  ${what}: ${proof.amount} units are in ${proof.root.sum}, root ${proof.root.hash}\n`
      : `BAD   ${what}: ${fault}\n`,
  );
}
process.exitCode = isGood ? 0 : 1;

/** Why it is not what everybody is told; null without a report. */
function publishedFault({ asset, seq, leaves, root }: LeafProof): string | null {
  if (report === undefined) return null;
  if (report.seq !== seq) return `the report is of sequence ${report.seq}`;
  const published = report.assets?.find((one) => one.asset === asset);
  if (published === undefined) return 'the report does not have this asset';
  const isSame =
    published.leaves === leaves && published.root.hash === root.hash && published.root.sum === root.sum;
  return isSame ? null : `the report has the root ${published.root.hash} with ${published.root.sum}`;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as unknown) ?? {};
  } catch (error) {
    process.stderr.write(
      `${file}: cannot be read as JSON: ${error instanceof Error ? error.message : error}\n`,
    );
    process.exit(2);
  }
}
