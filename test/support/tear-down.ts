/** The `globalTeardown` of Jest. */
// biome-ignore lint/style/noDefaultExport: Jest asks for the teardown as the default export.
export default async function tearDown(): Promise<void> {
  await (globalThis as { stopTestServer?: () => Promise<void> }).stopTestServer?.();
}
