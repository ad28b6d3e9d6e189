/** Who has subscribed to what. A datum is made into the bytes of a WebSocket frame once for all who get the same bytes. */
import type { Datum } from './datum.ts';
import { keyOf, type Stream, type StreamKind, type Subject } from './names.ts';
import { textFrame } from './text-frame.ts';

/** How a connection is told: wrapped as `{stream, data}` or bare, times in microseconds or milliseconds. */
export interface Form {
  readonly combined: boolean;
  readonly micros: boolean;
}

const formIndex = ({ combined, micros }: Form) => (combined ? 1 : 0) + (micros ? 2 : 0);

export interface Receiver {
  readonly form: Form;
  /** `frame` is the datum, for a stream of this name, in the receiver's form. */
  deliver(stream: Stream, datum: Datum, frame: Buffer): void;
}

/** All that is asked for one subject, by the names it was asked by. */
interface Channel {
  readonly subject: Subject;
  readonly names: Map<string, { readonly stream: Stream; readonly receivers: Set<Receiver> }>;
  /** Somebody has come since the last datum. */
  hasNewcomer: boolean;
}

export class Broadcast {
  readonly #channels = new Map<StreamKind, Map<string, Channel>>();

  subscribe(stream: Stream, receiver: Receiver): void {
    const { kind } = stream.subject;
    const key = keyOf(stream.subject);
    const ofKind = this.#channels.get(kind) ?? new Map<string, Channel>();
    this.#channels.set(kind, ofKind);
    const channel = ofKind.get(key) ?? { subject: stream.subject, names: new Map(), hasNewcomer: true };
    ofKind.set(key, channel);
    const named = channel.names.get(stream.name) ?? { stream, receivers: new Set() };
    channel.names.set(stream.name, named);
    named.receivers.add(receiver);
    channel.hasNewcomer = true;
  }

  unsubscribe({ name, subject }: Stream, receiver: Receiver): void {
    const channel = this.#channels.get(subject.kind)?.get(keyOf(subject));
    const named = channel?.names.get(name);
    if (channel === undefined || named === undefined) return;
    named.receivers.delete(receiver);
    if (named.receivers.size === 0) channel.names.delete(name);
    if (channel.names.size === 0) this.#channels.get(subject.kind)!.delete(keyOf(subject));
  }

  /** What somebody wants to hear of this kind. */
  subjects(kind: StreamKind): readonly Subject[] {
    return [...(this.#channels.get(kind)?.values() ?? [])].map(({ subject }) => subject);
  }

  isWanted(subject: Subject): boolean {
    return this.#channel(subject) !== undefined;
  }

  /** Whether somebody has come who has not been told anything yet. */
  hasNewcomer(subject: Subject): boolean {
    return this.#channel(subject)?.hasNewcomer ?? false;
  }

  send(subject: Subject, datum: Datum): void {
    const channel = this.#channel(subject);
    if (channel === undefined) return;
    channel.hasNewcomer = false;
    for (const { stream, receivers } of channel.names.values()) {
      const frames: Buffer[] = [];
      for (const receiver of receivers) {
        const index = formIndex(receiver.form);
        frames[index] ??= frameOf(stream, datum, receiver.form);
        receiver.deliver(stream, datum, frames[index]);
      }
    }
  }

  clear(): void {
    this.#channels.clear();
  }

  #channel(subject: Subject): Channel | undefined {
    return this.#channels.get(subject.kind)?.get(keyOf(subject));
  }
}

/** The bytes of a datum for one form of connection. */
export function frameOf({ name }: Stream, datum: Datum, form: Form): Buffer {
  return framed(name, datum.json(form.micros), form);
}

/** The bytes of a message, as JSON, of what is called `name`. */
export function framed(name: string, json: string, { combined }: Form): Buffer {
  return textFrame(combined ? `{"stream":${JSON.stringify(name)},"data":${json}}` : json);
}
