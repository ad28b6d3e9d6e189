/** Requests to the exchange the way a trader's program sends them: over HTTP, signed where they must be. */
import { createHmac } from 'node:crypto';

/** A request without an answer for this long has failed; whether it was executed is unknown. */
const TIMEOUT_MS = 10_000;

export interface ApiKey {
  readonly apiKey: string;
  readonly secret: string;
}

export type Params = Readonly<Record<string, string>>;
type Method = 'GET' | 'POST' | 'DELETE';

/** The exchange refused or did not answer; the message names the request and what came back, never the key. */
export class RequestError extends Error {
  override name = 'RequestError';
  /** The code of the exchange's refusal; undefined when there is none, and then the outcome is unknown. */
  readonly code: number | undefined;

  constructor(message: string, code?: number, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export class ExchangeClient {
  readonly #url: string;
  readonly #key: ApiKey;
  readonly #timeoutMs: number;

  constructor(url: string, key: ApiKey, timeoutMs = TIMEOUT_MS) {
    this.#url = url;
    this.#key = key;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws {RequestError} */
  get(path: string, params: Params): Promise<unknown> {
    return this.#send('GET', path, `${new URLSearchParams(params)}`, {});
  }

  /** With the key, and a signature over the query as it is sent. @throws {RequestError} */
  signed(method: Method, path: string, params: Params): Promise<unknown> {
    const { apiKey, secret } = this.#key;
    const payload = `${new URLSearchParams({ ...params, timestamp: String(Date.now()) })}`;
    const signature = createHmac('sha256', secret).update(payload).digest('hex');
    return this.#send(method, path, `${payload}&signature=${signature}`, { 'X-MBX-APIKEY': apiKey });
  }

  async #send(method: Method, path: string, query: string, headers: Record<string, string>) {
    const request = `${method} ${path}`;
    const answer = await fetch(new URL(`${path}?${query}`, this.#url), {
      method,
      headers,
      signal: AbortSignal.timeout(this.#timeoutMs),
    })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch((error: Error) => {
        throw new RequestError(`${request}: ${error.message}`, undefined, error.cause ?? error);
      });
    if (answer.status === 200) return parse(request, answer.text);
    const refusal = refusalIn(answer.text);
    const said = refusal === undefined ? '' : ` ${refusal.code} ${refusal.msg}`;
    throw new RequestError(`${request}: ${answer.status}${said}`, refusal?.code);
  }
}

function parse(request: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RequestError(`${request}: 200, but what came is not JSON`, undefined, error);
  }
}

/** Something before the exchange, such as a firewall, refuses in its own words. */
function refusalIn(text: string): { code: number; msg: string } | undefined {
  try {
    const { code, msg } = JSON.parse(text) as { code?: unknown; msg?: unknown };
    return typeof code === 'number' && typeof msg === 'string' ? { code, msg } : undefined;
  } catch {
    return undefined;
  }
}
