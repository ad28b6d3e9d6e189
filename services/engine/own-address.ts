/** Where others reach this task. */
import { z } from 'zod';

const METADATA_TIMEOUT_MS = 2_000;
const taskSchema = z.object({
  Networks: z.array(z.object({ IPv4Addresses: z.array(z.string()).nonempty() })).nonempty(),
});

/**
 * The configured host, else the address that ECS gave the task, else this machine's own.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
 */
export async function ownHost(configured: string, metadataUrl: string): Promise<string> {
  if (configured !== '') return configured;
  if (metadataUrl === '') return '127.0.0.1';
  const response = await fetch(metadataUrl, { signal: AbortSignal.timeout(METADATA_TIMEOUT_MS) });
  return taskSchema.parse(await response.json()).Networks[0]!.IPv4Addresses[0]!;
}
