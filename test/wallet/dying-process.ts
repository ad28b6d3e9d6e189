/**
 * The wallet's parts as a process has them that dies at a given moment: before or after its n-th query, command or call
 * of the custodian. From then on nothing that it does has an effect, as nothing of a dead process has.
 */
import type { KyselyPlugin } from 'kysely';
import type { EngineClient } from '#platform/engine-client.ts';
import type { Custody } from '#services/wallet/custody.ts';
import type { DepositDeps } from '#services/wallet/deposit-steps.ts';

export class Death extends Error {
  override name = 'Death';
}

export class DyingProcess {
  readonly deps: DepositDeps;
  #left: number;
  readonly #when: 'before' | 'after';
  #isDead = false;

  constructor(sound: DepositDeps, effect: number, when: 'before' | 'after') {
    this.#left = effect;
    this.#when = when;
    this.deps = {
      ...sound,
      db: sound.db.withPlugin(this.#plugin()),
      engine: this.#around<EngineClient>(sound.engine, ['execute', 'ask']),
      custody: this.#around<Custody>(sound.custody, ['notices', 'output', 'send', 'sending']),
    };
  }

  /** Whether the moment came. */
  get isDead(): boolean {
    return this.#isDead;
  }

  #before(): void {
    if (this.#isDead) throw new Death('dead already');
    this.#left--;
    if (this.#left === 0 && this.#when === 'before') this.#die();
  }

  #after(): void {
    if (this.#left === 0 && this.#when === 'after') this.#die();
  }

  #die(): never {
    this.#isDead = true;
    throw new Death(`${this.#when} an effect`);
  }

  #plugin(): KyselyPlugin {
    return {
      transformQuery: ({ node }) => {
        this.#before();
        return node;
      },
      transformResult: async ({ result }) => {
        this.#after();
        return result;
      },
    };
  }

  #around<T extends object>(part: T, names: readonly (keyof T & string)[]): T {
    return new Proxy(part, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (!(names as readonly string[]).includes(String(name))) return value.bind(target);
        return async (...args: unknown[]) => {
          this.#before();
          const result = await value.apply(target, args);
          this.#after();
          return result;
        };
      },
    });
  }
}
