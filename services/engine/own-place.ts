/** Where a task is, and which release it belongs to, as ECS tells it. */
import { z } from 'zod';

const METADATA_TIMEOUT_MS = 2_000;
const containerSchema = z.object({
  Networks: z.array(z.object({ IPv4Addresses: z.array(z.string()).nonempty() })).nonempty(),
  Labels: z.object({ 'com.amazonaws.ecs.task-definition-version': z.string() }),
});

export interface Place {
  /** The address at which clients and other engines reach the task. */
  readonly host: string;
  /** Names the release: each registers a task definition of its own. */
  readonly deployment: string;
}

interface Configured {
  readonly HOST: string;
  readonly DEPLOYMENT: string;
  readonly ECS_CONTAINER_METADATA_URI_V4: string;
}

/**
 * What is configured, else what ECS says, else this machine.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
 */
export async function ownPlace(configured: Configured): Promise<Place> {
  const { HOST: host, DEPLOYMENT: deployment, ECS_CONTAINER_METADATA_URI_V4: metadataUrl } = configured;
  if (metadataUrl === '') return { host: host || '127.0.0.1', deployment: deployment || 'local' };
  if (host !== '' && deployment !== '') return { host, deployment };
  const response = await fetch(metadataUrl, { signal: AbortSignal.timeout(METADATA_TIMEOUT_MS) });
  const { Networks, Labels } = containerSchema.parse(await response.json());
  return {
    host: host || Networks[0]!.IPv4Addresses[0]!,
    deployment: deployment || Labels['com.amazonaws.ecs.task-definition-version'],
  };
}
