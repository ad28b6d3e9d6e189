import { LogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';

interface Query {
  readonly name: string;
  /** Left out, all of them. */
  readonly services?: readonly string[];
  readonly query: ConstructorParameters<typeof QueryString>[0];
}

/** What a line of the log has beside its own fields: `services/platform/log.ts`. */
const line = ['@timestamp', 'service', 'level', 'msg'];
const changesOfRole =
  /this engine leads|this engine has let go|asking the leader|the journal can|unknown whether this engine/;

/** Questions that operators ask, over what the services' logs have in them. */
const queries: readonly Query[] = [
  {
    name: 'errors by service and text',
    query: {
      filterStatements: ["level in ['error', 'fatal']"],
      statsStatements: ['count(*) as times, latest(@timestamp) as last by service, msg, err.type'],
      sort: 'times desc',
    },
  },
  {
    name: 'latest errors',
    query: {
      fields: [...line, 'err.message', 'err.stack'],
      filterStatements: ["level in ['error', 'fatal']"],
      sort: '@timestamp desc',
      limit: 50,
    },
  },
  {
    name: 'one request by its trace',
    query: {
      fields: [...line, 'err.message', '@message'],
      filterStatements: ["trace_id = 'put the 32 hex digits here'"],
      sort: '@timestamp asc',
    },
  },
  {
    name: 'who led when',
    services: ['engine'],
    query: {
      fields: ['@timestamp', 'msg', 'epoch', 'seq', 'successor', 'leader', '@logStream'],
      filterStatements: [`msg like ${changesOfRole}`],
      sort: '@timestamp desc',
    },
  },
  {
    name: 'starts and how long they took',
    query: {
      fields: ['@timestamp', 'service', 'msg', 'port', 'seq', 'end', '@logStream'],
      filterStatements: [
        'msg like /is ready|are taken|is open|are open|follow the engine|replaying the journal|cannot start/',
      ],
      sort: '@timestamp desc',
    },
  },
  {
    name: 'divergence',
    services: ['engine'],
    query: {
      fields: ['@timestamp', 'firstSeq', 'lastSeq', 'seq', 'command.type', '@message'],
      filterStatements: ['msg like /decides otherwise/'],
      sort: '@timestamp desc',
    },
  },
  {
    name: 'snapshots and pauses for them',
    services: ['engine'],
    query: {
      fields: ['@timestamp', 'msg', 'seq', 'bytes', 'pausedMs', 'err.message'],
      filterStatements: ['msg like /a snapshot|for snapshots|old snapshots/'],
      sort: '@timestamp desc',
    },
  },
];

/** Saved in CloudWatch Logs Insights, in a folder of the environment. */
export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, environment: Environment, services: Iterable<string>) {
    super(scope, id);
    const prefix = prefixOf(environment);
    const groups = new Map(
      [...services].map((name) => [name, LogGroup.fromLogGroupName(this, name, `/ecs/${prefix}-${name}`)]),
    );
    for (const { name, services: asked = [...groups.keys()], query } of queries)
      new QueryDefinition(this, name.replaceAll(' ', '-'), {
        queryDefinitionName: `${prefix}/${name}`,
        queryString: new QueryString(query),
        logGroups: asked.flatMap((service) => groups.get(service) ?? []),
      });
  }
}
