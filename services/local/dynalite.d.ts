/** What is used of a package without types: https://github.com/architect/dynalite */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** The folder to keep tables in; without it they are in memory. */
    readonly path?: string;
    /** How long a new table takes to become active. */
    readonly createTableMs?: number;
  }
  // biome-ignore lint/style/noDefaultExport: the package has no other
  export default function dynalite(options: DynaliteOptions): Server;
}
