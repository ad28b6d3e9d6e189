/** What the exchange owes and holds, for everybody; and to each that their balance is in it. */
import { formatDecimal } from '#domain/money.ts';
import { authenticated, open, type WalletDeps } from '../endpoint.ts';
import { type Report, readProofs, readReport } from './read.ts';

/** Names what is hashed and how: see `proof.ts`. */
const FORMAT = 'crossbook-reserves-1';

export function reservesEndpoints(deps: WalletDeps) {
  const { db } = deps;
  return {
    reserves: open(deps, 'reserves', async () => {
      const report = await readReport(db);
      const assets = (report?.roots ?? []).map(({ asset, scale, leaves, owed, held, hash }) => ({
        asset,
        owed: formatDecimal(owed, scale),
        held: formatDecimal(held, scale),
        leaves,
        root: { hash, sum: String(owed) },
      }));
      return { json: { ...heading(report), assets } };
    }),

    reservesProof: authenticated(deps, 'reservesProof', async (_, { user: { account } }) => {
      const report = await readReport(db);
      const proofs = report === undefined ? [] : await readProofs(db, report, account);
      return { json: { ...heading(report), proofs } };
    }),
  };
}

/** Before the first report there is neither sequence nor time. */
function heading(report: Report | undefined) {
  return {
    format: FORMAT,
    seq: report?.seq ?? null,
    madeAt: report === undefined ? null : Math.floor(report.madeAt / 1_000),
  };
}
