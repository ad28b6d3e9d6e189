/** Structured logs: one JSON object per line on standard output. Never give it a secret or a whole request. */
import { pino } from 'pino';
import { traceFields } from './tracing.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Fields first, then a fixed text: `log.info({ port }, 'listening')`. */
export type Log = Pick<ReturnType<typeof pino>, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

export function createLog(service: string, level: LogLevel = 'info'): Log {
  return pino({
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    mixin: traceFields,
    formatters: { level: (label) => ({ level: label }) },
  });
}
