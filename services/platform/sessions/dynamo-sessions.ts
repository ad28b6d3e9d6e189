/**
 * Sessions in DynamoDB, by account and session: the table has the partition key `account_id` (number), the sort key
 * `session_id` (text), and deletes what is past `expires_at_seconds` (TTL), within days.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { openDocuments } from '#platform/documents.ts';
import type { Client, Session, SessionStore } from './session-store.ts';

/** A person waits behind it: three attempts of this, and API Gateway gives up on the whole after ten seconds. */
const REQUEST_TIMEOUT_MS = 1_000;

export class DynamoSessions implements SessionStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** An empty `endpoint` is that of AWS, in the region that the process runs in. */
  constructor(table: string, endpoint: string) {
    this.#table = table;
    this.#client = openDocuments(endpoint, { requestTimeoutMs: REQUEST_TIMEOUT_MS });
  }

  async add(session: Session): Promise<void> {
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: itemOf(session) }));
  }

  async find(account: AccountId, id: string): Promise<Session | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: keyOf(account, id), ConsistentRead: true }),
    );
    return Item && sessionOf(Item as Item);
  }

  async ofAccount(account: AccountId): Promise<Session[]> {
    // An account has few sessions, and a page 1 MB: there is no second page.
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'account_id = :account',
        ExpressionAttributeValues: { ':account': account },
        ConsistentRead: true,
      }),
    );
    return Items.map((item) => sessionOf(item as Item));
  }

  rotate(session: Session, to: string, at: TimeUs, client: Client): Promise<Session | undefined> {
    return this.#update(session.account, session.id, {
      UpdateExpression:
        'SET refresh_hash = :to, refreshed_at = :at, address = :address, user_agent = :userAgent',
      // Asked again after its answer was lost, it has done it already: no other has the same hash.
      ConditionExpression: 'refresh_hash IN (:from, :to)',
      ExpressionAttributeValues: {
        ':from': session.refreshHash,
        ':to': to,
        ':at': at,
        ':address': client.address,
        ':userAgent': client.userAgent,
      },
    });
  }

  setOtpAt(account: AccountId, id: string, at: TimeUs): Promise<Session | undefined> {
    return this.#update(account, id, {
      UpdateExpression: 'SET otp_at = :at',
      ConditionExpression: 'attribute_exists(session_id)',
      ExpressionAttributeValues: { ':at': at },
    });
  }

  async remove(account: AccountId, id: string): Promise<boolean> {
    const { Attributes } = await this.#client.send(
      new DeleteCommand({ TableName: this.#table, Key: keyOf(account, id), ReturnValues: 'ALL_OLD' }),
    );
    return Attributes !== undefined;
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async #update(
    account: AccountId,
    id: string,
    update: Omit<UpdateCommandInput, 'TableName' | 'Key' | 'ReturnValues'>,
  ): Promise<Session | undefined> {
    try {
      const { Attributes } = await this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: keyOf(account, id),
          ReturnValues: 'ALL_NEW',
          ...update,
        }),
      );
      return sessionOf(Attributes as Item);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return undefined;
    }
  }
}

const keyOf = (account: AccountId, id: string) => ({ account_id: account, session_id: id });

type Item = ReturnType<typeof itemOf>;

function itemOf(session: Session) {
  return {
    ...keyOf(session.account, session.id),
    security_epoch: session.securityEpoch,
    refresh_hash: session.refreshHash,
    created_at: session.createdAt,
    refreshed_at: session.refreshedAt,
    expires_at: session.expiresAt,
    expires_at_seconds: Math.ceil(session.expiresAt / 1_000_000),
    otp_at: session.otpAt,
    address: session.address,
    user_agent: session.userAgent,
  };
}

function sessionOf(item: Item): Session {
  return {
    account: item.account_id,
    id: item.session_id,
    securityEpoch: item.security_epoch,
    refreshHash: item.refresh_hash,
    createdAt: item.created_at,
    refreshedAt: item.refreshed_at,
    expiresAt: item.expires_at,
    otpAt: item.otp_at,
    address: item.address,
    userAgent: item.user_agent,
  };
}
