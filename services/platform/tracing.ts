/**
 * Where the time of a request goes, as spans that a collector on this machine passes on to X-Ray. Without an endpoint
 * nothing of it is loaded, and a request costs a comparison.
 */
import { randomBytes } from 'node:crypto';
import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { LogEvent } from 'kysely';
import { type ConfigOf, defineConfig } from './env.ts';

/** Spans waiting for the collector; beyond, they are dropped: a request never waits for its trace. */
const WAITING_SPANS_MAX = 2_048;
/** A collector that does not answer for this long loses the spans, and holds up a stop for no longer. */
const EXPORT_TIMEOUT_MS = 2_000;
/** Most characters of a statement. */
const STATEMENT_LENGTH_MAX = 1_024;
const TRACER = 'crossbook';

/** To be part of a service's `config.ts`. */
export const tracingVariables = defineConfig({
  TRACES_ENDPOINT: {
    type: 'text',
    default: '',
    doc: 'the collector that takes spans by OTLP over HTTP, as http://host:4318; empty traces nothing',
  },
  TRACES_SAMPLED_PERCENT: {
    type: 'integer',
    default: '5',
    doc: 'how many of a hundred requests are traced',
  },
});

export interface Tracing {
  /** Hands over what waits, for two seconds at most. */
  close(): Promise<void>;
}

let isOn = false;

/** Once for each process, before it takes requests and opens databases. */
export async function startTracing(
  service: string,
  values: ConfigOf<typeof tracingVariables>,
): Promise<Tracing> {
  if (values.TRACES_ENDPOINT === '') return { close: async () => {} };
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({
    url: new URL('/v1/traces', values.TRACES_ENDPOINT).href,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const share = new sdk.TraceIdRatioBasedSampler(values.TRACES_SAMPLED_PERCENT / 100);
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    idGenerator: xrayIds,
    // A caller may ask not to be traced, but not for more than its share: everybody can send that header.
    sampler: new sdk.ParentBasedSampler({ root: share, remoteParentSampled: share }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter,
        maxQueueSize: WAITING_SPANS_MAX,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  await followRequests();
  isOn = true;
  return {
    close: async () => {
      isOn = false;
      await provider.shutdown().catch(() => {});
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}

/** Through this process, and from process to process: W3C's header, and that of AWS, which wins if both come. */
async function followRequests(): Promise<void> {
  const [{ AsyncLocalStorageContextManager }, { CompositePropagator, W3CTraceContextPropagator }, aws] =
    await Promise.all([
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/core'),
      import('@opentelemetry/propagator-aws-xray'),
    ]);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new aws.AWSXRayPropagator()],
    }),
  );
}

/** A span for each request, below the caller's; to be mounted before the routes. */
export function traceRequests(): MiddlewareHandler {
  return async (request, next) => {
    if (!isOn) return next();
    const caller = propagation.extract(ROOT_CONTEXT, request.req.raw.headers, headers);
    const { method, path } = request.req;
    const attributes = { 'http.request.method': method, 'url.path': path };
    const span = trace.getTracer(TRACER).startSpan(method, { kind: SpanKind.SERVER, attributes }, caller);
    try {
      await context.with(trace.setSpan(caller, span), next);
    } finally {
      endRequest(span, request);
    }
  };
}

/** Named by the route: one name for each path would be as many names as orders. */
function endRequest(span: Span, request: Context): void {
  const { method } = request.req;
  const { status } = request.res;
  const route = routePath(request, -1);
  span.updateName(`${method} ${route}`);
  span.setAttributes({ 'http.route': route, 'http.response.status_code': status });
  if (request.error) span.recordException(request.error);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

const headers: TextMapGetter<Headers> = {
  keys: (carrier) => [...carrier.keys()],
  get: (carrier, key) => carrier.get(key) ?? undefined,
};

/** A span around `work` that asks something of another program, when it is part of a request that is traced. */
export function traceCall<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return isTraced() ? inSpan(name, attributes, work) : work();
}

async function inSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  const span = trace.getTracer(TRACER).startSpan(name, { kind: SpanKind.CLIENT, attributes });
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    span.recordException(error as Error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** What Kysely's `log` wants; undefined while nothing is traced, since with it Kysely measures every query. */
export function queryTracer(): ((event: LogEvent) => void) | undefined {
  return isOn ? traceQuery : undefined;
}

/** The statement has `$1` where its values go, which are not told. */
function traceQuery({ query, queryDurationMillis, ...event }: LogEvent): void {
  if (!isTraced()) return;
  const endTime = Date.now();
  const statement = query.sql.slice(0, STATEMENT_LENGTH_MAX);
  const span = trace.getTracer(TRACER).startSpan(statement.split(' ', 1)[0]!, {
    kind: SpanKind.CLIENT,
    startTime: endTime - queryDurationMillis,
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': statement },
  });
  if (event.level === 'error') {
    span.recordException(event.error as Error);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(endTime);
}

/** What each line of the log that a traced request writes says of it; nothing for others. */
export function traceFields(): { readonly trace_id?: string } {
  return isTraced() ? { trace_id: trace.getActiveSpan()!.spanContext().traceId } : {};
}

function isTraced(): boolean {
  return isOn && trace.getActiveSpan()?.isRecording() === true;
}

/**
 * Those that X-Ray takes: a trace begins with the time in seconds.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
 */
const xrayIds: IdGenerator = {
  generateTraceId: () => {
    const seconds = Math.floor(Date.now() / 1_000);
    return seconds.toString(16).padStart(8, '0') + randomBytes(12).toString('hex');
  },
  generateSpanId: () => randomBytes(8).toString('hex'),
};
