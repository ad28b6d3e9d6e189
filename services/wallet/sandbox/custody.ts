/** Custody by the sandbox chain: anybody may send from it, and it can be made to fail in each way that matters. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Units } from '#domain/ids.ts';
import { type Custody, type OutputId, type OutputState, type SendOrder, SendRefused } from '../custody.ts';
import type { SandboxChain, SandboxOutput } from './chain.ts';

const ADDRESS = /^sandbox1[0-9a-f]{40}$/;
const CHECK_DIGITS = 8;

/**
 * How the next send goes wrong: it is refused; it gets lost on the way; it is done and the answer gets lost; it is done
 * and never gets into a block.
 */
export type SendFault = 'refused' | 'request lost' | 'answer lost' | 'dropped';

export class SandboxCustody implements Custody {
  readonly chain: SandboxChain;
  /** For the sends to come, one each. */
  readonly sendFaults: SendFault[] = [];

  constructor(chain: SandboxChain) {
    this.chain = chain;
  }

  network() {
    return { id: 'SANDBOX', name: 'Sandbox chain', addressRegex: ADDRESS.source };
  }

  async depositAddress(asset: string, account: number): Promise<string> {
    return sandboxAddress(`${asset} of account ${account}`);
  }

  isAddress(_asset: string, text: string): boolean {
    return ADDRESS.test(text) && text.endsWith(checkOf(text.slice(0, -CHECK_DIGITS)));
  }

  async notices(after: number, limit: number) {
    const notices = await this.chain.notices(after, limit);
    return notices.map(({ id, tx_id: txId, output }) => ({ id, txId, output }));
  }

  async output(id: OutputId) {
    const found = await this.chain.find(id);
    if (found === undefined) return undefined;
    const { asset, address, amount } = found;
    return { ...id, asset, address, amount, ...stateOf(found, await this.chain.height()) };
  }

  async send({ key, ...payment }: SendOrder) {
    const fault = this.sendFaults.shift();
    if (fault === 'refused') throw new SendRefused('the sandbox was told to refuse this');
    if (fault === 'request lost') throw new Error('the sandbox was told to lose the request');
    const { txId } = await this.chain.pay(payment, { key });
    if (fault === 'dropped') await this.chain.drop(key);
    if (fault === 'answer lost') throw new Error('the sandbox was told to lose the answer');
    return { txId };
  }

  async sending(key: string) {
    const sent = await this.chain.sent(key);
    assert(sent, `the sandbox knows of no send ${key}`);
    const txId = sent.tx_id;
    const state = stateOf(sent, await this.chain.height());
    if (state.state === 'mined') return { ...state, txId };
    return { state: state.state === 'gone' ? ('failed' as const) : ('under-way' as const), txId };
  }

  holdings(): Promise<ReadonlyMap<string, Units>> {
    return this.chain.holdings();
  }
}

/** The address that belongs to this name. */
export function sandboxAddress(name: string): string {
  const body = `sandbox1${digest(name).slice(0, 40 - CHECK_DIGITS)}`;
  return body + checkOf(body);
}

/** So that a mistyped address is none. */
const checkOf = (body: string) => digest(body).slice(0, CHECK_DIGITS);
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

function stateOf({ height, is_gone }: SandboxOutput, chainHeight: number): OutputState {
  if (is_gone) return { state: 'gone' };
  return height === null ? { state: 'missing' } : { state: 'mined', confirmations: chainHeight - height + 1 };
}
