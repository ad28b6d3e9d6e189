/**
 * The four figures by which a team sees how well it delivers, from what the pipeline says of itself: how often it
 * deploys, how long a commit takes to get there, how often that fails, and how long mending takes.
 * https://dora.dev/guides/dora-metrics-four-keys/
 */

/** EventBridge's event of a stage of a pipeline, as far as it is read here. */
export interface StageEvent {
  /** When it happened, ISO 8601. */
  readonly time: string;
  readonly detail: {
    readonly 'execution-id': string;
    readonly stage: string;
    /** Such as `STARTED`, `SUCCEEDED`, `FAILED`. */
    readonly state: string;
  };
}

/** What is known beside the event. Times are milliseconds since 1970. */
export interface DeliveryRecord {
  /** When the commit was made that an execution releases. */
  committedAt(executionId: string): Promise<number>;
  /** Since when an environment's releases fail; undefined while they do not. */
  failingSince(environment: string): Promise<number | undefined>;
  setFailingSince(environment: string, at: number | undefined): Promise<void>;
}

export interface DeliveryMetrics {
  readonly Deployments?: 1;
  readonly FailedDeployments?: 1;
  /** From the commit to the environment, in milliseconds. */
  readonly LeadTime?: number;
  /** From the first release that failed to the next that did not, in milliseconds. */
  readonly TimeToRestore?: number;
}

/** What an event adds to the metrics of the environment that its stage is; undefined when it adds nothing. */
export async function metricsOf(
  { time, detail }: StageEvent,
  environments: readonly string[],
  record: DeliveryRecord,
): Promise<DeliveryMetrics | undefined> {
  const { stage, state, 'execution-id': executionId } = detail;
  if (!environments.includes(stage)) return undefined;
  const at = Date.parse(time);
  const failingSince = await record.failingSince(stage);
  if (state === 'FAILED') {
    // What fails again has been failing since the first time.
    if (failingSince === undefined) await record.setFailingSince(stage, at);
    return { FailedDeployments: 1 };
  }
  if (state !== 'SUCCEEDED') return undefined;
  const metrics = { Deployments: 1, LeadTime: at - (await record.committedAt(executionId)) } as const;
  if (failingSince === undefined) return metrics;
  await record.setFailingSince(stage, undefined);
  return { ...metrics, TimeToRestore: at - failingSince };
}
