import type { Environment } from '../environment.ts';
import type { TaskSize } from '../task-size.ts';

/** Of the services' table (`stacks/services.ts`), what decides how many tasks there are. */
export type Services = Readonly<Record<string, { readonly engine?: true; readonly single?: true }>>;

/** The tasks that run at least. */
export interface Tasks {
  readonly size: TaskSize;
  readonly count: number;
}

/** By service, as `stacks/services-stack.ts` starts them: the engine's leader and standby, one of a single service. */
export function tasksAtLeast(environment: Environment, services: Services): Tasks[] {
  return Object.entries(services).map(([name, { engine, single }]) => {
    const size = environment.taskSizes?.[name] ?? environment.taskSize;
    const most = single ? 1 : engine ? 2 : Number.POSITIVE_INFINITY;
    return { size, count: Math.min(size.tasksMin, most) };
  });
}
