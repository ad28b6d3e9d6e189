/** A client of the WebSocket API that signs as the documentation says, or otherwise where a test wants it. */
import { createHmac, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Signer } from '../signed-client.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever JSON comes
export type Message = any;
export type WsParams = Readonly<Record<string, unknown>>;

/** Any kind of key: the payload in, the signature out. */
export interface WsSigner {
  readonly apiKey: string;
  readonly sign: (payload: string) => string;
}

export const hmacSigner = ({ apiKey, secret }: Signer): WsSigner => ({
  apiKey,
  sign: (payload) => createHmac('sha256', secret).update(payload).digest('hex'),
});

export const ed25519Signer = (apiKey: string, key: KeyObject): WsSigner => ({
  apiKey,
  sign: (payload) => sign(null, Buffer.from(payload), key).toString('base64'),
});

const TIMEOUT_MS = 10_000;
const POLL_MS = 2;

export class WsClient {
  readonly socket: WebSocket;
  /** All that came, in order, as text and as JSON. */
  readonly texts: string[] = [];
  readonly messages: Message[] = [];
  /** Code and reason. */
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Far from those that tests write themselves. */
  #ids = 1_000;
  #taken = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.texts.push(String(data));
      this.messages.push(JSON.parse(String(data)));
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  static async connect(url: string, headers: Readonly<Record<string, string>> = {}): Promise<WsClient> {
    const client = new WsClient(new WebSocket(url, { headers }));
    await once(client.socket, 'open');
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends a request and resolves with its reply. */
  async call(method: string, params: WsParams = {}): Promise<Message> {
    const id = ++this.#ids;
    this.send({ id, method, params });
    return this.find((message) => message.id === id);
  }

  /** The same with a key and a signature. */
  signed(signer: WsSigner, method: string, params: WsParams = {}): Promise<Message> {
    return this.call(method, signedParams(signer, params));
  }

  /** The first message that has come or comes and fits. */
  async find(fits: (message: Message) => boolean): Promise<Message> {
    const deadline = performance.now() + TIMEOUT_MS;
    for (let at = 0; ; ) {
      for (; at < this.messages.length; at++) if (fits(this.messages[at])) return this.messages[at];
      await this.#more(deadline);
    }
  }

  /** The next message that nobody took yet. */
  async next(): Promise<Message> {
    const deadline = performance.now() + TIMEOUT_MS;
    while (this.#taken >= this.messages.length) await this.#more(deadline);
    return this.messages[this.#taken++];
  }

  /** Events so far, without what wraps them. */
  events(type?: string): Message[] {
    const events = this.messages.map(({ event }) => event).filter((event) => event !== undefined);
    return type === undefined ? events : events.filter(({ e }) => e === type);
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  async #more(deadline: number): Promise<void> {
    const count = this.messages.length;
    while (this.messages.length === count) {
      if (performance.now() > deadline || this.socket.readyState === this.socket.CLOSED)
        throw new Error(`waited in vain; so far came:\n${this.texts.slice(-5).join('\n')}`);
      await new Promise((resume) => setTimeout(resume, POLL_MS));
    }
  }
}

export function signedParams({ apiKey, sign }: WsSigner, params: WsParams = {}): Record<string, unknown> {
  const all: Record<string, unknown> = { timestamp: Date.now(), ...params, apiKey };
  const payload = Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]}`)
    .join('&');
  return { ...all, signature: sign(payload) };
}
