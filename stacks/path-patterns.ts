import type { Routes } from '#platform/routes.ts';

/** A rule may compare five values, and each path pattern is one. */
const patternsPerRuleMax = 5;

/**
 * The path patterns of a service's routes, in the groups that one listener rule each can hold.
 * A Hono parameter `:name` becomes `*`, the load balancer's only wildcard; it spans several segments.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export function pathPatterns(routes: Routes): string[][] {
  const patterns = Object.values(routes).map(({ path }) => path.replaceAll(/:\w+/g, '*'));
  const distinct = [...new Set(patterns)].sort();
  const groups: string[][] = [];
  for (let start = 0; start < distinct.length; start += patternsPerRuleMax)
    groups.push(distinct.slice(start, start + patternsPerRuleMax));
  return groups;
}
