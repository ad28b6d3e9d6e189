/** What ECS asks of a release that it deploys itself, and is told. */
import type { Log } from '#platform/log.ts';
import { faultOf } from './check.ts';
import type { Release } from './config.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html */
export interface EcsEvent {
  readonly executionDetails: {
    /** `arn:aws:ecs:<region>:<account>:service/<cluster>/<service>`. */
    readonly serviceArn: string;
    readonly targetServiceRevisionArn?: string;
  };
}

export interface EcsAnswer {
  /** With `FAILED`, or without an answer, ECS rolls back. */
  readonly hookStatus: 'SUCCEEDED' | 'FAILED';
}

export interface EcsHookOptions {
  /** By cluster and service, as `crossbook-dev-orders`. */
  readonly releases: Readonly<Record<string, Release>>;
  readonly log: Log;
}

/** Checks the release of the service that `event` names. */
export async function answerEcs(
  { executionDetails: { serviceArn, targetServiceRevisionArn } }: EcsEvent,
  { releases, log }: EcsHookOptions,
): Promise<EcsAnswer> {
  const [, cluster, service] = serviceArn.split('/');
  const name = `${cluster}-${service}`;
  const release = releases[name];
  const fault = release === undefined ? `${name} is no service that it knows` : await faultOf(release);
  if (fault === undefined) log.info({ targetServiceRevisionArn }, 'the release may go on');
  else log.error({ targetServiceRevisionArn, fault }, 'the release is refused');
  return { hookStatus: fault === undefined ? 'SUCCEEDED' : 'FAILED' };
}
