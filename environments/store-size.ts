import { type Fault, type Place, quoted, rangeFaults } from './faults.ts';
import { cacheClasses, databaseClasses, isClass, listed } from './instance-classes.ts';

/** How large PostgreSQL is: Aurora, whose instances all can take over as the writer. */
export interface DatabaseSize {
  /** Instance class without `db.`, such as `r8g.large`; one of `instance-classes.ts`. */
  readonly instance: string;
  /** Instances beside the writer, 0 to 15, in other zones. Without any, a lost zone means minutes without a database. */
  readonly readers: number;
  /** How long backups are kept, 1 to 35 days. */
  readonly backupDays: number;
}

/** How large Valkey is: a cluster of shards, each with its replicas. */
export interface CacheSize {
  /** Node type without `cache.`, such as `r7g.large`; one of `instance-classes.ts`. */
  readonly node: string;
  /** 1 to 90. */
  readonly shards: number;
  /** Of each shard, 0 to 5, in other zones. */
  readonly replicas: number;
}

export function databaseFaults(file: string, { instance, readers, backupDays }: DatabaseSize): Fault[] {
  const at = (field: keyof DatabaseSize) => ({ file, field: `database.${field}` });
  return [
    ...classFaults(at('instance'), instance, 'db.', databaseClasses),
    ...rangeFaults(at('readers'), readers, 0, 15),
    ...rangeFaults(at('backupDays'), backupDays, 1, 35),
  ];
}

/** `runs`: whether the environment has tasks, which do not start without a cache. */
export function cacheFaults(file: string, cache: CacheSize | undefined, runs: boolean): Fault[] {
  const at = (field: keyof CacheSize) => ({ file, field: `cache.${field}` });
  if (cache)
    return [
      ...classFaults(at('node'), cache.node, 'cache.', cacheClasses),
      ...rangeFaults(at('shards'), cache.shards, 1, 90),
      ...rangeFaults(at('replicas'), cache.replicas, 0, 5),
    ];
  if (!runs) return [];
  const fault = 'is missing, and its services run';
  return [{ file, field: 'cache', fault, mend: 'put its node, shards and replicas' }];
}

function classFaults(
  place: Place,
  name: string,
  prefix: string,
  classes: Parameters<typeof listed>[0],
): Fault[] {
  if (isClass(name, classes)) return [];
  return [
    {
      ...place,
      fault: `${quoted(name)} is not family.size of a class in environments/instance-classes.ts`,
      mend: `put one, without ${quoted(prefix)}, of ${listed(classes)}`,
    },
  ];
}
