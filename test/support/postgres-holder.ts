/** A process that runs an embedded PostgreSQL server until it is killed; prints the server's URL. */
import { startEmbeddedPostgres } from '#platform/embedded-postgres/server.ts';

const { url } = await startEmbeddedPostgres({ directory: process.argv[2]! });
process.stdout.write(`${url}\n`);
setInterval(() => {}, 60_000);
