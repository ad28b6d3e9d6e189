/** Asks the exchange: an answer, or why there is none. */

/** How long an answer may take. */
const TIMEOUT_MS = 10_000;

export interface Failure {
  /**
   * - `refused`: the exchange says no, and why.
   * - `absent`: it does not offer this.
   * - `unreachable`: no answer came, so it may or may not have happened.
   */
  readonly kind: 'refused' | 'absent' | 'unreachable';
  /** 0 without an answer. */
  readonly status: number;
  /** The stable code, if it gave one. */
  readonly code: string;
  /** A sentence to show. */
  readonly message: string;
  /** The field at fault, if one is. */
  readonly field?: string;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

export type Method = 'GET' | 'POST' | 'DELETE';

/** The body, if any, goes as JSON; what comes back is believed to be what the exchange's own API says it is. */
export async function ask<T>(
  method: Method,
  path: string,
  { body, token }: { readonly body?: object; readonly token?: string } = {},
): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return { ok: true, value: (text === '' ? undefined : JSON.parse(text)) as T };
    return { ok: false, failure: failureOf(response, text) };
  } catch {
    const message = 'The exchange did not answer: check the connection.';
    return { ok: false, failure: { kind: 'unreachable', status: 0, code: '', message } };
  }
}

/** The people's API says `message`, the bots' `msg`; something on the way may have answered instead of either. */
function failureOf({ status }: Response, text: string): Failure {
  const { code = '', message, msg, field } = said(text);
  const isUnknown = status === 404 && (code === '' || code === 'UNKNOWN_ROUTE');
  const kind = isUnknown || status === 501 || status === 405 ? 'absent' : 'refused';
  return {
    kind,
    status,
    code: String(code),
    message: message ?? msg ?? `The exchange answered ${status}: try again later.`,
    field,
  };
}

interface Said {
  readonly code?: string | number;
  readonly message?: string;
  readonly msg?: string;
  readonly field?: string;
}

function said(text: string): Said {
  try {
    return (JSON.parse(text) as Said | null) ?? {};
  } catch {
    return {};
  }
}
