/** One request over the WebSocket API while it is served. */
import type { AccountId, TimeUs } from '#domain/ids.ts';
import type { Security } from '#platform/routes.ts';
import {
  admit,
  type Caller,
  findKey,
  readTiming,
  type Timing,
  wellFormed,
} from '#platform/spot-api/authenticate.ts';
import type { ApiReply, ApiRequest, Weight } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { KeyRing } from '#platform/spot-api/key-ring.ts';
import { Parameters } from '#platform/spot-api/parameters.ts';
import { isSignedBy } from '#platform/spot-api/signature.ts';
import type { SignedRequest } from '#platform/spot-api/signed-endpoint.ts';
import type { OrdersDeps } from '../use-case.ts';
import type { MarketDataSource } from './market-data.ts';
import type { WsParams } from './request.ts';
import type { KeyHolder, Session } from './session.ts';

export interface CallDeps extends OrdersDeps, KeyRing {
  readonly marketData: MarketDataSource;
}

/** What a method does, and what that weighs. */
export interface Method {
  readonly weight: Weight;
  /** Its replies tell how many unfilled orders the account has. */
  readonly countsOrders?: boolean;
  /** @throws {ApiError} */
  readonly handle: (call: Call) => ApiReply | Promise<ApiReply>;
}

export interface CallFrom {
  readonly session: Session;
  readonly address: string;
  readonly returnsRateLimits: boolean;
  time(timeUs: TimeUs): number;
}

export class Call implements ApiRequest {
  readonly deps: CallDeps;
  readonly from: CallFrom;
  readonly params: WsParams;
  readonly query: string;
  readonly body = '';
  readonly parameters: Parameters;
  readonly address: string;
  /** Undefined leaves it to the connection. */
  readonly returnsRateLimits: boolean | undefined;
  /** As whom it was made, once that is known. */
  account: AccountId | undefined;
  /** To be done when the reply is on its way. */
  onAnswered = () => {};

  /** @throws {ApiError} when a parameter is no text, number or boolean. */
  constructor(deps: CallDeps, from: CallFrom, params: WsParams) {
    this.deps = deps;
    this.from = from;
    this.params = params;
    this.query = params.query();
    this.parameters = new Parameters(this.query);
    this.address = from.address;
    this.returnsRateLimits = params.returnRateLimits;
  }

  header(): undefined {}

  readonly time = (timeUs: TimeUs): number => this.from.time(timeUs);

  /** As a use case takes it. */
  by(caller: Caller): SignedRequest {
    const { query, body, parameters, address, header, time } = this;
    return { query, body, parameters, address, header, time, caller };
  }

  /**
   * Who makes it: by its own key and signature, or without a key whoever is logged on.
   * @throws {ApiError} −1021, −1022, −1102, −2014 or −2015.
   */
  async authenticate(security: Security): Promise<Caller> {
    const { logon } = this.from.session;
    if (this.params.text('apiKey') === undefined && logon !== undefined) {
      const timing = readTiming(this.parameters);
      return this.#admit(logon.apiKey, timing, security);
    }
    const { timing, apiKey } = await this.#verify();
    return this.#admit(apiKey, timing, security);
  }

  /** As {@link authenticate}, and always by a signature. */
  async authenticateSigned(security: Security): Promise<KeyHolder> {
    const { timing, apiKey } = await this.#verify();
    const { account } = await this.#admit(apiKey, timing, security);
    return { apiKey, account };
  }

  async #verify(): Promise<{ apiKey: string; timing: Timing }> {
    const apiKey = this.params.text('apiKey');
    if (apiKey === undefined) throw apiErrors.mandatory('apiKey');
    const timing = readTiming(this.parameters);
    const signature = this.params.text('signature');
    if (!signature) throw apiErrors.mandatory('signature');
    const { verifier } = await findKey(this.deps, wellFormed(apiKey), this.address);
    const isSigned = this.params.signedPayloads().some((payload) => isSignedBy(verifier, payload, signature));
    if (!isSigned) throw apiErrors.invalidSignature();
    return { apiKey, timing };
  }

  async #admit(apiKey: string, timing: Timing, security: Security): Promise<Caller> {
    const key = await findKey(this.deps, apiKey, this.address);
    const caller = admit(this.deps, apiKey, key, timing, security, this.address);
    this.account = caller.account;
    return caller;
  }
}
