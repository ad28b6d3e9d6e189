/** Where mails of a local exchange go: to whoever watches the terminal, and to the demo, which has no mailbox. */
import type { Mail, Mailer } from '#services/accounts/mailer.ts';

/** The domain of the demo's own users: nobody reads their mail. */
const OWN_DOMAIN = '@localhost.localdomain';

export class Mailbox implements Mailer {
  readonly #show: (mail: Mail) => void;
  readonly #waiting = new Map<string, (mail: Mail) => void>();
  readonly #ofOwnUsers = new Map<string, Mail>();

  constructor(show: (mail: Mail) => void) {
    this.#show = show;
  }

  async send(mail: Mail): Promise<void> {
    if (!mail.to.endsWith(OWN_DOMAIN)) return this.#show(mail);
    this.#ofOwnUsers.set(mail.to, mail);
    this.#waiting.get(mail.to)?.(mail);
  }

  /** The last mail to a user of the demo, or else the next. */
  async mailTo(address: string): Promise<Mail> {
    const arrived = this.#ofOwnUsers.get(address);
    return arrived ?? new Promise((resolve) => this.#waiting.set(address, resolve));
  }
}
