import { type Fault, fileOf } from '../faults.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export function retentionFaults(environment: {
  readonly name: string;
  readonly logRetentionDays: number;
}): Fault[] {
  if (retentionDays.includes(environment.logRetentionDays)) return [];
  return [
    {
      file: fileOf(environment),
      field: 'logRetentionDays',
      fault: `CloudWatch cannot keep logs for ${environment.logRetentionDays} days`,
      mend: `put one of ${retentionDays.join(', ')}`,
    },
  ];
}
