/** An alarm on a metric that nobody writes would be silent for ever. */
import { expect, it } from '@jest/globals';
import { lagMetrics } from '#platform/lag.ts';
import { engineMetrics } from '#services/engine/metrics.ts';
import { tableMetrics } from '#services/projector/tables/table-projector.ts';
import { walletMetrics } from '#services/wallet/metrics.ts';
import { exchangeMetrics } from '#stacks/engine-alarms.ts';

it('shows and watches the metrics that the services write, under the names that they have there', () => {
  expect(exchangeMetrics).toEqual({
    engine: engineMetrics,
    projector: { ...lagMetrics, ...tableMetrics },
    'market-data': lagMetrics,
    wallet: walletMetrics,
  });
});
