/** What the exchange owes and holds, for everybody; and to each that their balance is in it. */
import { formatDecimal } from '#domain/money.ts';
import { authenticated, open, type WalletDeps } from '../endpoint.ts';
import { refusals } from '../refusal.ts';
import { type Report, readProofs, readReport } from './read.ts';

/** Names what is hashed and how: see `proof.ts`. */
const FORMAT = 'crossbook-reserves-1';

export function reservesEndpoints(deps: WalletDeps) {
  const { db } = deps;
  const lastReport = async (): Promise<Report> => {
    const report = await readReport(db);
    if (report === undefined) throw refusals.noReservesReport();
    return report;
  };
  return {
    reserves: open(deps, 'reserves', async () => {
      const { seq, madeAt, roots } = await lastReport();
      const assets = roots.map(({ asset, scale, leaves, owed, held, hash }) => ({
        asset,
        owed: formatDecimal(owed, scale),
        held: formatDecimal(held, scale),
        leaves,
        root: { hash, sum: String(owed) },
      }));
      return { json: { format: FORMAT, seq, madeAt: Math.floor(madeAt / 1_000), assets } };
    }),

    reservesProof: authenticated(deps, 'reservesProof', async (_, { user: { account } }) => {
      const report = await lastReport();
      const proofs = await readProofs(db, report, account);
      return { json: { format: FORMAT, seq: report.seq, madeAt: Math.floor(report.madeAt / 1_000), proofs } };
    }),
  };
}
