/** How far each lane of the stream is in the tables, and which have stopped. Kept in the table `market-data`. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { LANES } from '#platform/lanes.ts';

/** The partition; the sort key is the lane. */
const PARTITION = 'stream-lanes';

export interface LanePosition {
  /** The last sequence whose events the tables have; 0 before the first. */
  readonly through: number;
  /** Why nothing more is taken from this lane until it is built anew. */
  readonly stopped?: string;
}

export class LanePositions {
  readonly #documents: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(documents: DynamoDBDocumentClient, table: string) {
    this.#documents = documents;
    this.#table = table;
  }

  async read(lane: number): Promise<LanePosition> {
    const { Item } = await this.#documents.send(
      new GetCommand({ TableName: this.#table, Key: keyOf(lane), ConsistentRead: true }),
    );
    return positionOf(Item);
  }

  /** Of all lanes, in order. */
  async all(): Promise<LanePosition[]> {
    const { Items = [] } = await this.#documents.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'trading_pair = :partition',
        ExpressionAttributeValues: { ':partition': PARTITION },
        ConsistentRead: true,
      }),
    );
    const found = new Map(Items.map((item) => [item.timestamp, item]));
    return Array.from({ length: LANES }, (_, lane) => positionOf(found.get(lane)));
  }

  /** Never back. */
  async advance(lane: number, through: number): Promise<void> {
    try {
      await this.#documents.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: keyOf(lane),
          UpdateExpression: 'SET through = :through',
          ConditionExpression: 'attribute_not_exists(through) OR through < :through',
          ExpressionAttributeValues: { ':through': through },
        }),
      );
    } catch (error) {
      // Another has come as far.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async stop(lane: number, reason: string): Promise<void> {
    await this.#documents.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: keyOf(lane),
        UpdateExpression: 'SET stopped = :reason',
        ExpressionAttributeValues: { ':reason': reason },
      }),
    );
  }

  /** All lanes go on after `through`. */
  async resume(through: number): Promise<void> {
    for (let lane = 0; lane < LANES; lane++)
      await this.#documents.send(
        new PutCommand({ TableName: this.#table, Item: { ...keyOf(lane), through } }),
      );
  }
}

const keyOf = (lane: number) => ({ trading_pair: PARTITION, timestamp: lane });

function positionOf(item: Partial<LanePosition> | undefined): LanePosition {
  return { through: item?.through ?? 0, stopped: item?.stopped };
}
