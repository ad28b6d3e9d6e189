/** The peer of the orders bench: a Hono POST handler that does nothing, served as the services are. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
app.post('/api/v3/order', (context) => context.json({}));
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.({ port }));
process.once('disconnect', () => process.exit());
