/** Requests to a Hono app, and the spans that a collector gets: a real one, as far as OTLP over HTTP goes. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Hono } from 'hono';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import {
  queryTracer,
  startTracing,
  type Tracing,
  traceCall,
  traceFields,
  traceRequests,
} from '#platform/tracing.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
  readonly events: readonly { readonly name: string }[];
}

/** Numbers of the protocol: SpanKind and Status. */
const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

const parent = { trace: '5759e988bd862e3fe1be46a994272793', span: '53995c3f42cd8ad8' };

let collector: Server;
let endpoint: string;
let received: ReceivedSpan[];
let services: string[];
let tracing: Tracing | undefined;

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as {
      resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: ReceivedSpan[] }[] }[];
    };
    for (const { resource, scopeSpans } of resourceSpans) {
      services.push(...resource.attributes.map(({ key, value }) => `${key}=${value.stringValue}`));
      received.push(...scopeSpans.flatMap(({ spans }) => spans));
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});

afterEach(() => tracing?.close());
afterAll(() => {
  collector.close();
});

async function start(percent = 100, url = endpoint): Promise<void> {
  received = [];
  services = [];
  tracing = await startTracing('orders', { TRACES_ENDPOINT: url, TRACES_SAMPLED_PERCENT: percent });
}

/** All that the collector got, once nothing waits any more. */
async function spans(): Promise<ReceivedSpan[]> {
  await tracing!.close();
  return received;
}

function app(): Hono {
  const app = new Hono();
  app.use(traceRequests());
  app.onError((_, context) => context.text('failed', 500));
  app.get('/orders/:id', (context) => context.json(traceFields()));
  app.get('/engine', async (context) => {
    await traceCall('engine placeOrder', { 'rpc.system': 'crossbook' }, async () => {});
    return context.text('done');
  });
  app.get('/away', () => traceCall('engine placeOrder', {}, () => Promise.reject(new Error('nobody leads'))));
  return app;
}

const attributesOf = (span: ReceivedSpan | undefined) =>
  Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [key, value.stringValue ?? value.intValue]),
  );

