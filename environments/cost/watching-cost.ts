import type { Environment } from '../environment.ts';
import { type Bill, count } from './bill.ts';
import { vCpus } from './instance-size.ts';
import { sum } from './money.ts';
import type { Tasks } from './tasks.ts';
import { assumptions, gb, hoursPerMonth, idle } from './use.ts';

/** About: those of `stacks/observability-stack.ts`, at the edge, and those that roll a release back. */
const alarms = { primary: 70, standby: 60 };

/** Database, cache, API keys, signing key, canary, and what CloudFront shows; those of a standby are copies. */
const secrets = { primary: 6, standby: 4 };

/** Of stores, logs and alarms, and of logs and alarms at the edge; of what is copied here, the trail, the recorder. */
function keysOf({ role, guards }: Environment): number {
  const more = [role === 'standby', guards.cloudTrail, guards.config];
  return 5 + more.filter(Boolean).length;
}

/** Alarms, logs and what is secret. */
export function addWatching(
  bill: Bill,
  environment: Environment,
  tasks: readonly Tasks[],
  orders: number,
): void {
  const { role } = environment;
  const keys = keysOf(environment);
  bill.fixed('keys', count(keys), ['keyMonth', keys]);
  bill.fixed('secrets', count(secrets[role]), ['secretMonth', secrets[role]]);
  const keyRequests = Math.ceil((orders * assumptions.keyRequestsPerThousand) / 1_000);
  bill.byUse('uses of keys', count(keyRequests), ['keyRequest', keyRequests]);
  bill.fixed(
    'alarms and dashboard',
    `${alarms[role]} alarms, ${tasks.length} composite`,
    ['alarmMonth', alarms[role]],
    ['compositeAlarmMonth', tasks.length],
    ['dashboardMonth', 1],
  );
  if (role === 'primary') {
    const runs = hoursPerMonth * 60;
    bill.fixed('canary', 'a run a minute', ['canaryRun', runs], ['lambdaRequest', runs]);
  }
  const running = tasks.filter(({ count }) => count > 0).length;
  const metrics = running * idle.metricsPerService;
  bill.byUse('metrics', count(metrics), ['metricMonth', metrics]);
  addLogs(bill, environment, orders);
}

function addLogs(bill: Bill, { role, logRetentionDays }: Environment, orders: number): void {
  // A standby's are those of a network in which nothing happens.
  const requests = role === 'primary' ? orders * assumptions.requests : 0;
  const written = idle.logGb + gb((requests * assumptions.logBytesPerRequest) / 1_000);
  const stored = Math.ceil((written * idle.logStoredPercent * logRetentionDays) / (100 * 30));
  bill.byUse(
    'logs',
    `${count(written)} GB, logRetentionDays ${logRetentionDays}`,
    ['logGbIn', written],
    ['logGbMonth', stored],
  );
  const traces = Math.ceil((requests * assumptions.tracesPerThousandRequests) / 1_000);
  bill.byUse('traces', count(traces), ['trace', traces]);
}

/** The guards of the account that charge: people, CloudTrail's first trail and Access Analyzer are free. */
export function addGuards(bill: Bill, environment: Environment, tasks: readonly Tasks[]): void {
  const { database, guards } = environment;
  if (guards.guardDuty) {
    const taskCpu = sum(tasks.map(({ size, count }) => count * size.cpu));
    bill.byUse(
      'GuardDuty',
      `${count(idle.guardDutyEvents)} events, ${idle.guardDutyFlowGb} GB`,
      ['guardDutyEvent', idle.guardDutyEvents],
      ['guardDutyFlowGb', idle.guardDutyFlowGb],
      ['guardDutyTaskCpuMonth', taskCpu, 1_024],
      ['guardDutyDatabaseCpuMonth', (1 + database.readers) * vCpus(database.instance)],
    );
  }
  if (guards.config)
    bill.byUse('AWS Config', `${count(idle.configItems)} changes`, ['configItem', idle.configItems]);
  if (guards.securityHub)
    bill.byUse('Security Hub', `${count(idle.securityHubChecks)} checks`, [
      'securityHubCheck',
      idle.securityHubChecks,
    ]);
}
