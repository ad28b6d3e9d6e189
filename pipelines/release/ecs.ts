/** ECS's own deployments of one environment's services: blue/green behind a load balancer, else task by task. */
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentCli } from '../aws-cli.ts';
import type { Deployer } from './deployer.ts';

const PAUSE_MS = 10_000;
/**
 * A deployment shifts traffic for minutes, behind a network load balancer for half an hour, and keeps the old tasks for
 * an hour. One whose tasks never become healthy does not end by itself; 1,080 pauses are three hours.
 */
const PAUSES_MAX = 1_080;
/** A deployment is listed seconds after it was asked for; 30 looks are five minutes. */
const LOOKS_MAX = 30;
/** The clock here may be ahead of the one there. */
const CLOCK_SKEW_MS = 60_000;

interface Services {
  readonly services: readonly {
    readonly taskDefinition: string;
    readonly currentServiceRevisions?: readonly { readonly arn: string }[];
  }[];
}

interface Revisions {
  readonly serviceRevisions: readonly { readonly taskDefinition: string }[];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html */
interface ServiceDeployment {
  readonly serviceDeploymentArn: string;
  readonly createdAt: string | number;
  readonly status: string;
  readonly statusReason?: string;
  readonly lifecycleStage?: string;
  readonly rollback?: { readonly reason?: string };
  readonly alarms?: { readonly triggeredAlarmNames?: readonly string[] };
}

interface ServiceDeployments {
  readonly serviceDeployments: readonly ServiceDeployment[];
}

const failed: ReadonlySet<string> = new Set(['STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED']);

export const ecs: Deployer = {
  /** While two revisions run, a deployment is under way, and nobody knows which will stay. */
  running(prefix, service) {
    const { services } = environmentCli<Services>(
      'ecs',
      'describe-services',
      ...of(prefix, '--services', service),
    );
    const revisions = services[0]?.currentServiceRevisions ?? [];
    // Without any task, as in a pilot light, there is none.
    if (revisions.length === 0) return services[0]?.taskDefinition;
    if (revisions.length > 1) return undefined;
    const named = ['--service-revision-arns', revisions[0]!.arn];
    return environmentCli<Revisions>('ecs', 'describe-service-revisions', ...named).serviceRevisions[0]
      ?.taskDefinition;
  },

  /** @throws when none was listed after five minutes. */
  async begin({ prefix, service, taskDefinitionArn }) {
    const after = new Date(Date.now() - CLOCK_SKEW_MS).toISOString();
    // Forced: without it, nothing would begin that could be waited for when ECS takes it for what runs already.
    const change = ['--task-definition', taskDefinitionArn, '--force-new-deployment'];
    environmentCli('ecs', 'update-service', ...of(prefix, '--service', service), ...change);
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const { serviceDeployments } = environmentCli<ServiceDeployments>(
        'ecs',
        'list-service-deployments',
        ...of(prefix, '--service', service),
        ...['--created-at', `after=${after}`],
      );
      const newest = serviceDeployments.toSorted((one, other) =>
        one.createdAt < other.createdAt ? 1 : -1,
      )[0];
      if (newest !== undefined) return newest.serviceDeploymentArn;
      await sleep(PAUSE_MS);
    }
    throw new Error(`ECS began no deployment of ${service} in ${prefix}`);
  },

  async failure(deployment, tell) {
    let told = '';
    for (let pauses = 0; pauses < PAUSES_MAX; pauses++) {
      const { serviceDeployments } = environmentCli<ServiceDeployments>(
        'ecs',
        'describe-service-deployments',
        ...['--service-deployment-arns', deployment],
      );
      const { status, lifecycleStage, ...more } = serviceDeployments[0]!;
      const now = [status, lifecycleStage].filter(Boolean).join(', ');
      if (now !== told) tell(now);
      told = now;
      if (status === 'SUCCESSFUL') return undefined;
      if (failed.has(status)) return `${status}: ${reasonIn(more)}`;
      await sleep(PAUSE_MS);
    }
    const back = ['--service-deployment-arn', deployment, '--stop-type', 'ROLLBACK'];
    environmentCli('ecs', 'stop-service-deployment', ...back);
    return 'it did not end within three hours, and goes back';
  },
};

function of(prefix: string, option: string, service: string): string[] {
  return ['--cluster', prefix, option, service];
}

function reasonIn({ statusReason, rollback, alarms }: Partial<ServiceDeployment>): string {
  const rung = alarms?.triggeredAlarmNames ?? [];
  const reasons = [rollback?.reason ?? statusReason, rung.length > 0 && `alarms: ${rung.join(', ')}`];
  return reasons.filter(Boolean).join('; ') || 'no reason given';
}
