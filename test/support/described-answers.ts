/** Holds answers that tests get to what the description of the API says of them: no more fields, and no fewer. */
import assert from 'node:assert/strict';
import type { Routes } from '#platform/routes.ts';
import type { DescribedService } from '#services/local/openapi/describe.ts';
import { describedServices } from '#services/local/openapi/services.ts';

const isLike = (pattern: string, path: string) =>
  new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`).test(path);

function routeOf({ routes }: DescribedService, method: string, path: string): string | undefined {
  const fitting = Object.entries(routes as Routes).filter(
    ([, route]) => route.method === method && isLike(route.path, path),
  );
  // A path that is named stands before one with a parameter.
  return (fitting.find(([, route]) => route.path === path) ?? fitting[0])?.[0];
}

/**
 * Does nothing for refusals, for routes of the dialect, and for an answer that is no JSON; `json` is null for none at all.
 * @throws when the answer is another than the one described.
 */
export function requireDescribed(
  service: string,
  method: string,
  url: string,
  status: number,
  json: unknown,
): void {
  if (status >= 300 || json === undefined) return;
  const described = describedServices.find(({ name }) => name === service)!;
  const name = routeOf(described, method, url.split('?')[0]!);
  if (name === undefined || described.requests[name] === undefined) return;
  const schema = described.answers?.[name];
  if (schema === undefined) {
    assert.equal(json, null, `${name} of ${service} has an answer that nothing describes`);
    return;
  }
  const result = schema.safeParse(json);
  assert(result.success, `${name} of ${service} is not answered as described: ${result.error?.message}`);
  assert.deepEqual(result.data, json, `${name} of ${service} has fields that nothing describes`);
}
