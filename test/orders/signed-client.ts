/** Signs requests as the dialect's clients do and sends them to an app, or leaves them wrong where a test says so. */
import { createHmac } from 'node:crypto';
import type { Hono } from 'hono';

export interface Signer {
  readonly apiKey: string;
  readonly secret: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever JSON comes
  readonly json: any;
}

export type Params = Readonly<Record<string, string | number>>;

export const hmac = (secret: string, payload: string) =>
  createHmac('sha256', secret).update(payload).digest('hex');

/** `a=1&b=2`, percent-encoded, in the order given. */
export const form = (params: Params) =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

export interface RawRequest {
  readonly query?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

export async function send(app: Hono, method: string, path: string, request: RawRequest): Promise<Reply> {
  const { query = '', body, headers = {}, address = '127.0.0.1' } = request;
  const url = query === '' ? path : `${path}?${query}`;
  const env = { incoming: { socket: { remoteAddress: address } } };
  const response = await app.request(url, { method, body: body || undefined, headers }, env);
  return { status: response.status, headers: response.headers, json: await response.json() };
}

export class SignedClient {
  readonly #app: Hono;
  readonly #signer: Signer;

  constructor(app: Hono, signer: Signer) {
    this.#app = app;
    this.#signer = signer;
  }

  get = (path: string, params: Params = {}) => this.#signed('GET', path, params);
  post = (path: string, params: Params = {}) => this.#signed('POST', path, params);
  put = (path: string, params: Params = {}) => this.#signed('PUT', path, params);
  delete = (path: string, params: Params = {}) => this.#signed('DELETE', path, params);

  /** A LIMIT GTC order unless `params` says otherwise; null takes a parameter away. */
  order(params: Readonly<Record<string, string | number | null>>, path = '/api/v3/order'): Promise<Reply> {
    const given = { symbol: 'BTCUSDT', type: 'LIMIT', timeInForce: 'GTC', ...params };
    return this.post(
      path,
      Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Params,
    );
  }

  #signed(method: string, path: string, params: Params): Promise<Reply> {
    const { apiKey, secret } = this.#signer;
    const payload = form({ ...params, timestamp: Date.now() });
    const query = `${payload}&signature=${hmac(secret, payload)}`;
    return send(this.#app, method, path, { query, headers: { 'X-MBX-APIKEY': apiKey } });
  }
}
