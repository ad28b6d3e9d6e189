/** Which image of each service a release is made of. */
import { setTimeout as sleep } from 'node:timers/promises';
import { namePrefix } from '#environments/delivery.ts';
import { awsCli } from '../aws-cli.ts';

const PAUSE_MS = 2_000;
/** Signing takes seconds; 60 pauses are two minutes. */
const PAUSES_MAX = 60;

/** By service; written once, as `images.json`, and deployed to every environment as it is. */
export interface ReleaseImages {
  /** `sha256:…` by the service's name. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Below it stands a parameter for each digest that failed in an environment: `…/sha256-…`. */
const quarantinePath = `/${namePrefix}/quarantine`;

/** How a digest is named where `:` is not allowed. */
export const quarantineName = (digest: string) => `${quarantinePath}/${digest.replace(':', '-')}`;

interface Images {
  readonly imageDetails: readonly { readonly imageDigest: string }[];
}

interface SigningStatus {
  /** `IN_PROGRESS`, `COMPLETE` or `FAILED`. */
  readonly status: string;
  readonly failureReason?: string;
}

interface Signing {
  readonly signingStatuses: readonly SigningStatus[];
}

interface Parameters {
  readonly Parameters: readonly { readonly Name: string; readonly Value: string }[];
}

/** The digest under which the image of `service` was pushed as `tag`. */
export function digestOf(service: string, tag: string): string {
  const name = ['--repository-name', `${namePrefix}/${service}`];
  const { imageDetails } = awsCli<Images>(
    'ecr',
    'describe-images',
    ...name,
    '--image-ids',
    `imageTag=${tag}`,
  );
  return imageDetails[0]!.imageDigest;
}

/** Why this image must not be released, or undefined: it is not signed. ECR signs what is pushed, a moment later. */
export async function signingFault(service: string, digest: string): Promise<string | undefined> {
  let statuses = signing(service, digest);
  for (let pauses = 0; pauses < PAUSES_MAX && statuses.some(isUnderWay); pauses++) {
    await sleep(PAUSE_MS);
    statuses = signing(service, digest);
  }
  if (statuses.length === 0) return 'nobody signed it';
  const unsigned = statuses.find(({ status }) => status !== 'COMPLETE');
  return unsigned && `its signing is ${unsigned.status}: ${unsigned.failureReason ?? 'no reason given'}`;
}

const isUnderWay = ({ status }: SigningStatus) => status === 'IN_PROGRESS';

function signing(service: string, digest: string): readonly SigningStatus[] {
  const image = ['--repository-name', `${namePrefix}/${service}`, '--image-id', `imageDigest=${digest}`];
  return awsCli<Signing>('ecr', 'describe-image-signing-status', ...image).signingStatuses;
}

/** The digests that failed in an environment before, each with why. */
export function quarantined(): ReadonlyMap<string, string> {
  const { Parameters } = awsCli<Parameters>('ssm', 'get-parameters-by-path', '--path', quarantinePath);
  return new Map(Parameters.map(({ Name, Value }) => [Name, Value]));
}
