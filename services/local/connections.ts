/** Where a running exchange has its database and its engine, for programs of the same owner on the same machine. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Connections {
  readonly databaseUrl: string;
  readonly engineUrl: string;
}

const FILE = 'connections.json';

/** Readable by the owner only; gone once it is closed. */
export async function noteConnections(dataDirectory: string, connections: Connections) {
  const file = join(dataDirectory, FILE);
  await writeFile(file, `${JSON.stringify(connections)}\n`, { mode: 0o600 });
  return { close: () => rm(file, { force: true }) };
}

/** @throws when no exchange has come up there yet. */
export async function readConnections(dataDirectory: string): Promise<Connections> {
  return JSON.parse(await readFile(join(dataDirectory, FILE), 'utf8')) as Connections;
}
