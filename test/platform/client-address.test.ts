/** Whom limits are counted for: believing a header too much lets a client be anybody, too little makes all one. */
import { expect, it } from '@jest/globals';
import { Hono } from 'hono';
import { clientAddress } from '#platform/client-address.ts';

const SOCKET = { incoming: { socket: { remoteAddress: '10.0.0.9' } } };

async function addressWith(trustedHops: number, forwarded?: string, viewer?: string): Promise<string> {
  const app = new Hono().get('/', (context) => context.text(clientAddress(context, trustedHops)));
  const headers = {
    ...(forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded }),
    ...(viewer === undefined ? {} : { 'CloudFront-Viewer-Address': viewer }),
  };
  return (await app.request('/', { headers }, SOCKET)).text();
}

it.each([
  ['the socket when nothing is trusted', 0, '1.1.1.1', '10.0.0.9'],
  ['what the one load balancer saw, not what the client claims', 1, '6.6.6.6, 2.2.2.2', '2.2.2.2'],
  ['what the first of two saw', 2, '6.6.6.6, 3.3.3.3, 10.0.0.1', '3.3.3.3'],
  ['the socket when the request came past the load balancers', 2, '2.2.2.2', '10.0.0.9'],
  ['the socket when there is no header', 1, undefined, '10.0.0.9'],
])('is %s', async (_, hops, forwarded, address) => {
  expect(await addressWith(hops, forwarded)).toBe(address);
});

it.each([
  ['what CloudFront saw, however many stand between', 2, '198.51.100.10:46532', '198.51.100.10'],
  ['also an address of IPv6', 2, '2001:db8:85a3::8a2e:370:7334:46532', '2001:db8:85a3::8a2e:370:7334'],
  ['not what a client says where nothing is trusted', 0, '198.51.100.10:46532', '10.0.0.9'],
])('is %s', async (_, hops, viewer, address) => {
  expect(await addressWith(hops, '6.6.6.6, 7.7.7.7, 8.8.8.8', viewer)).toBe(address);
});
