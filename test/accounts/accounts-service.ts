/** The accounts service on a database of its own, with its log kept for reading. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import type { Database } from '#platform/database.ts';
import { startAccounts } from '#services/accounts/service.ts';
import { testDatabase } from '#test/support/postgres.ts';

export const ISSUER = 'https://exchange.example';

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The text as it came, and what it says; null for none. */
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it with what they expect.
  readonly json: any;
}

interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly rawBody?: string | ReadableStream;
  readonly headers?: Record<string, string>;
  /** The client's network address. */
  readonly address?: string;
}

export interface TestAccounts {
  readonly db: Kysely<Database>;
  readonly signingKey: string;
  readonly encryptionKey: Buffer;
  readonly logged: readonly string[];
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  /** Signs a new user up and logs in. */
  newUser(email: string): Promise<{ readonly account: number; readonly token: string }>;
  close(): Promise<void>;
}

export const PASSWORD = 'correct horse battery staple';

export async function startTestAccounts(): Promise<TestAccounts> {
  const database = await testDatabase();
  const { privateKey } = generateKeyPairSync('ed25519');
  const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const encryptionKey = randomBytes(32);
  const logged: string[] = [];
  const values = {
    PORT: 0,
    DATABASE_URL: database.url,
    API_KEY_ENCRYPTION_KEY: encryptionKey.toString('hex'),
    TOKEN_SIGNING_KEY: signingKey,
    TOKEN_ISSUER: ISSUER,
    TOKEN_LIFETIME: 900_000,
    REDIS_URL: '',
    TRUSTED_HOPS: 0,
  };
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  const { app, close } = await startAccounts(values, { log });

  const call: TestAccounts['call'] = async (method, path, options = {}) => {
    const { token, body, rawBody, headers, address = '192.0.2.1' } = options;
    const init = {
      method,
      headers: {
        ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: rawBody ?? (body === undefined ? undefined : JSON.stringify(body)),
      // A stream is sent while the answer may come already.
      duplex: 'half',
    } as RequestInit;
    const response = await app.request(path, init, { incoming: { socket: { remoteAddress: address } } });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text === '' ? null : JSON.parse(text),
    };
  };
  const newUser: TestAccounts['newUser'] = async (email) => {
    const body = { email, password: PASSWORD };
    await call('POST', '/api/users', { body });
    const { accessToken } = (await call('POST', '/api/users/login', { body })).json;
    const { accountId } = (await call('GET', '/api/users/me', { token: accessToken })).json;
    return { account: accountId, token: accessToken };
  };
  return {
    db: database.db,
    signingKey,
    encryptionKey,
    logged,
    call,
    newUser,
    close: async () => {
      await close();
      await database.drop();
    },
  };
}
