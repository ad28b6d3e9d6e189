import {
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  MathExpression,
  PeriodOverride,
  Row,
  SingleValueWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { minute } from './alarms.ts';
import { exchangeMetric, exchangeMetrics } from './engine-alarms.ts';
import { loadBalancerMetric, type ServiceRequests } from './service-alarms.ts';
import { type Database, databaseMetric, throttledEvents } from './store-alarms.ts';

export interface Shown {
  readonly services: ReadonlyMap<string, FargateService>;
  readonly requests: ReadonlyMap<string, ServiceRequests>;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly database: Database;
  readonly tables: Readonly<Record<string, ITable>>;
  readonly stream: IStream;
  /** Per cent of the synthetic trader's runs that went well, if there is one. */
  readonly canary?: IMetric;
}

/** The exchange on one page: how trading goes above, what it runs on below. */
export class ExchangeDashboard extends Dashboard {
  constructor(scope: Construct, id: string, environment: Environment, shown: Shown) {
    super(scope, id, { dashboardName: prefixOf(environment), periodOverride: PeriodOverride.INHERIT });
    this.addWidgets(
      new TextWidget({
        markdown: '# Trading\nWhat to do about an alarm: docs/runbook.md',
        width: 24,
        height: 2,
      }),
    );
    this.addWidgets(...engineWidgets(shown));
    this.addWidgets(...requestWidgets(shown));
    this.addWidgets(new TextWidget({ markdown: '# What it runs on', width: 24, height: 1 }));
    this.addWidgets(new Row(...taskWidgets(shown)));
    this.addWidgets(...databaseWidgets(shown));
    this.addWidgets(...streamWidgets(shown));
  }
}

function engineWidgets({ canary }: Shown) {
  const { engine, projector } = exchangeMetrics;
  const commands = new MathExpression({
    expression: 'commands / PERIOD(commands)',
    label: 'commands/s',
    period: minute,
    usingMetrics: { commands: exchangeMetric('engine', engine.commands, Stats.SUM) },
  });
  return [
    graph('Commands', [commands]),
    graph('Journal commit, ms', [
      exchangeMetric('engine', engine.commitMs, Stats.percentile(50)),
      exchangeMetric('engine', engine.commitMs, Stats.percentile(99)),
    ]),
    new SingleValueWidget({
      title: 'Epoch, leaders, divergence, fenced writes',
      metrics: [
        exchangeMetric('engine', engine.epoch, Stats.MAXIMUM),
        exchangeMetric('engine', engine.leading, Stats.MAXIMUM),
        exchangeMetric('engine', engine.divergence, Stats.SUM),
        exchangeMetric('engine', engine.fencedWrites, Stats.SUM),
        ...(canary === undefined ? [] : [canary]),
      ],
      width: 8,
      height: 6,
    }),
    graph('Behind the journal, commands', [
      exchangeMetric('engine', engine.publisherLag, Stats.MAXIMUM),
      exchangeMetric('engine', engine.snapshotLag, Stats.MINIMUM),
    ]),
    graph('Behind the engine, ms', [
      exchangeMetric('projector', projector.lagMs, Stats.MAXIMUM).with({ label: 'projector' }),
      exchangeMetric('market-data', exchangeMetrics['market-data'].lagMs, Stats.MAXIMUM).with({
        label: 'market-data',
      }),
      exchangeMetric('engine', engine.publisherAgeMs, Stats.MAXIMUM).with({ label: 'stream' }),
      exchangeMetric('projector', projector.tablesLagMs, Stats.MAXIMUM).with({ label: 'tables' }),
    ]),
    graph('Money that stands still or differs, and how often that was looked at', [
      exchangeMetric('wallet', exchangeMetrics.wallet.stuckWithdrawals, Stats.MAXIMUM),
      exchangeMetric('wallet', exchangeMetrics.wallet.missingDeposits, Stats.MAXIMUM),
      exchangeMetric('wallet', exchangeMetrics.wallet.lostDeposits, Stats.MAXIMUM),
      exchangeMetric('wallet', exchangeMetrics.wallet.reconciliationDifferences, Stats.MAXIMUM),
      exchangeMetric('wallet', exchangeMetrics.wallet.reconciliations, Stats.SUM),
    ]),
  ];
}

function requestWidgets({ loadBalancer, requests }: Shown) {
  return [
    graph('Requests at the load balancer', [loadBalancerMetric(loadBalancer, 'RequestCount', Stats.SUM)]),
    graph('Response time of the targets, s', [
      loadBalancerMetric(loadBalancer, 'TargetResponseTime', Stats.percentile(50)),
      loadBalancerMetric(loadBalancer, 'TargetResponseTime', Stats.percentile(99)),
    ]),
    graph(
      'Response time, p99, s',
      [...requests].map(([name, of]) => of.latency().with({ label: name })),
    ),
    graph(
      '5xx, % of requests',
      [...requests].map(([name, of]) => of.errorPercent().with({ label: name })),
    ),
  ];
}

function taskWidgets({ services }: Shown) {
  const all = [...services];
  return [
    graph(
      'CPU of the tasks, %',
      all.map(([name, service]) => service.metricCpuUtilization({ period: minute, label: name })),
    ),
    graph(
      'Memory of the tasks, %',
      all.map(([name, service]) => service.metricMemoryUtilization({ period: minute, label: name })),
    ),
  ];
}

function databaseWidgets({ database }: Shown) {
  return [
    graph('CPU of PostgreSQL, %', [databaseMetric(database, 'CPUUtilization', Stats.MAXIMUM)]),
    graph('Connections to PostgreSQL', [databaseMetric(database, 'DatabaseConnections', Stats.MAXIMUM)]),
    graph('Readers of PostgreSQL behind, ms', [
      databaseMetric(database, 'AuroraReplicaLagMaximum', Stats.MAXIMUM),
    ]),
  ];
}

function streamWidgets({ tables, stream }: Shown) {
  return [
    graph(
      'Refused by DynamoDB',
      Object.entries(tables).map(([name, of]) => throttledEvents(name, of)),
    ),
    graph('Age of what consumers of the stream read, ms', [
      stream.metricGetRecordsIteratorAgeMilliseconds({ statistic: Stats.MAXIMUM, period: minute }),
    ]),
  ];
}

function graph(title: string, left: readonly IMetric[], more: GraphWidgetProps = {}): GraphWidget {
  return new GraphWidget({ title, left: [...left], width: 8, height: 6, ...more });
}
