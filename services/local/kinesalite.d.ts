/** What is used of a package without types: https://github.com/mhart/kinesalite */
declare module 'kinesalite' {
  import type { Server } from 'node:http';

  interface KinesaliteOptions {
    /** How long a new stream takes to become active. */
    readonly createStreamMs?: number;
    readonly deleteStreamMs?: number;
    /** How long shards take to be split or merged. */
    readonly updateStreamMs?: number;
  }
  // biome-ignore lint/style/noDefaultExport: the package has no other
  export default function kinesalite(options: KinesaliteOptions): Server;
}
