/** Writes `release/images.json`: the digest of every service's image. Ends with 1 when one of them must not be released. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { services } from '#stacks/services.ts';
import { imageTag } from './image-inputs.ts';
import { digestOf, quarantined, quarantineName, type ReleaseImages, signingFault } from './release-images.ts';

const digests = Object.fromEntries(
  Object.keys(services).map((service) => [service, digestOf(service, imageTag(process.cwd(), service))]),
);
const failures = quarantined();
const faults: string[] = [];
for (const [service, digest] of Object.entries(digests)) {
  const failure = failures.get(quarantineName(digest));
  const fault =
    failure === undefined ? await signingFault(service, digest) : `it is in quarantine: ${failure}`;
  if (fault !== undefined) faults.push(`${service} ${digest} is not released: ${fault}`);
}
if (faults.length === 0) {
  const images: ReleaseImages = { digests };
  mkdirSync('release', { recursive: true });
  writeFileSync('release/images.json', `${JSON.stringify(images, undefined, 2)}\n`);
  for (const [service, digest] of Object.entries(digests)) process.stdout.write(`${service} ${digest}\n`);
} else {
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = 1;
}
