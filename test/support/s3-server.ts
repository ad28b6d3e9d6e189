/**
 * Stands for S3 of AWS, which cannot run here: the part of its REST protocol that the SDK uses for PutObject, GetObject,
 * ListObjectsV2 and DeleteObject. As S3 does, it stores nothing that came with another checksum than its own. It knows
 * no signatures: that a request has one is all it asks for.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface S3Server {
  readonly url: string;
  readonly buckets: ReadonlySet<string>;
  /** As `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  /** What was asked, as `METHOD /path?query`. */
  readonly requests: string[];
  /** So many of the next requests are answered with 500. */
  failures: number;
  /** Changes the body of the next request that comes, or of the next object that goes. */
  damage: ((body: Buffer) => Buffer) | undefined;
  close(): Promise<void>;
}

/** `pageKeys` is how many keys one answer lists, 1,000 at S3. */
export async function startS3Server(buckets: readonly string[], pageKeys: number): Promise<S3Server> {
  const http = createServer((request, response) => {
    handle(server, pageKeys, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: S3Server = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    buckets: new Set(buckets),
    objects: new Map(),
    requests: [],
    failures: 0,
    damage: undefined,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

async function handle(
  server: S3Server,
  pageKeys: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<ServerResponse> {
  const sent = await buffer(request);
  server.requests.push(`${request.method} ${request.url}`);
  const { pathname, searchParams } = new URL(request.url!, server.url);
  if (server.failures > 0) {
    server.failures--;
    return refuse(response, 500, 'InternalError');
  }
  if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
    return refuse(response, 403, 'AccessDenied');
  const object = decodeURIComponent(pathname.slice(1));
  if (!server.buckets.has(object.split('/')[0]!)) return refuse(response, 404, 'NoSuchBucket');
  switch (request.method) {
    case 'PUT':
      return putObject(server, object, takeDamaged(server, sent), request, response);
    case 'GET':
      if (searchParams.get('list-type') === '2')
        return listObjects(server, object, pageKeys, searchParams, response);
      return getObject(server, object, response);
    case 'DELETE':
      server.objects.delete(object);
      return response.writeHead(204).end();
    default:
      return refuse(response, 405, 'MethodNotAllowed');
  }
}

function putObject(
  server: S3Server,
  object: string,
  body: Buffer,
  { headers }: IncomingMessage,
  response: ServerResponse,
): ServerResponse {
  const digest = sha256(body);
  if (headers['x-amz-content-sha256'] !== digest.toString('hex'))
    return refuse(response, 400, 'XAmzContentSHA256Mismatch');
  if (headers['x-amz-checksum-sha256'] !== digest.toString('base64'))
    return refuse(response, 400, 'BadDigest');
  server.objects.set(object, body);
  return response.writeHead(200).end();
}

function getObject(server: S3Server, object: string, response: ServerResponse): ServerResponse {
  const body = server.objects.get(object);
  if (body === undefined) return refuse(response, 404, 'NoSuchKey');
  return response
    .writeHead(200, { 'x-amz-checksum-sha256': sha256(body).toString('base64') })
    .end(takeDamaged(server, body));
}

function listObjects(
  { objects }: S3Server,
  path: string,
  pageKeys: number,
  query: URLSearchParams,
  response: ServerResponse,
): ServerResponse {
  const bucket = path.replace(/\/?$/, '/');
  const after = query.get('continuation-token') ?? '';
  const keys = [...objects.keys()]
    .filter((object) => object.startsWith(`${bucket}${query.get('prefix') ?? ''}`))
    .map((object) => object.slice(bucket.length))
    .filter((key) => key > after)
    .sort();
  const page = keys.slice(0, pageKeys);
  const isTruncated = keys.length > page.length;
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  const next = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  return answer(
    response,
    200,
    `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${contents}${next}</ListBucketResult>`,
  );
}

function takeDamaged(server: S3Server, body: Buffer): Buffer {
  const damaged = server.damage?.(Buffer.from(body)) ?? body;
  server.damage = undefined;
  return damaged;
}

function refuse(response: ServerResponse, status: number, code: string): ServerResponse {
  return answer(response, status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function answer(response: ServerResponse, status: number, xml: string): ServerResponse {
  return response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
