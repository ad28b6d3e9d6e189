/**
 * A blue/green deployment of engine and orders on one machine: green starts beside blue, is looked at, gets the engine's
 * traffic at once and a tenth of the orders', then all, and is promoted, or rolled back when an alarm rings.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { LEADER_PATH, type LeaderView, readLeaderView } from '#platform/engine-protocol.ts';
import { ANSWERS_MIN, alarmOf, percentile, WINDOW_MS } from './alarms.ts';
import type { HttpBalancer } from './http-balancer.ts';
import type { Side } from './side.ts';
import { startTask, type Task } from './task.ts';
import type { TcpBalancer } from './tcp-balancer.ts';

const CANARY_PERCENT = 10;
const START_TIMEOUT_MS = 30_000;
const LEAD_TIMEOUT_MS = 10_000;
const WATCH_PAUSE_MS = 250;

export interface Stage {
  /** Where each side's build lies. */
  readonly folders: Readonly<Record<Side, string>>;
  readonly logFolder: string;
  readonly engineBalancer: TcpBalancer;
  readonly ordersBalancer: HttpBalancer;
  /** How long each step is watched before the next. */
  readonly bakeMs: number;
  readonly engineVariables: Readonly<Record<string, string>>;
  readonly ordersVariables: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

interface Tasks {
  readonly engine: Task;
  readonly orders: Task;
}

/** Why green went; undefined when it stays. */
export type Outcome = { readonly promoted: true } | { readonly promoted: false; readonly because: string };

class Alarm extends Error {}

export class Rehearsal {
  readonly #stage: Stage;
  readonly #tasks: Partial<Record<Side, Tasks>> = {};

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Starts blue and sends it all traffic. @throws when it does not start. */
  async startBlue(): Promise<void> {
    const fault = await this.#start('blue');
    if (fault !== undefined) throw new Error(fault);
  }

  async deployGreen(): Promise<Outcome> {
    const { tell } = this.#stage;
    try {
      await this.#prepare();
      await this.#shiftEngine();
      await this.#shiftOrders(CANARY_PERCENT);
      await this.#shiftOrders(100);
    } catch (error) {
      if (!(error instanceof Alarm)) throw error;
      tell(`ALARM: ${error.message}`);
      await this.#rollBack();
      return { promoted: false, because: error.message };
    }
    await this.#stop('blue');
    tell('green is promoted; blue has drained and ended');
    return { promoted: true };
  }

  async close(): Promise<void> {
    for (const side of ['green', 'blue'] as const) await this.#stop(side);
  }

