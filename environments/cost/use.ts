/**
 * What a month of trading uses, from orders a second: by this the part of a bill grows that the configuration does not
 * say. The numbers are assumptions, each per order unless it says otherwise. Put your own where you know them.
 */
export const hoursPerMonth = 730; // 8,760 hours a year / 12, as AWS reckons
const secondsPerMonth = hoursPerMonth * 3_600;

export const assumptions = {
  /** Requests from outside: the order, its cancellation, and two reads. */
  requests: 4,
  /** Of a thousand requests, those of people, which pass API Gateway and its second firewall; the rest are signed. */
  gatewayRequestsPerThousand: 50,
  /** KB sent out: four responses, and what its events are to everybody who follows a stream. */
  sentKb: 50,
  /** KB to the engine and back. */
  commandKb: 1,
  /** Writes and reads of Aurora's storage: its share of a batch in the journal, and its rows in the read models. */
  databaseIos: 4,
  /** KB in PostgreSQL, and for how many months: older days of the journal are in S3. */
  databaseKb: 3,
  databaseMonths: 3,
  /** Writes of 1 KB and reads of 4 KB in DynamoDB, and KB that stay, for how many months. */
  tableWrites: 4,
  tableReads: 4,
  tableKb: 1,
  tableMonths: 12,
  /** KB of events in Kinesis, which two consumers read. Compressed, a fifth of them stays in S3. */
  eventKb: 3,
  eventConsumers: 2,
  archiveMonths: 12,
  archivedPercent: 20,
  /** Bytes of log a request writes; a thousand requests trace so many of them. */
  logBytesPerRequest: 500,
  tracesPerThousandRequests: 50,
  /** Uses of a key by a thousand orders: Kinesis, S3 and the like encrypt many records with one. */
  keyRequestsPerThousand: 50,
  /** Invocations of functions, of 128 MB for 20 ms each: the authorizer, the projector. */
  functionCalls: 1,
} as const;

/** What an environment uses although nobody trades. */
export const idle = {
  /** GB through NAT gateways and interface endpoints: images, what the agents of AWS say. */
  natGb: 20,
  endpointGb: 20,
  /** GB in PostgreSQL. */
  databaseGb: 10,
  /** GB of logs: of health checks, the network, the database, the canary. */
  logGb: 10,
  /** Of a log's bytes, per cent that are stored: CloudWatch compresses. */
  logStoredPercent: 15,
  /** Metrics of ours and of Container Insights, for each service that runs. */
  metricsPerService: 15,
  /** Calls of the AWS API that GuardDuty reads, and GB of flow and DNS logs. */
  guardDutyEvents: 1_000_000,
  guardDutyFlowGb: 10,
  /** Changes that AWS Config writes down, and checks of Security Hub. */
  configItems: 2_000,
  securityHubChecks: 20_000,
  /** Per cent of the database that a day changes, which each day of backups keeps. */
  changedPercentPerDay: 3,
} as const;

/** What an environment that nobody trades on for real gets of the load: tests and rehearsals. */
const rehearsalShare = 1 / 100;

/** Orders in a month at so many a second; of an environment that does not keep its data, a hundredth. */
export function ordersPerMonth(
  { role, keepsData }: { readonly role: 'primary' | 'standby'; readonly keepsData: boolean },
  ordersPerSecond: number,
): number {
  const orders = ordersPerSecond * secondsPerMonth;
  // A standby takes no orders, but what its primary writes is copied to it.
  return role === 'standby' || keepsData ? orders : Math.ceil(orders * rehearsalShare);
}

/** Whole GB (10^9 bytes, as AWS sells them) that hold so many KB. */
export function gb(kilobytes: number): number {
  return Math.ceil(kilobytes / 1_000_000);
}
