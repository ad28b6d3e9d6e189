/** The `globalSetup` of Jest: one PostgreSQL server for all test files of a run, and what programs are compiled to. */
import { resolve } from 'node:path';
import { startTestServer } from './postgres-server.ts';

// biome-ignore lint/style/noDefaultExport: Jest asks for the setup as the default export, which returns nothing.
export default async function setUp(): Promise<void> {
  // Many tests start programs, and most of a start is compiling the same files again. Not where others may write.
  process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/compiled');
  const server = await startTestServer();
  process.env.TEST_POSTGRES_URL = server.url;
  (globalThis as { stopTestServer?: () => Promise<void> }).stopTestServer = server.stop;
}
