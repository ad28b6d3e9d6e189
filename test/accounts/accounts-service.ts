/** The accounts service on a database of its own, with its mail and its log kept for reading. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Hono } from 'hono';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import type { Database } from '#platform/database.ts';
import { defaultsOf } from '#platform/env.ts';
import { config } from '#services/accounts/config.ts';
import type { Mail } from '#services/accounts/mailer.ts';
import { startAccounts } from '#services/accounts/service.ts';
import { totpCode, totpStep } from '#services/accounts/totp.ts';
import { createSessionsTable, startDynamo } from '#services/local/dynamo.ts';
import { requireDescribed } from '#test/support/described-answers.ts';
import { testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

export const ISSUER = 'https://exchange.example';
export const ADMIN_EMAIL = 'admin@example.com';
export const PASSWORD = 'correct horse battery staple';

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

export interface TestUser {
  readonly account: number;
  readonly email: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** Of a user with two-factor: the token has just been stepped up. */
export interface EnrolledUser extends TestUser {
  readonly recoveryCodes: readonly string[];
  /** A code that was not used before. */
  nextCode(): Promise<string>;
}

export interface TestAccounts {
  readonly app: Hono;
  /** Where its sessions are, as other services are told. */
  readonly sessionsAt: { readonly SESSIONS_TABLE: string; readonly DYNAMODB_ENDPOINT: string };
  readonly db: Kysely<Database>;
  readonly databaseUrl: string;
  /** The same, as services reach it. */
  readonly reachedDatabaseUrl: string;
  readonly signingKey: string;
  readonly encryptionKey: Buffer;
  readonly logged: readonly string[];
  readonly mails: readonly Mail[];
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  logIn(email: string, more?: object): Promise<Reply>;
  /** Signs a new user up, confirms the address and logs in. */
  newUser(email: string): Promise<TestUser>;
  /** With two-factor. */
  enrolledUser(email: string): Promise<EnrolledUser>;
  /** Enrolled too; the admin is one already. */
  operator(email: string): Promise<EnrolledUser>;
  /** The token of the latest mail to `email` whose subject has `subject`, once it has come. */
  mailedToken(email: string, subject: string): Promise<string>;
  close(): Promise<void>;
}

export interface TestAccountsOptions {
  /** Sessions are in DynamoDB unless told otherwise. */
  readonly sessions?: 'DynamoDB' | 'PostgreSQL';
  readonly signingKey?: string;
  readonly otherPublicKey?: string;
  readonly trustedHops?: number;
  /** By which way the services, and not the test, reach DynamoDB and PostgreSQL. */
  readonly reach?: (serverUrl: string) => Promise<string>;
  /** A database that another one uses too, which closes it. */
  readonly shared?: Pick<TestAccounts, 'db' | 'databaseUrl' | 'encryptionKey'>;
}

const TABLE = 'user-sessions';

