import type { Fault } from './faults.ts';

/** How large and how many the tasks of one service are. */
export interface TaskSize {
  /** CPU units; 1024 are one core. 256, 512, 1024, 2048, 4096, 8192 or 16384. */
  readonly cpu: number;
  /** Memory in MiB; Fargate couples its range to {@link cpu}. */
  readonly memoryMiB: number;
  /** Fewest tasks; a standby may have 0 (a pilot light: everything but the tasks). */
  readonly tasksMin: number;
  /** Most tasks that scaling may start. */
  readonly tasksMax: number;
}

/**
 * Memory that Fargate allows for each number of CPU units: least, most and step, in MiB. 256 units also allow
 * 512 MiB, which is below any step.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
const memoryByCpu: Readonly<Record<number, readonly [number, number, number]>> = {
  256: [1_024, 2_048, 1_024],
  512: [1_024, 4_096, 1_024],
  1024: [2_048, 8_192, 1_024],
  2048: [4_096, 16_384, 1_024],
  4096: [8_192, 30_720, 1_024],
  8192: [16_384, 61_440, 4_096],
  16384: [32_768, 122_880, 8_192],
};

/** The faults of one size; `tasksLeast` is the smallest {@link TaskSize.tasksMin} the environment's role allows. */
export function sizeFaults(
  { file, field }: Pick<Fault, 'file' | 'field'>,
  size: TaskSize,
  tasksLeast: number,
): Fault[] {
  const faults = [...capacityFaults(size), ...countFaults(size, tasksLeast)];
  return faults.map(([name, fault, mend]) => ({
    file,
    field: `${field}.${name}`,
    fault,
    mend,
  }));
}

type SizeFault = [name: keyof TaskSize, fault: string, mend: string];

function capacityFaults({ cpu, memoryMiB }: TaskSize): SizeFault[] {
  const range = memoryByCpu[cpu];
  if (!range)
    return [
      [
        'cpu',
        `Fargate has no tasks of ${cpu} CPU units`,
        `put one of ${Object.keys(memoryByCpu).join(', ')}`,
      ],
    ];
  const [least, most, step] = range;
  const fits = memoryMiB >= least && memoryMiB <= most && memoryMiB % step === 0;
  if (fits || (cpu === 256 && memoryMiB === 512)) return [];
  return [
    [
      'memoryMiB',
      `Fargate has no ${memoryMiB} MiB with ${cpu} CPU units`,
      `put ${least} to ${most} in steps of ${step}`,
    ],
  ];
}

function countFaults({ tasksMin, tasksMax }: TaskSize, tasksLeast: number): SizeFault[] {
  const faults: SizeFault[] = [];
  if (!Number.isInteger(tasksMin) || tasksMin < tasksLeast)
    faults.push([
      'tasksMin',
      `${tasksMin} is not a whole number from ${tasksLeast} up`,
      `put ${tasksLeast} or more`,
    ]);
  if (!Number.isInteger(tasksMax) || tasksMax < Math.max(tasksMin, 1))
    faults.push([
      'tasksMax',
      `${tasksMax} is not a whole number from tasksMin up`,
      `put ${Math.max(tasksMin, 1)} or more`,
    ]);
  return faults;
}
