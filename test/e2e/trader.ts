/** The trading libraries of the end-to-end tests, each as its own documentation has it but for the base URL. */
import { Spot } from '@binance/spot';
import { MainClient } from 'binance';
import ccxt from 'ccxt';
import type { ClientFile } from '#test/support/exchange-process.ts';

export function ccxtClient({ baseUrl, apiKey, secret }: ClientFile) {
  return new ccxt.binance({
    apiKey,
    secret,
    urls: {
      api: {
        public: `${baseUrl}/api/v3`,
        private: `${baseUrl}/api/v3`,
        v1: `${baseUrl}/api/v1`,
        sapi: `${baseUrl}/sapi/v1`,
      },
    },
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchCurrencies: false,
      fetchMargins: false,
    },
  });
}

export function binanceClient({ baseUrl, apiKey, secret }: ClientFile) {
  return new MainClient({ baseUrl, api_key: apiKey, api_secret: secret });
}

export function binanceSpotClient({ baseUrl, apiKey, secret }: ClientFile) {
  return new Spot({ configurationRestAPI: { basePath: baseUrl, apiKey, apiSecret: secret } });
}
