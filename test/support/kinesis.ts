/** A stream on a real server of Kinesis's protocol, with a proxy before it that refuses what a test wants refused. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { type Frame, type FrameRecord, FrameWriter, readFrame } from '#domain/codec.ts';
import { openKinesis } from '#platform/kinesis.ts';
import { laneOf } from '#platform/lanes.ts';
import { createLog } from '#platform/log.ts';
import type { EventFrame } from '#services/engine/batch-outcome.ts';
import { createStream, startKinesis } from '#services/local/kinesis.ts';
import { StreamPoller } from '#services/local/stream-poller.ts';
import type { StreamRecord } from '#services/projector/tables/table-projector.ts';

export const STREAM = 'events';
const POLL_MS = 10;

export interface TestStream {
  /** Straight to the server. */
  readonly kinesis: KinesisClient;
  readonly endpoint: string;
  close(): Promise<void>;
}

export async function testStream(): Promise<TestStream> {
  const server = await startKinesis();
  const kinesis = openKinesis(server.endpoint);
  await createStream(kinesis, STREAM);
  return {
    kinesis,
    endpoint: server.endpoint,
    close: async () => {
      kinesis.destroy();
      await server.close();
    },
  };
}

/** What becomes of a request to put records. */
export type Fate =
  | 'taken'
  /** Refused as a whole. */
  | 'throttled'
  /** Every second record is refused, the others are taken. */
  | 'partly'
  /** Taken, and the answer is lost. */
  | 'unanswered';

export interface KinesisProxy {
  readonly endpoint: string;
  readonly fates: Fate[];
  close(): Promise<void>;
}

/** `fateOf` decides on each request to put records; all others pass. */
export async function startKinesisProxy(serverEndpoint: string, fateOf: () => Fate): Promise<KinesisProxy> {
  const fates: Fate[] = [];
  const proxy = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    if (!String(incoming.headers['x-amz-target']).endsWith('.PutRecords')) {
      const { status, text } = await forward(serverEndpoint, incoming, body);
      return answer(outgoing, status, text);
    }
    const fate = fateOf();
    fates.push(fate);
    await decide(fate, serverEndpoint, incoming, outgoing, body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    fates,
    close: async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

async function decide(
  fate: Fate,
  endpoint: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  body: Buffer,
): Promise<void> {
  if (fate === 'throttled') {
    const refusal = { __type: 'ProvisionedThroughputExceededException', message: 'Rate exceeded' };
    return answer(outgoing, 400, JSON.stringify(refusal));
  }
  const asked = JSON.parse(body.toString());
  const isTaken = (at: number) => fate !== 'partly' || at % 2 === 0;
  const passed = { ...asked, Records: asked.Records.filter((_: unknown, at: number) => isTaken(at)) };
  const { status, text } = await forward(endpoint, incoming, Buffer.from(JSON.stringify(passed)));
  if (fate === 'unanswered') return void outgoing.destroy();
  if (fate === 'taken' || status !== 200) return answer(outgoing, status, text);
  const results = JSON.parse(text).Records.values();
  const Records = asked.Records.map((_: unknown, at: number) =>
    isTaken(at)
      ? results.next().value
      : { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded for shard' },
  );
  answer(outgoing, 200, JSON.stringify({ FailedRecordCount: Math.floor(asked.Records.length / 2), Records }));
}

function answer(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text);
}

function forward(endpoint: string, { headers, url }: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const upstream = request(
      new URL(url!, endpoint),
      { method: 'POST', headers: { ...headers, 'content-length': body.length } },
      async (response) =>
        resolve({ status: response.statusCode!, text: (await buffer(response)).toString() }),
    );
    upstream.on('error', reject).end(body);
  });
}

/** Everything in the stream so far, each shard in order; `isAll` says when no more is awaited. */
export async function readStream(
  kinesis: KinesisClient,
  isAll: (records: readonly StreamRecord[]) => boolean,
): Promise<StreamRecord[]> {
  const found: StreamRecord[] = [];
  const poller = new StreamPoller({
    kinesis,
    streamName: STREAM,
    take: async (records) => {
      found.push(...records);
      return [];
    },
    log: createLog('poller', 'silent'),
  });
  while (!isAll(found)) await new Promise((resume) => setTimeout(resume, POLL_MS));
  await poller.close();
  return found;
}

/** Whether every lane has come to `seq`. */
export function reaches(seq: number) {
  return (records: readonly StreamRecord[]) => {
    const ends = new Map<string, number>();
    for (const { partitionKey, data } of records) ends.set(partitionKey, readFrame(data).lastSeq);
    return ends.size === 16 && [...ends.values()].every((end) => end === seq);
  };
}

/**
 * Each lane's events in the order of the stream, without those that come again.
 * @throws when a lane has a gap.
 */
export function eventsByLane(records: readonly StreamRecord[], after = 0): Map<number, FrameRecord[]> {
  const lanes = new Map<number, { through: number; events: FrameRecord[] }>();
  for (const { partitionKey, data } of records) {
    const lane = laneOf(partitionKey)!;
    const state = lanes.get(lane) ?? { through: after, events: [] };
    lanes.set(lane, state);
    const frame = readFrame(data);
    if (frame.firstSeq > state.through + 1)
      throw new Error(`lane ${lane} ends at ${state.through} and goes on at ${frame.firstSeq}`);
    state.events.push(...frame.records.filter(({ id }) => id > state.through));
    state.through = Math.max(state.through, frame.lastSeq);
  }
  return new Map([...lanes].map(([lane, { events }]) => [lane, events]));
}

/** What each lane should have, told from the events themselves. */
export function expectedByLane(frames: readonly Frame[]): Map<number, FrameRecord[]> {
  const lanes = new Map<number, FrameRecord[]>(Array.from({ length: 16 }, (_, lane) => [lane, []]));
  for (const record of frames.flatMap(({ records }) => records)) {
    const { account, market, from } = record.message as Partial<Record<string, number>>;
    lanes.get((account ?? market ?? from ?? 0) % 16)!.push(record);
  }
  return lanes;
}

export function encoded({ firstSeq, lastSeq, records }: Frame): EventFrame {
  const writer = new FrameWriter();
  for (const { id, timeUs, message } of records) writer.write(id, timeUs, message);
  return { firstSeq, lastSeq, bytes: writer.finish(firstSeq, lastSeq) };
}
