/** The CloudFront distribution of an environment, and what it answers. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentCli } from '../aws-cli.ts';
import { digestOf, INDEX, type WebRelease } from './web-release.ts';

const PAUSE_MS = 5_000;
/** An invalidation takes a minute or two; 120 pauses are ten minutes. */
const PAUSES_MAX = 120;
const TIMEOUT_MS = 10_000;
/** An edge that was asked a moment before may still hold the last answer. */
const TRIES = 5;
const RETRY_MS = 2_000;

interface Invalidation {
  readonly Invalidation: { readonly Id: string; readonly Status: string };
}

/** The page is the one file whose name stays; every path of the screen is answered with it. */
export async function forgetIndex(distribution: string): Promise<void> {
  const id = ['--distribution-id', distribution];
  const batch = { CallerReference: randomUUID(), Paths: { Quantity: 1, Items: [`/${INDEX}`] } };
  const begun = environmentCli<Invalidation>(
    'cloudfront',
    'create-invalidation',
    ...id,
    ...['--invalidation-batch', JSON.stringify(batch)],
  );
  for (let pauses = 0; pauses < PAUSES_MAX; pauses++) {
    const { Invalidation } = environmentCli<Invalidation>(
      'cloudfront',
      'get-invalidation',
      ...id,
      ...['--id', begun.Invalidation.Id],
    );
    if (Invalidation.Status === 'Completed') return;
    await sleep(PAUSE_MS);
  }
  throw new Error(`the invalidation ${begun.Invalidation.Id} did not end within ten minutes`);
}

/** Why somebody who opens the pages now would not get this release, whole; undefined when they would. */
export async function servedFault(url: string, { files }: WebRelease): Promise<string | undefined> {
  for (const [path, { digest, contentType }] of files) {
    // As a person asks for it.
    const asked = path === INDEX ? '/' : `/${path}`;
    let fault = await fileFault(url + asked, digest, contentType);
    for (let tries = 1; tries < TRIES && fault !== undefined; tries++) {
      await sleep(RETRY_MS);
      fault = await fileFault(url + asked, digest, contentType);
    }
    if (fault !== undefined) return `${asked} ${fault}`;
  }
  return undefined;
}

async function fileFault(url: string, digest: string, contentType: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) return `is answered with ${response.status}`;
    const type = response.headers.get('content-type');
    if (type !== contentType) return `is served as ${type}, and is ${contentType}`;
    if (!response.headers.has('content-security-policy')) return 'comes without a Content-Security-Policy';
    const found = digestOf(await response.bytes());
    return found === digest ? undefined : `is ${found}, and the release says ${digest}`;
  } catch (cause) {
    return `is not answered: ${(cause as Error).message}`;
  }
}
