/** Bots that trade through the balancer, and remember what they were told of each order. */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const REQUEST_TIMEOUT_MS = 15_000;
const RETRY_PAUSE_MS = 200;
/** How long an order of unknown outcome is asked for. */
const RESOLVE_MS_MAX = 60_000;

export interface Key {
  readonly apiKey: string;
  readonly secret: string;
}

/** What a bot knows of an order: it was taken, or refused, or nobody has said yet. */
type Knowledge = 'taken' | 'refused' | 'unknown';

export interface Toll {
  readonly sent: number;
  readonly taken: number;
  readonly refused: number;
  /** Requests that failed and whose outcome was asked for afterwards. */
  readonly unclear: number;
  /** Taken, and not among the account's orders. */
  readonly lost: number;
  /** More than once among them. */
  readonly doubled: number;
}

interface Reply {
  readonly status: number;
  readonly body: { readonly code?: number; readonly clientOrderId?: string; readonly orderId?: number };
}

const ORDER = '/api/v3/order';
/** Most orders in one answer. */
const PAGE = 1_000;
/** No such order: it was never executed. */
const NO_SUCH_ORDER = -2013;
/** The engine refused the order: it is known, and was not taken. */
const ORDER_REJECTED = -2010;

export class Traders {
  readonly #url: string;
  readonly #key: Key;
  readonly #knowledge = new Map<string, Knowledge>();
  readonly #bots: Promise<void>[] = [];
  #isStopping = false;
  #unclear = 0;
  #orders = 0;

  constructor(url: string, key: Key) {
    this.#url = url;
    this.#key = key;
  }

  start(count: number): void {
    for (let bot = 0; bot < count; bot++) this.#bots.push(this.#trade(bot));
  }

  /** Ends when every bot has finished its order, and each that is unclear was asked for. */
  async stop(): Promise<Toll> {
    this.#isStopping = true;
    await Promise.all(this.#bots);
    const executed = await this.#executed();
    const count = (is: (id: string, knowledge: Knowledge) => boolean) =>
      [...this.#knowledge].filter(([id, knowledge]) => is(id, knowledge)).length;
    return {
      sent: this.#knowledge.size,
      taken: count((_, knowledge) => knowledge === 'taken'),
      refused: count((_, knowledge) => knowledge === 'refused'),
      unclear: this.#unclear,
      lost: count((id, knowledge) => knowledge === 'taken' && !executed.has(id)),
      doubled: count((id) => (executed.get(id) ?? 0) > 1),
    };
  }

  /** Buys and sells at one price in turn, so that orders meet and value moves. */
  async #trade(bot: number): Promise<void> {
    while (!this.#isStopping) {
      const number = ++this.#orders;
      const id = `rehearsal-${bot}-${number}`;
      this.#knowledge.set(id, 'unknown');
      const order = {
        symbol: 'BTCUSDT',
        type: 'LIMIT',
        timeInForce: 'GTC',
        quantity: '0.0010',
        price: '60000.00',
      };
      const side = number % 2 === 0 ? 'BUY' : 'SELL';
      const reply = await this.#signed('POST', ORDER, { ...order, side, newClientOrderId: id });
      if (reply?.status === 200) this.#knowledge.set(id, 'taken');
      else if (reply?.body.code === ORDER_REJECTED) this.#knowledge.set(id, 'refused');
      else {
        this.#unclear++;
        await this.#resolve(id);
      }
    }
  }

  /** Asks for an order until the exchange says whether it has it. */
  async #resolve(id: string): Promise<void> {
    const deadline = performance.now() + RESOLVE_MS_MAX;
    while (performance.now() < deadline) {
      await sleep(RETRY_PAUSE_MS);
      const reply = await this.#signed('GET', ORDER, { symbol: 'BTCUSDT', origClientOrderId: id });
      const isTaken = reply?.status === 200;
      if (!isTaken && reply?.body.code !== NO_SUCH_ORDER) continue;
      this.#knowledge.set(id, isTaken ? 'taken' : 'refused');
      return;
    }
  }

  /** How often the exchange has each order of the bots, by client order id. */
  async #executed(): Promise<ReadonlyMap<string, number>> {
    const times = new Map<string, number>();
    for (let from = 0; ; ) {
      const query = { symbol: 'BTCUSDT', orderId: String(from), limit: String(PAGE) };
      const reply = await this.#signed('GET', '/api/v3/allOrders', query);
      if (reply?.status !== 200) {
        await sleep(RETRY_PAUSE_MS);
        continue;
      }
      const page = reply.body as unknown as readonly { clientOrderId: string; orderId: number }[];
      for (const { clientOrderId } of page) times.set(clientOrderId, (times.get(clientOrderId) ?? 0) + 1);
      if (page.length < PAGE) return times;
      from = page.at(-1)!.orderId + 1;
    }
  }

  async #signed(
    method: 'GET' | 'POST',
    path: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Reply | undefined> {
    const query = `${new URLSearchParams({ ...parameters, timestamp: String(Date.now()) })}`;
    const signature = createHmac('sha256', this.#key.secret).update(query).digest('hex');
    try {
      const response = await fetch(`${this.#url}${path}?${query}&signature=${signature}`, {
        method,
        headers: { 'X-MBX-APIKEY': this.#key.apiKey },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      return { status: response.status, body: (await response.json()) as Reply['body'] };
    } catch {
      // Cut off, or answered by no exchange: what became of the request is unknown.
      return undefined;
    }
  }
}
