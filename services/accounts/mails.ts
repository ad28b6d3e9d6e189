/** What mails say. A token stands behind the `#`, which browsers keep to themselves. */
import type { Mail } from './mailer.ts';

export class Mails {
  readonly #baseUrl: string;

  /** Where people reach the exchange. */
  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl.replace(/\/$/, '');
  }

  verify(to: string, token: string): Mail {
    return {
      to,
      subject: 'Confirm your e-mail address',
      text: `Open this to confirm that the address is yours; it works for a day:\n\n${this.#link('verify-email', token)}\n\nIf you did not sign up, do nothing.\n`,
    };
  }

  /** Nobody learns on the page of the sign-up that there is an account: its owner learns it here. */
  alreadySignedUp(to: string): Mail {
    return {
      to,
      subject: 'You have an account already',
      text: 'Somebody, perhaps you, signed up with this address, which has an account. Log in, or ask for a new password. If it was not you, do nothing.\n',
    };
  }

  reset(to: string, token: string): Mail {
    return {
      to,
      subject: 'Choose a new password',
      text: `Open this to choose a new password; it works for half an hour, once:\n\n${this.#link('reset-password', token)}\n\nIf you did not ask for it, do nothing.\n`,
    };
  }

  /** A thief cannot stop this one from arriving. */
  changed(to: string, what: string): Mail {
    return {
      to,
      subject: `${what}`,
      text: `${what}. If it was not you, ask for a new password at once, which ends all sessions, and write to us.\n`,
    };
  }

  #link(page: string, token: string): string {
    return `${this.#baseUrl}/${page}#token=${token}`;
  }
}
