/** The `globalSetup` of Jest: one PostgreSQL server for all test files of a run. */
import { startTestServer } from './postgres-server.ts';

// biome-ignore lint/style/noDefaultExport: Jest asks for the setup as the default export, which returns nothing.
export default async function setUp(): Promise<void> {
  const server = await startTestServer();
  process.env.TEST_POSTGRES_URL = server.url;
  (globalThis as { stopTestServer?: () => Promise<void> }).stopTestServer = server.stop;
}
