/** The bucket that CloudFront takes an environment's pages from. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentCli } from '../aws-cli.ts';
import type { WebFile } from './web-release.ts';

interface Listing {
  readonly Contents?: readonly { readonly Key: string }[];
}

type ServedAs = Omit<WebFile, 'digest'>;

export class WebBucket {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** The text of an object; undefined when there is none. */
  text(key: string): string | undefined {
    const bucket = ['--bucket', this.#name];
    const listed = environmentCli<Listing>('s3api', 'list-objects-v2', ...bucket, '--prefix', key);
    if (!listed.Contents?.some(({ Key }) => Key === key)) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'web-bucket-'));
    const copy = join(folder, 'object');
    try {
      environmentCli('s3api', 'get-object', ...bucket, '--key', key, copy);
      return readFileSync(copy, 'utf8');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** S3 compares what arrives with what was sent. A mark that the object was superseded goes with its older version. */
  put(key: string, file: string, served: ServedAs): void {
    environmentCli(
      's3api',
      'put-object',
      ...['--bucket', this.#name, '--key', key, '--body', file],
      ...headersOf(served),
      ...['--checksum-algorithm', 'SHA256'],
    );
  }

  /** Copied onto itself, the object is as old as this release: its month begins now. */
  supersede(key: string, served: ServedAs): void {
    environmentCli(
      's3api',
      'copy-object',
      ...['--bucket', this.#name, '--key', key, '--copy-source', `${this.#name}/${key}`],
      // S3 refuses a copy onto itself that replaces nothing; tags do not count.
      ...['--metadata-directive', 'REPLACE', ...headersOf(served)],
      ...['--tagging-directive', 'REPLACE', '--tagging', 'superseded=true'],
    );
  }
}

function headersOf({ contentType, cacheControl }: ServedAs): string[] {
  return ['--content-type', contentType, '--cache-control', cacheControl];
}