export async function startTestAccounts(options: TestAccountsOptions = {}): Promise<TestAccounts> {
  const { sessions = 'DynamoDB', shared, trustedHops = 0, reach = async (url) => url } = options;
  const database = shared === undefined ? await testDatabase() : undefined;
  const dynamo = sessions === 'DynamoDB' ? await startDynamo() : undefined;
  if (dynamo !== undefined) await createSessionsTable(dynamo.endpoint, TABLE);
  const signingKey = options.signingKey ?? newSigningKey();
  const encryptionKey = shared?.encryptionKey ?? randomBytes(32);
  const logged: string[] = [];
  const mails: Mail[] = [];
  const sessionsAt = {
    SESSIONS_TABLE: dynamo === undefined ? '' : TABLE,
    DYNAMODB_ENDPOINT: dynamo === undefined ? '' : await reach(dynamo.endpoint),
  };
  const databaseUrl = (database?.url ?? shared?.databaseUrl)!;
  const values = {
    ...defaultsOf(config),
    PORT: 0,
    DATABASE_URL: await reach(databaseUrl),
    API_KEY_ENCRYPTION_KEY: encryptionKey.toString('hex'),
    TOKEN_SIGNING_KEY: signingKey,
    TOKEN_OTHER_PUBLIC_KEY: options.otherPublicKey ?? '',
    TOKEN_ISSUER: ISSUER,
    ...sessionsAt,
    TRUSTED_HOPS: trustedHops,
    ADMIN_EMAIL,
  };
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  const mailer = { send: async (mail: Mail) => void mails.push(mail) };
  const { app, close } = await startAccounts(values, { log, mailer });

  const call: TestAccounts['call'] = async (method, path, callOptions = {}) => {
    const { token, body, rawBody, headers, address = '192.0.2.1' } = callOptions;
    const init = {
      method,
      headers: {
        ...(method === 'POST' || method === 'PUT' ? { 'Content-Type': 'application/json' } : {}),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: rawBody ?? (body === undefined ? undefined : JSON.stringify(body)),
      // A stream is sent while the answer may come already.
      duplex: 'half',
    } as RequestInit;
    const response = await app.request(path, init, { incoming: { socket: { remoteAddress: address } } });
    const text = await response.text();
    const json = text === '' ? null : JSON.parse(text);
    requireDescribed('accounts', method, path, response.status, json);
    return { status: response.status, headers: response.headers, text, json };
  };
  const logIn: TestAccounts['logIn'] = (email, more = {}) =>
    call('POST', '/api/users/login', { body: { email, password: PASSWORD, ...more } });
  const mailedToken: TestAccounts['mailedToken'] = async (email, subject) => {
    const find = () => mails.findLast((mail) => mail.to === email && mail.subject.includes(subject));
    await until(() => find() !== undefined);
    return /#token=(\S+)/.exec(find()!.text)![1]!;
  };
  let users = 0;
  const newUser: TestAccounts['newUser'] = async (email) => {
    // Each from an address of its own: how many one address may sign up is a test's business.
    const address = `2001:db8:${++users}::1`;
    await call('POST', '/api/users', { body: { email, password: PASSWORD }, address });
    const token = await mailedToken(email, 'Confirm');
    await call('POST', '/api/users/verify-email', { body: { token }, address });
    const { accessToken, refreshToken } = (await logIn(email)).json;
    const { accountId } = (await call('GET', '/api/users/me', { token: accessToken })).json;
    return { account: accountId, email, token: accessToken, refreshToken };
  };
  const stepUp = async (token: string, code: string): Promise<string> =>
    (await call('POST', '/api/users/me/step-up', { token, body: { code } })).json.accessToken;
  const enrolledUser: TestAccounts['enrolledUser'] = async (email) => {
    const user = await newUser(email);
    const { token } = user;
    const path = '/api/users/me/two-factor';
    const { secret } = (await call('POST', path, { token, body: { password: PASSWORD } })).json;
    const key = fromBase32(secret);
    const code = totpCode(key, totpStep(Date.now()));
    const { recoveryCodes } = (await call('POST', `${path}/enable`, { token, body: { code } })).json;
    const nextCode = async () => {
      // As if time had passed: tests cannot wait for the next thirty seconds.
      const account = user.account as never;
      const row = database?.db ?? shared!.db;
      await row
        .updateTable('accounts.two_factor')
        .set({ last_step: 0 })
        .where('account_id', '=', account)
        .execute();
      return totpCode(key, totpStep(Date.now()));
    };
    return { ...user, token: await stepUp(token, await nextCode()), recoveryCodes, nextCode };
  };
  const operator: TestAccounts['operator'] = async (email) => {
    const user = await enrolledUser(email);
    await database!.db
      .updateTable('accounts.users')
      .set({ role: 'operator' })
      .where('email', '=', email)
      .execute();
    // With a token that says so.
    return { ...user, token: await stepUp(user.token, await user.nextCode()) };
  };
  return {
    app,
    sessionsAt,
    db: (database ?? shared)!.db,
    databaseUrl,
    reachedDatabaseUrl: values.DATABASE_URL,
    signingKey,
    encryptionKey,
    logged,
    mails,
    call,
    logIn,
    newUser,
    enrolledUser,
    operator,
    mailedToken,
    close: async () => {
      await close();
      await dynamo?.close();
      await database?.drop();
    },
  };
}

export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** RFC 4648, as an authenticator app reads a secret. */
export function fromBase32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
