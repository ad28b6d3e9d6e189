/** Which way a path takes from the edge: decided by the services' routes, and nothing else. */
import assert from 'node:assert/strict';
import type { Routes } from '#platform/routes.ts';
import type { Service } from './services.ts';

/** Where a path leads: API Gateway, or the load balancer's port for one service. */
type Destination = 'api' | { readonly service: string };

/** A cache behaviour of CloudFront, which takes the first whose pattern matches. */
export interface Behaviour {
  readonly pattern: string;
  readonly to: Destination;
  /** Public market data: kept at the edge for a second. */
  readonly cached: boolean;
}

type Route = Routes[string];
type Services = Readonly<Record<string, Service>>;

/**
 * Quota of CloudFront, the default behaviour among them; AWS raises it on request.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
const behavioursMax = 75;

/** Whose answers to everyone are the same for a second. */
const publicDataOf = 'market-data';

/** Of these, what was true a second ago is of no use: clocks are set by the one, health is measured by the other. */
const neverCached = new Set(['/api/v3/time', '/api/v3/ping']);

/**
 * Who answers below a prefix what has no behaviour of its own, unknown paths among it: the words of a 404 are the
 * API's. Bots speak to the first two, people's pages to the last.
 */
const rest: readonly Behaviour[] = [
  { pattern: '/api/v3/*', to: { service: 'orders' }, cached: false },
  { pattern: '/sapi/*', to: { service: 'orders' }, cached: false },
  { pattern: '/api/*', to: 'api', cached: false },
];

/** Begins every path that bots use; other paths are of people. */
export const botPrefixes = ['/api/v3/', '/sapi/', '/ws', '/stream'] as const;

/**
 * Whether a route leads through API Gateway: those that need a token, and beside them what the same service tells
 * everyone, such as the log-in. Signed requests never do: a signature covers the exact bytes of the query, which API
 * Gateway may write otherwise. Nor do WebSockets, which it cannot carry on.
 */
export function throughApi(route: Route, routes: Routes): boolean {
  if (route.security === 'JWT') return true;
  const forPeople = Object.values(routes).some(({ security }) => security === 'JWT');
  return route.security === 'NONE' && !route.upgrade && forPeople;
}

/**
 * The behaviours for all routes, in their order. A route that {@link rest} leads the right way has none of its own.
 * @throws {AssertionError} when one path would have to lead two ways, or there are more than CloudFront allows.
 */
export function behavioursOf(services: Services): Behaviour[] {
  const own = new Map<string, Behaviour>();
  for (const [name, { routes = {} }] of Object.entries(services))
    for (const route of Object.values(routes)) {
      const behaviour = behaviourOf(name, route, routes);
      const other = own.get(behaviour.pattern);
      assert(
        !other || leadSame(behaviour, other),
        `routes.ts of ${name}: ${route.method} ${route.path} would have to lead another way than the same path's other routes; give it a path of its own`,
      );
      // Cached only when all that the path answers may be.
      own.set(behaviour.pattern, { ...behaviour, cached: behaviour.cached && (other?.cached ?? true) });
    }
  const behaviours = [...[...own.values()].filter(notInRest).sort(byPrecedence), ...rest];
  for (const behaviour of own.values()) {
    const first = firstMatch(behaviours, examplePath(behaviour.pattern));
    assert(
      leadSame(first, behaviour) && first?.cached === behaviour.cached,
      `${behaviour.pattern} is taken by another pattern before its own; rename one of the two paths`,
    );
  }
  assert(
    behaviours.length < behavioursMax,
    `${behaviours.length} paths need a cache behaviour beside the default one, and CloudFront allows ${behavioursMax} in all; group paths below a prefix in stacks/edge-behaviours.ts, or have the quota raised`,
  );
  return behaviours;
}

function behaviourOf(service: string, route: Route, routes: Routes): Behaviour {
  const pattern = patternOf(route.path);
  if (throughApi(route, routes)) return { pattern, to: 'api', cached: false };
  const isPublicData =
    service === publicDataOf && route.security === 'NONE' && route.method === 'GET' && !route.upgrade;
  return { pattern, to: { service }, cached: isPublicData && !neverCached.has(route.path) };
}

/** A parameter may be anything, or anything that begins as its own pattern says: `:key{U[0-9a-f]+}` is `U*`. */
function patternOf(path: string): string {
  return path.replaceAll(/:\w+(?:\{(\w*)[^}]*\})?/g, (_, beginning = '') => `${beginning}*`);
}

/** The first behaviour whose pattern matches a path, as CloudFront chooses; undefined is the default one. */
function firstMatch(behaviours: readonly Behaviour[], path: string): Behaviour | undefined {
  return behaviours.find(({ pattern }) => matches(pattern, path));
}

/** `*` stands for any characters or none, slashes among them. */
function matches(pattern: string, path: string): boolean {
  const literal = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(path);
}

function examplePath(pattern: string): string {
  return pattern.replaceAll('*', 'example');
}

function leadSame(one: Behaviour | undefined, other: Behaviour): boolean {
  return nameOf(one?.to) === nameOf(other.to);
}

function nameOf(to: Destination | undefined): string | undefined {
  return typeof to === 'object' ? to.service : to;
}

function notInRest(behaviour: Behaviour): boolean {
  return behaviour.cached || !leadSame(firstMatch(rest, examplePath(behaviour.pattern)), behaviour);
}

/** Exact paths first, then the longer prefix: the narrower pattern is asked first. */
function byPrecedence(one: Behaviour, other: Behaviour): number {
  const [oneExact, otherExact] = [one, other].map(({ pattern }) => (pattern.includes('*') ? 1 : 0)) as [
    number,
    number,
  ];
  return (
    oneExact - otherExact ||
    other.pattern.length - one.pattern.length ||
    (one.pattern < other.pattern ? -1 : 1)
  );
}