describe('a traced request', () => {
  it('is a span below that of the caller, with the route for a name', async () => {
    await start();
    const traceparent = `00-${parent.trace}-${parent.span}-01`;
    await app().request('/orders/17', { headers: { traceparent } });
    const [span, ...others] = await spans();
    expect(others).toEqual([]);
    expect(span).toMatchObject({
      traceId: parent.trace,
      parentSpanId: parent.span,
      name: 'GET /orders/:id',
      kind: SERVER,
    });
    expect(attributesOf(span)).toEqual({
      'http.request.method': 'GET',
      'http.route': '/orders/:id',
      'url.path': '/orders/17',
      'http.response.status_code': 200,
    });
    expect(services).toContain('service.name=orders');
  });

  it('follows the header of AWS too, and that of AWS if both come', async () => {
    await start();
    const amazon = `Root=1-${parent.trace.slice(0, 8)}-${parent.trace.slice(8)};Parent=${parent.span};Sampled=1`;
    await app().request('/orders/17', {
      headers: { 'X-Amzn-Trace-Id': amazon, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    });
    expect(await spans()).toMatchObject([{ traceId: parent.trace, parentSpanId: parent.span }]);
  });

  it('begins a trace with an id that X-Ray takes when no caller has one', async () => {
    await start();
    const before = Math.floor(Date.now() / 1_000);
    // As a load balancer sends it: a trace, but no span of its own.
    const amazon = 'Root=1-5759e988-bd862e3fe1be46a994272793';
    await app().request('/orders/17', { headers: { 'X-Amzn-Trace-Id': amazon } });
    const [span] = await spans();
    expect(span!.traceId).toMatch(/^[0-9a-f]{32}$/);
    const seconds = Number.parseInt(span!.traceId.slice(0, 8), 16);
    expect(seconds).toBeGreaterThanOrEqual(before);
    expect(seconds).toBeLessThanOrEqual(Date.now() / 1_000);
    expect(span!.parentSpanId).toBeUndefined();
  });

  it('tells nothing of the query, where signatures and keys are', async () => {
    await start();
    await app().request('/orders/17?signature=5ec2e7');
    expect(JSON.stringify(await spans())).not.toContain('5ec2e7');
  });

  it('has a span below it for what it asks the engine', async () => {
    await start();
    await app().request('/engine');
    const [call, request] = (await spans()).sort((a, b) => b.kind - a.kind);
    expect(request).toMatchObject({ name: 'GET /engine', kind: SERVER });
    expect(call).toMatchObject({
      name: 'engine placeOrder',
      kind: CLIENT,
      traceId: request!.traceId,
      parentSpanId: request!.spanId,
    });
  });

  it('shows what failed, and where', async () => {
    await start();
    expect((await app().request('/away')).status).toBe(500);
    const [call, request] = (await spans()).sort((a, b) => b.kind - a.kind);
    expect(call).toMatchObject({ status: { code: ERROR }, events: [{ name: 'exception' }] });
    expect(request).toMatchObject({ status: { code: ERROR }, events: [{ name: 'exception' }] });
    expect(attributesOf(request)).toHaveProperty(['http.response.status_code'], 500);
  });

  it('marks the lines of the log that it writes', async () => {
    await start();
    const answer = await (await app().request('/orders/17')).json();
    const [span] = await spans();
    expect(answer).toEqual({ trace_id: span!.traceId });
    expect(traceFields()).toEqual({});
  });
});

describe('a query', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
  });

  afterAll(() => database.drop());

  /** With the tracer, as the service's own connection has it. */
  async function query(statement: (db: Kysely<unknown>) => Promise<unknown>): Promise<void> {
    const pool = new pg.Pool({ connectionString: database.url });
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }), log: queryTracer() });
    const served = new Hono().use(traceRequests()).get('/history', async (context) => {
      await statement(db).catch(() => {});
      return context.text('done');
    });
    await statement(db).catch(() => {}); // outside of any request
    await served.request('/history');
    await db.destroy();
  }

  it('is a span below the request, as long as it took, without its values', async () => {
    await start();
    await query((db) => sql`select pg_sleep(0.05), ${'secret'}::text`.execute(db));
    const [call, request, ...others] = (await spans()).sort((a, b) => b.kind - a.kind);
    expect(others).toEqual([]);
    expect(call).toMatchObject({ name: 'select', kind: CLIENT, parentSpanId: request!.spanId });
    expect(attributesOf(call)).toEqual({
      'db.system.name': 'postgresql',
      'db.query.text': 'select pg_sleep(0.05), $1::text',
    });
    const tookNs = BigInt(call!.endTimeUnixNano) - BigInt(call!.startTimeUnixNano);
    expect(tookNs).toBeGreaterThanOrEqual(50_000_000n);
  });

  it('shows what PostgreSQL said against it', async () => {
    await start();
    await query((db) => sql`select nothing`.execute(db));
    const call = (await spans()).find(({ kind }) => kind === CLIENT);
    expect(call).toMatchObject({ status: { code: ERROR }, events: [{ name: 'exception' }] });
  });
});

describe('sampling', () => {
  const ask = async (count: number, headers = {}) => {
    const traced = app();
    for (let request = 0; request < count; request++) await traced.request('/orders/17', { headers });
  };

  it('traces as many of a hundred as the configuration says', async () => {
    await start(50);
    await ask(400);
    // Four hundred coins: 140 to 260 heads, but for one run in a billion.
    const { length } = await spans();
    expect(length).toBeGreaterThan(140);
    expect(length).toBeLessThan(260);
  });

  it('is not a caller to decide, but for less', async () => {
    await start(0);
    await ask(5, { traceparent: `00-${parent.trace}-${parent.span}-01` });
    expect(await spans()).toEqual([]);
    await start(100);
    await ask(5, { traceparent: `00-${parent.trace}-${parent.span}-00` });
    expect(await spans()).toEqual([]);
  });
});

describe('without a collector', () => {
  it('serves as if nothing was traced when none is configured', async () => {
    await start(100, '');
    const traceparent = `00-${parent.trace}-${parent.span}-01`;
    const response = await app().request('/orders/17', { headers: { traceparent } });
    expect(await response.json()).toEqual({});
    expect(queryTracer()).toBeUndefined();
    expect(await spans()).toEqual([]);
  });

  it('serves, and stops, when the one that is configured is away', async () => {
    await start(100, 'http://127.0.0.1:9');
    expect((await app().request('/orders/17')).status).toBe(200);
    await tracing!.close();
  });
});
