/** How mail leaves: through SES on AWS; on a laptop `services/local` shows it. */
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Log } from '#platform/log.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

export interface Mailer {
  /** @throws when the mail was not taken. */
  send(mail: Mail): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 5_000;

/** Where no sender is configured. A mail's text stays out of the log: whoever reads it could act for the addressee. */
export class UnsentMailer implements Mailer {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  async send({ subject }: Mail): Promise<void> {
    this.#log.warn({ subject }, 'a mail is not sent: set MAIL_FROM to an address that SES has verified');
  }
}

export class SesMailer implements Mailer {
  readonly #client: SESv2Client;
  readonly #from: string;

  /** `from` is an identity that SES has verified. */
  constructor(
    from: string,
    client = new SESv2Client({ requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS } }),
  ) {
    this.#from = from;
    this.#client = client;
  }

  async send({ to, subject, text }: Mail): Promise<void> {
    const body = { Text: { Data: text, Charset: 'UTF-8' } };
    await this.#client.send(
      new SendEmailCommand({
        FromEmailAddress: this.#from,
        Destination: { ToAddresses: [to] },
        Content: { Simple: { Subject: { Data: subject, Charset: 'UTF-8' }, Body: body } },
      }),
    );
  }
}
