/**
 * A service's routes, declared once in its `routes.ts`: the service mounts them, API Gateway gets its
 * resources and authorizer from them, and the authorization tests are generated from them.
 */
import type { Context, Hono } from 'hono';

/**
 * Who may call a route, and how the caller is known.
 * - `NONE`: everyone.
 * - `TRADE`, `USER_DATA`, `WITHDRAW`: an API key and a signature over the exact bytes of the request; the first and the
 *   last need the key's right to it.
 * - `USER_STREAM`: an API key; over the WebSocket API with a signature too.
 * - `JWT`: a person's access token; these routes alone go through API Gateway.
 */
export type Security = 'NONE' | 'TRADE' | 'USER_DATA' | 'WITHDRAW' | 'USER_STREAM' | 'JWT';

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A Hono path; `:name` stands for one segment, `:name{pattern}` for one that begins and goes on as the pattern says. */
  readonly path: string;
  readonly security: Security;
  /** Request weight, counted per address and minute; `handler` when it depends on the parameters. */
  readonly weight: number | 'handler';
  /** With the security `JWT`: whom the route is for, and whoever stands above; everyone unless given. */
  readonly role?: 'operator' | 'admin';
  /**
   * With the security `JWT`: a one-time code must have been given a moment ago, `always`, or by those who have
   * `enrolled` in two-factor.
   */
  readonly stepUp?: 'enrolled' | 'always';
  /** The route upgrades to a WebSocket. */
  readonly upgrade?: true;
}

export type Routes = Readonly<Record<string, Route>>;

/** Keeps the literal names of a declaration, so that {@link mountRoutes} can ask for a handler for each. */
export function defineRoutes<const R extends Routes>(routes: R): R {
  return routes;
}

export type Handler = (context: Context) => Response | Promise<Response>;

/** Mounts every declared route; a route without a handler, or a handler without a route, does not compile. */
export function mountRoutes<R extends Routes>(
  app: Hono,
  routes: R,
  handlers: { readonly [K in keyof R]: Handler },
): void {
  for (const name of Object.keys(routes) as (keyof R & string)[]) {
    const { method, path } = routes[name]!;
    app.on(method, path, handlers[name]);
  }
}
