/**
 * What whoever serves the pages sends with them, and how long it lets them be kept: CloudFront takes it from here, and so
 * does `npm start`, so that what the one forbids fails under the other too.
 */

/** Two years, what the preload list of browsers asks for: https://hstspreload.org. */
export const transportSecuritySeconds = 2 * 365 * 24 * 60 * 60;

/** Nothing of it is used, by the pages or by anybody in their name. */
export const permissionsPolicy = 'camera=(), geolocation=(), microphone=(), payment=(), usb=()';

/**
 * Files from the same place and nothing else: no script or style within a page, no HTML made from text by a script.
 * `webSockets` are origins such as `wss://exchange.example.com`: `'self'` does not mean them to every browser.
 */
export function contentSecurityPolicy(webSockets: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${["'self'", ...webSockets].join(' ')}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** As a server sends them. CloudFront is told the same in its own words: `stacks/headers-policies.ts`. */
export function securityHeaders(webSockets: readonly string[]): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(webSockets),
    'Permissions-Policy': permissionsPolicy,
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    // Browsers pass over it on plain HTTP, and for an address that is no name: RFC 6797, sections 8.1 and 8.1.1.
    'Strict-Transport-Security': `max-age=${transportSecuritySeconds}; includeSubDomains; preload`,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  };
}

/** A file whose name has a hash of its content is the same for ever; the page that names it is asked for each time. */
export function cacheControl(path: string): string {
  return path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
}
