/** How large PostgreSQL is: Aurora, whose instances all can take over as the writer. */
export interface DatabaseSize {
  /** Instance class without `db.`, such as `r8g.large`. */
  readonly instance: string;
  /** Instances beside the writer, 0 to 15, in other zones. Without any, a lost zone means minutes without a database. */
  readonly readers: number;
  /** How long backups are kept, 1 to 35 days. */
  readonly backupDays: number;
}

/** How large Valkey is: a cluster of shards, each with its replicas. */
export interface CacheSize {
  /** Node type without `cache.`, such as `r7g.large`. */
  readonly node: string;
  /** 1 to 90. */
  readonly shards: number;
  /** Of each shard, 0 to 5, in other zones. */
  readonly replicas: number;
}
