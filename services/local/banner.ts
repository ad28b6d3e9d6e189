/** What `npm start` prints when the exchange is ready: where it is, who you are, and what to paste. */
import type { Exchange } from './exchange.ts';

export function banner(
  { demo: { client, login }, components, markets }: Exchange,
  dataDirectory: string,
  tookMs: number,
): string {
  const rows = {
    'Trading screen': client.baseUrl,
    'Log in as': `${login.email}  ${login.password}`,
    Mails: 'printed here, with the links to confirm an address',
    'REST API': `${client.baseUrl}/api/v3`,
    Streams: `${client.wsUrl}/ws`,
    Markets: markets.join(' '),
    ...components,
    Data: `${dataDirectory} (npm run reset clears it)`,
    'API key': client.apiKey,
    Secret: client.secret,
  };
  const paths = { public: 'api/v3', private: 'api/v3', sapi: 'sapi/v1' };
  const urls = Object.entries(paths).map(([name, path]) => `${name}: '${client.baseUrl}/${path}'`);
  const table = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(16)}${value}`);
  return `
  Crossbook
${table.join('\n')}

  Paste into a ccxt program:

    const exchange = new ccxt.binance({
      apiKey: '${client.apiKey}',
      secret: '${client.secret}',
      urls: { api: { ${urls.join(', ')} } },
      options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchCurrencies: false, fetchMargins: false },
    });

  Ready in ${(tookMs / 1_000).toFixed(1)} s. Ctrl-C stops it; everything is kept.`;
}