  /** Undefined, or why a task did not come up. */
  async #start(side: Side): Promise<string | undefined> {
    const { folders, logFolder, engineBalancer, ordersBalancer, engineVariables, ordersVariables } =
      this.#stage;
    const log = (service: string) => join(logFolder, `${side}-${service}.log`);
    const variables = { ...engineVariables, DEPLOYMENT: side, LIVE_PORT: String(engineBalancer.port) };
    const engine = await startTask(folders[side], 'engine', variables, log('engine'));
    engineBalancer.attach(side, engine.port);
    const engineUrl = `ws://127.0.0.1:${engineBalancer.port}`;
    const given = { ...ordersVariables, ENGINE_URL: engineUrl };
    const orders = await startTask(folders[side], 'orders', given, log('orders'));
    ordersBalancer.attach(side, orders.port);
    this.#tasks[side] = { engine, orders };
    for (const [name, task] of Object.entries({ engine, orders }))
      if (!(await task.becomesHealthy(START_TIMEOUT_MS)))
        return `${side}'s ${name} is not healthy; see ${log(name)}`;
    return undefined;
  }

  /** Green starts and follows; nobody but the check reaches it. */
  async #prepare(): Promise<void> {
    const { tell, bakeMs } = this.#stage;
    tell('green starts beside blue, and gets no traffic');
    const fault = await this.#start('green');
    if (fault !== undefined) throw new Alarm(fault);
    tell('green is healthy; its engine follows the journal and compares what it decides');
    await this.#watch(bakeMs);
    await this.#check();
  }

  /** What the release check does on the test listener: a few requests, each of which must be answered. */
  async #check(): Promise<void> {
    const { orders } = this.#tasks.green!;
    const requests = 20;
    for (let request = 0; request < requests; request++) {
      const response = await fetch(`http://127.0.0.1:${orders.port}/api/v3/account`);
      // Without a key it is refused, by a service that works.
      if (response.status >= 500) throw new Alarm(`the check of green failed: ${response.status}`);
      await response.arrayBuffer();
    }
    this.#stage.tell(`green answers all of ${requests} requests on the test listener`);
  }

  async #shiftEngine(): Promise<void> {
    const { engineBalancer, tell, bakeMs } = this.#stage;
    engineBalancer.switchTo('green');
    const began = performance.now();
    await this.#awaitLeader('green');
    tell(
      `the engine's traffic goes to green, and so does the lead, after ${Math.round(performance.now() - began)} ms`,
    );
    await this.#watch(bakeMs);
  }

  async #shiftOrders(percent: number): Promise<void> {
    const { ordersBalancer, tell, bakeMs } = this.#stage;
    ordersBalancer.shift(percent);
    tell(`${percent} % of the requests for orders go to green`);
    const began = performance.now();
    await this.#watch(bakeMs);
    // Few answers say nothing, and slow ones are few.
    while (ordersBalancer.answersSince(began).filter(({ side }) => side === 'green').length < ANSWERS_MIN)
      await this.#watch(WATCH_PAUSE_MS);
    const latencies = ordersBalancer
      .answersSince(performance.now() - bakeMs)
      .map(({ latencyMs }) => latencyMs);
    if (latencies.length > 0)
      tell(
        `  p50 ${percentile(latencies, 50).toFixed(0)} ms, p99 ${percentile(latencies, 99).toFixed(0)} ms`,
      );
  }

  async #awaitLeader(side: Side): Promise<void> {
    const { engineBalancer } = this.#stage;
    const deadline = performance.now() + LEAD_TIMEOUT_MS;
    while (performance.now() < deadline) {
      const view = await leaderAt(engineBalancer.port).catch(() => undefined);
      if (view?.leader && view.deployment === side) return;
      await sleep(WATCH_PAUSE_MS);
    }
    throw new Alarm(`${side} does not lead after ${LEAD_TIMEOUT_MS} ms`);
  }

  /** @throws {Alarm} as soon as one rings within `ms`. */
  async #watch(ms: number): Promise<void> {
    const deadline = performance.now() + ms;
    while (performance.now() < deadline) {
      await sleep(WATCH_PAUSE_MS);
      const { engine, orders } = this.#tasks.green!;
      if (!(await engine.isHealthy()))
        throw new Alarm("green's engine is not healthy: it ended, or it decides otherwise");
      if (!(await orders.isHealthy())) throw new Alarm("green's orders are not healthy");
      const alarm = alarmOf('green', this.#stage.ordersBalancer.answersSince(performance.now() - WINDOW_MS));
      if (alarm !== undefined) throw new Alarm(alarm);
    }
  }

  async #rollBack(): Promise<void> {
    const { engineBalancer, ordersBalancer, tell } = this.#stage;
    ordersBalancer.shift(0);
    engineBalancer.switchTo('blue');
    await this.#awaitLeader('blue');
    tell('all traffic is back at blue, and blue leads');
    await this.#stop('green');
    tell('green has ended');
  }

  /** Orders before the engine, so that what they wait for is answered. */
  async #stop(side: Side): Promise<void> {
    const tasks = this.#tasks[side];
    delete this.#tasks[side];
    await tasks?.orders.close();
    await tasks?.engine.close();
  }
}

/** Asked on a connection of its own: one that is kept open would go on leading to the old side. No client counts as here by it. */
async function leaderAt(port: number): Promise<LeaderView> {
  const request = get({ host: '127.0.0.1', port, path: `${LEADER_PATH}?port=0`, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return readLeaderView(await json(response));
}
