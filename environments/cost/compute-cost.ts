import { type Bill, count } from './bill.ts';
import { sum } from './money.ts';
import type { Tasks } from './tasks.ts';
import { assumptions, hoursPerMonth } from './use.ts';

/** The tasks that run at least, all month, and the functions. */
export function addCompute(bill: Bill, tasks: readonly Tasks[], orders: number): void {
  const ofAll = (part: (size: Tasks['size']) => number) => sum(tasks.map((of) => of.count * part(of.size)));
  const cpu = ofAll((size) => size.cpu);
  const memoryMiB = ofAll((size) => size.memoryMiB);
  bill.fixed(
    'Fargate tasks',
    `${ofAll(() => 1)} of ${cpu / 1_024} vCPU, ${memoryMiB / 1_024} GB in all`,
    ['fargateCpuHour', cpu * hoursPerMonth, 1_024],
    ['fargateGbHour', memoryMiB * hoursPerMonth, 1_024],
  );
  const calls = orders * assumptions.functionCalls;
  // 128 MB for 20 ms are 1/8 × 1/50 = 1/400 of a GB-second.
  bill.byUse(
    'Lambda functions',
    `${count(calls)} calls`,
    ['lambdaRequest', calls],
    ['lambdaGbSecond', calls, 400],
  );
}
