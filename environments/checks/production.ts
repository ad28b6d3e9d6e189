import { type Fault, fileOf } from '../faults.ts';

interface Dependable {
  readonly name: string;
  readonly role: 'primary' | 'standby';
  readonly approval: boolean;
  readonly keepsData: boolean;
  readonly natGateways: number;
  readonly taskSize: { readonly tasksMin: number };
  readonly database: { readonly readers: number };
  readonly alarmEmails: readonly string[];
}

/**
 * What people rely on must outlive a zone, a push and a careless deletion: production, which is the primary named
 * `prod` and any other that keeps its data, and what stands in for it.
 */
export function productionFaults(environment: Dependable): Fault[] {
  const { name, role, keepsData, natGateways } = environment;
  const production = role === 'primary' && (name === 'prod' || keepsData);
  if (!production && role !== 'standby') return [];
  const faults: Omit<Fault, 'file'>[] = [];
  if (!environment.approval)
    faults.push({ field: 'approval', fault: 'every push would be released to it unasked', mend: 'put true' });
  if (natGateways !== 3)
    faults.push({
      field: 'natGateways',
      fault: `${natGateways} for three zones: losing one zone would cut off another`,
      mend: 'put 3',
    });
  if (production) faults.push(...servingFaults(environment));
  return faults.map((fault) => ({ file: fileOf(environment), ...fault }));
}

function servingFaults({ keepsData, taskSize, database, alarmEmails }: Dependable): Omit<Fault, 'file'>[] {
  const faults: Omit<Fault, 'file'>[] = [];
  if (!keepsData)
    faults.push({ field: 'keepsData', fault: 'its data would go with its stacks', mend: 'put true' });
  if (taskSize.tasksMin === 1)
    faults.push({
      field: 'taskSize.tasksMin',
      fault: '1 task would be gone with its zone',
      mend: 'put 2 or more',
    });
  if (database.readers === 0)
    faults.push({
      field: 'database.readers',
      fault: 'without any, the database would be gone with the zone of its writer',
      mend: 'put 1 or more',
    });
  if (alarmEmails.length === 0)
    faults.push({ field: 'alarmEmails', fault: 'names nobody', mend: 'put who is told when it is ill' });
  return faults;
}
