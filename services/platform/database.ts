/**
 * Every PostgreSQL table, as a row's type. Each schema is named for the service that alone writes it, and that
 * service's `migrations.ts` creates it; others may read. One table has another writer and says so. Amounts are units
 * and times microseconds, all below 2^53.
 */
import type { ColumnType, Generated } from 'kysely';
import type { EventOf } from '#domain/events.ts';
import type {
  AccountId,
  AssetId,
  BasisPoints,
  MarketId,
  OrderId,
  OrderListId,
  Price,
  Seq,
  TimeUs,
  TradeId,
  Units,
} from '#domain/ids.ts';
import type { LedgerEvent, LedgerKind } from '#domain/ledger.ts';
import type {
  OrderListKind,
  OrderStatus,
  OrderType,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '#domain/orders.ts';

export interface Database {
  'engine.head': HeadTable;
  'engine.journal': JournalTable;
  'projector.position': PositionTable;
  'projector.orders': OrdersTable;
  'projector.order_lists': OrderListsTable;
  'projector.amendments': AmendmentsTable;
  'projector.prevented_matches': PreventedMatchesTable;
  'projector.trades': TradesTable;
  'projector.candles': CandlesTable;
  'projector.markets': MarketsTable;
  'projector.ledger_movements': LedgerMovementsTable;
  'projector.ledger_balances': LedgerBalancesTable;
  'orders.listen_keys': ListenKeysTable;
  'accounts.users': UsersTable;
  'accounts.api_keys': ApiKeysTable;
  'accounts.api_key_uses': ApiKeyUsesTable;
  'accounts.email_tokens': EmailTokensTable;
  'accounts.sessions': SessionsTable;
  'accounts.two_factor': TwoFactorTable;
  'accounts.recovery_codes': RecoveryCodesTable;
  'accounts.security_events': SecurityEventsTable;
  'wallet.accounts': WalletAccountsTable;
  'wallet.deposit_addresses': DepositAddressesTable;
  'wallet.deposits': DepositsTable;
  'wallet.notices': NoticesTable;
  'wallet.addresses': AddressesTable;
  'wallet.withdrawals': WithdrawalsTable;
  'wallet.transfers': TransfersTable;
  'wallet.gifts': GiftsTable;
  'wallet.reserve_reports': ReserveReportsTable;
  'wallet.reserve_roots': ReserveRootsTable;
  'wallet.reserve_leaves': ReserveLeavesTable;
  'wallet.reserve_nodes': ReserveNodesTable;
  'wallet.sandbox_chain': SandboxChainTable;
  'wallet.sandbox_outputs': SandboxOutputsTable;
  'wallet.sandbox_notices': SandboxNoticesTable;
}

/** One row: the end of the journal, and the epoch and whereabouts of the leader that may append to it. */
interface HeadTable {
  shard: number;
  epoch: number;
  last_seq: Seq;
  /** Digest of the last batch; each batch's digest covers the one before. */
  digest: Buffer;
  /** As `ws://host:port`; empty once it has let go. */
  leader: string;
  deployment: string;
  /** Whom the last leader let go for; empty for anyone. */
  successor: string;
  /** Rises while the leader lives and has nothing to append. */
  beat: number;
  /** Events up to here have been published. */
  published: Seq;
}

/** A batch of commands, as one frame of the codec. */
interface JournalTable {
  shard: number;
  first_seq: Seq;
  last_seq: Seq;
  epoch: number;
  /** Time of the last command. */
  time_us: TimeUs;
  /** That time in whole days since 1970: the partition. */
  day: number;
  commands: Buffer;
  digest: Buffer;
}

/** One row: the last sequence whose events are in the read models. */
interface PositionTable {
  id: number;
  seq: Seq;
}

interface OrdersTable {
  order_id: OrderId;
  account_id: AccountId;
  market_id: MarketId;
  client_order_id: string;
  side: Side;
  order_type: OrderType;
  time_in_force: TimeInForce;
  status: OrderStatus;
  price: Price | null;
  quantity: Units;
  quote_order_qty: Units | null;
  executed_quantity: Units;
  executed_quote: Units;
  self_trade_prevention: SelfTradePrevention;
  prevented_quantity: Units;
  /** The last match in which self-trade prevention took something out of the order. */
  prevented_match_id: number | null;
  stop_price: Price | null;
  trailing_delta: BasisPoints | null;
  iceberg_quantity: Units | null;
  order_list_id: OrderListId | null;
  created_at: TimeUs;
  working_at: TimeUs | null;
  updated_at: TimeUs;
}

interface OrderListsTable {
  order_list_id: OrderListId;
  account_id: AccountId;
  market_id: MarketId;
  list_client_order_id: string;
  kind: OrderListKind;
  status: EventOf<'orderList'>['status'];
  first_order_id: OrderId;
  second_order_id: OrderId;
  third_order_id: OrderId | null;
  created_at: TimeUs;
  updated_at: TimeUs;
}

interface AmendmentsTable {
  /** The sequence of the command that amended. */
  seq: Seq;
  order_id: OrderId;
  account_id: AccountId;
  market_id: MarketId;
  client_order_id_before: string;
  client_order_id: string;
  quantity_before: Units;
  quantity: Units;
  amended_at: TimeUs;
}

interface PreventedMatchesTable {
  market_id: MarketId;
  prevented_match_id: number;
  account_id: AccountId;
  mode: SelfTradePrevention;
  price: Price;
  taker_order_id: OrderId;
  maker_order_id: OrderId;
  taker_prevented_quantity: Units;
  maker_prevented_quantity: Units;
  prevented_at: TimeUs;
}

interface TradesTable {
  market_id: MarketId;
  trade_id: TradeId;
  aggregate_id: number;
  price: Price;
  quantity: Units;
  quote_quantity: Units;
  taker_side: Side;
  maker_order_id: OrderId;
  taker_order_id: OrderId;
  maker_account: AccountId;
  taker_account: AccountId;
  maker_fee: Units;
  taker_fee: Units;
  traded_at: TimeUs;
}

/** One minute of one market; only minutes with trades have a row. Volumes are numeric: they outgrow 2^53. */
interface CandlesTable {
  market_id: MarketId;
  opened_at: TimeUs;
  open: Price;
  high: Price;
  low: Price;
  close: Price;
  base_volume: ColumnType<string, string | number, string | number>;
  quote_volume: ColumnType<string, string | number, string | number>;
  taker_buy_base: ColumnType<string, string | number, string | number>;
  taker_buy_quote: ColumnType<string, string | number, string | number>;
  first_trade_id: TradeId;
  last_trade_id: TradeId;
}

/** What each market's trades are paid in. */
interface MarketsTable {
  market_id: MarketId;
  symbol: string;
  base_asset_id: AssetId;
  quote_asset_id: AssetId;
}

/** See `domain/ledger.ts`. Append only; the view `projector.ledger_postings` shows each as its postings. */
interface LedgerMovementsTable {
  seq: Seq;
  /** Counts the events of one sequence that moved value from 0; a trade makes two movements. */
  entry: number;
  event: LedgerEvent;
  asset_id: AssetId;
  from_kind: LedgerKind;
  from_account: AccountId;
  to_kind: LedgerKind;
  to_account: AccountId;
  amount: Units;
  fee: Units;
  /** After it. */
  from_balance: Units;
  to_balance: Units;
  /** Of a trade. */
  market_id: MarketId | null;
  trade_id: TradeId | null;
  /** What a deposit, withdrawal or transfer was named by whoever asked for it. */
  reference: string | null;
  happened_at: TimeUs;
}

interface LedgerBalancesTable {
  kind: LedgerKind;
  account_id: AccountId;
  asset_id: AssetId;
  balance: Units;
}

interface UsersTable {
  account_id: Generated<AccountId>;
  email: string;
  /** PHC string of Argon2id. */
  password_hash: string;
  created_at: TimeUs;
  email_verified_at: Generated<TimeUs | null>;
  role: Generated<'user' | 'operator' | 'admin'>;
  frozen_at: Generated<TimeUs | null>;
  /** Rises when all sessions end; one that was opened before is no longer valid. */
  security_epoch: Generated<number>;
}

interface ApiKeysTable {
  id: Generated<number>;
  account_id: AccountId;
  label: string;
  api_key: string;
  key_type: Generated<'HMAC' | 'ED25519' | 'RSA'>;
  /** The HMAC secret, sealed with AES-256-GCM; null for the other types. */
  sealed_secret: Buffer | null;
  /** SPKI as PEM; null for HMAC. */
  public_key: Generated<string | null>;
  can_trade: boolean;
  can_withdraw: Generated<boolean>;
  /** Addresses and networks that it works from; empty for all. */
  ip_allow_list: Generated<string[]>;
  created_at: TimeUs;
  revoked_at: TimeUs | null;
}

/** Written by `orders` and `wallet`, which see the keys used: the later use stays. */
interface ApiKeyUsesTable {
  api_key: string;
  used_at: TimeUs;
  address: string;
}

/** One of an account, good until it expires. */
interface ListenKeysTable {
  /** SHA-256. */
  key_hash: Buffer;
  account_id: AccountId;
  api_key: string;
  /** As `services/platform/sealed-secret.ts` has it. */
  sealed_key: Buffer;
  expires_at: TimeUs;
}

/** What was sent by mail to prove that it arrived; its hash alone is kept, until it is used. */
interface EmailTokensTable {
  /** SHA-256. */
  token_hash: Buffer;
  account_id: AccountId;
  purpose: 'verify' | 'reset';
  expires_at: TimeUs;
}

/** Where no DynamoDB keeps them. */
interface SessionsTable {
  account_id: AccountId;
  session_id: string;
  /** The user's when the session was opened. */
  security_epoch: number;
  /** SHA-256 of the refresh token that is valid now. */
  refresh_hash: string;
  created_at: TimeUs;
  refreshed_at: TimeUs;
  expires_at: TimeUs;
  /** When a one-time code was last given. */
  otp_at: TimeUs | null;
  address: string;
  user_agent: string;
}

interface TwoFactorTable {
  account_id: AccountId;
  /** The TOTP secret, sealed with AES-256-GCM. */
  sealed_secret: Buffer;
  /** Null until a code has shown that the secret arrived. */
  enabled_at: TimeUs | null;
  /** The time step of the last code that was accepted: no code of it or before is again. */
  last_step: Generated<number>;
}

interface RecoveryCodesTable {
  account_id: AccountId;
  /** SHA-256; the row goes when the code is used. */
  code_hash: Buffer;
}

/** Append only. */
interface SecurityEventsTable {
  id: Generated<number>;
  /** Null when an attempt named nobody. */
  account_id: AccountId | null;
  /** Who did it, when that was somebody else. */
  actor_id: AccountId | null;
  event: string;
  detail: string;
  address: string;
  user_agent: string;
  happened_at: TimeUs;
}

/** Accounts that let money go: their row is what their requests wait for each other at. */
interface WalletAccountsTable {
  account_id: AccountId;
  /** Of the limits in `environments/wallet.ts`. */
  tier: Generated<number>;
}

interface DepositAddressesTable {
  account_id: AccountId;
  /** By name, here and in all of `wallet`: chains know no numbers of ours. */
  asset: string;
  address: string;
}

/** What came to a deposit address, by transaction and output; see `services/wallet/deposits.ts` for its way. */
interface DepositsTable {
  id: Generated<number>;
  account_id: AccountId;
  asset: string;
  tx_id: string;
  output: number;
  address: string;
  amount: Units;
  confirmations: Generated<number>;
  status: Generated<DepositStatus>;
  /** How often it was credited: once, and again each time it came back after all of it had been taken back. */
  credits: Generated<number>;
  /** How much has been taken back since, in how many steps; and how much is being taken back now, null for none. */
  reversed: Generated<Units>;
  reversals: Generated<number>;
  reversing: Units | null;
  /** When not all of it could be taken back, and who let the account's money go after that, when and why; null for never. */
  lost_at: Generated<TimeUs | null>;
  released_at: Generated<TimeUs | null>;
  released_by: Generated<AccountId | null>;
  release_reason: Generated<string>;
  created_at: TimeUs;
  updated_at: TimeUs;
}

export type DepositStatus =
  | 'pending'
  | 'crediting'
  | 'credited'
  | 'missing'
  | 'reversing'
  | 'reversed'
  | 'final'
  | 'gone';

/** What the faucet has given; see `services/wallet/faucet.ts`. */
interface GiftsTable {
  account_id: AccountId;
  asset: string;
  amount: Units;
  given_at: TimeUs;
}

/** How far notices of the custodian have been read. */
interface NoticesTable {
  source: string;
  last_id: number;
}

/** Where an account may withdraw to. */
interface AddressesTable {
  id: string;
  account_id: AccountId;
  asset: string;
  address: string;
  label: string;
  created_at: TimeUs;
  usable_at: TimeUs;
  removed_at: TimeUs | null;
}

/** See `services/wallet/withdrawals.ts` for their way. */
interface WithdrawalsTable {
  id: string;
  account_id: AccountId;
  /** The client's name for it; null for none. */
  client_id: string | null;
  asset: string;
  /** All that leaves the account, the fee included. */
  amount: Units;
  fee: Units;
  address: string;
  needs_approval: boolean;
  status: Generated<WithdrawalStatus>;
  tx_id: string | null;
  /** Why it was rejected, failed or refused. */
  reason: Generated<string>;
  /** The operator who approved or rejected it. */
  decided_by: AccountId | null;
  created_at: TimeUs;
  updated_at: TimeUs;
}

export type WithdrawalStatus =
  | 'requested'
  | 'pending'
  | 'approved'
  | 'sending'
  | 'sent'
  | 'arrived'
  | 'completed'
  | 'canceling'
  | 'canceled'
  | 'rejecting'
  | 'rejected'
  | 'failing'
  | 'failed'
  | 'refused';

interface TransfersTable {
  id: string;
  /** Whose it was. */
  account_id: AccountId;
  to_account: AccountId;
  client_id: string | null;
  asset: string;
  amount: Units;
  status: Generated<'requested' | 'completed' | 'refused'>;
  created_at: TimeUs;
  updated_at: TimeUs;
}

/** One row. */
interface ReserveReportsTable {
  /** Of the last event that it takes in. */
  seq: Seq;
  made_at: TimeUs;
}

/** What was published of an asset. */
interface ReserveRootsTable {
  seq: Seq;
  asset: string;
  scale: number;
  leaves: number;
  owed: number;
  held: number;
  /** In hex; see `services/wallet/reserves/proof.ts`. */
  hash: string;
}

interface ReserveLeavesTable {
  seq: Seq;
  account_id: AccountId;
  asset: string;
  index: number;
  amount: Units;
  salt: Buffer;
}

/** Leaves are level 0. */
interface ReserveNodesTable {
  seq: Seq;
  asset: string;
  level: number;
  index: number;
  sum: number;
  hash: Buffer;
}

interface SandboxChainTable {
  id: number;
  height: number;
  mined_at: TimeUs;
}

interface SandboxOutputsTable {
  tx_id: string;
  output: number;
  asset: string;
  address: string;
  amount: Units;
  /** Of the send that made it; null for what came from elsewhere. */
  send_key: string | null;
  /** Of its block; null while it is in none. */
  height: number | null;
  is_gone: boolean;
}

interface SandboxNoticesTable {
  id: Generated<number>;
  tx_id: string;
  output: number;
}
