/** Signing up, logging in and out, and coming back with a new password. */
import { byId, setText } from '../dom.ts';
import { type Answer, ask } from '../exchange/request.ts';
import type { Credentials, Person, Session } from '../exchange/session.ts';
import { letDialogsClose, openDialog, serveForm } from './dialogs.ts';
import { notify } from './notice.ts';
import { offerTwoFactor } from './two-factor.ts';

export function offerLogIn(session: Session): void {
  letDialogsClose();
  const close = (id: string) => byId(id, HTMLDialogElement).close();
  const onClick = (id: string, run: () => void) => byId(id, HTMLButtonElement).addEventListener('click', run);
  onClick('log-in', openLogIn);
  onClick('sign-up', () => openDialog('sign-up-dialog'));
  onClick('log-out', () => void session.logOut());
  onClick('forgot', () => {
    close('log-in-dialog');
    openDialog('forgot-dialog');
  });
  serveForm({
    form: 'log-in-form',
    send: (fields) => session.logIn(credentialsOf(fields)),
    done: () => close('log-in-dialog'),
    failed: ({ code }) => {
      if (code !== 'TWO_FACTOR_REQUIRED') return false;
      byId('code-field', HTMLElement).hidden = false;
      byId('log-in-code', HTMLInputElement).focus();
      return true;
    },
  });
  serveForm({
    form: 'sign-up-form',
    send: (fields) => ask('POST', '/api/users', { body: credentialsOf(fields) }),
    done: async (_, fields) => {
      close('sign-up-dialog');
      // The answer does not tell whether the address was new; whoever has its password may go on at once.
      await session.logIn(credentialsOf(fields));
      notify(`A mail is on its way to ${fields.email}: open its link to confirm the address.`);
    },
  });
  serveForm({
    form: 'forgot-form',
    send: ({ email = '' }) => ask('POST', '/api/users/password-reset', { body: { email } }),
    done: (_, { email }) => {
      close('forgot-dialog');
      notify(`If ${email} has an account, a mail with a link is on its way.`);
    },
  });
  offerTwoFactor(session);
  session.person.watch((person) => showPerson(person, session));
}

export function openLogIn(): void {
  byId('code-field', HTMLElement).hidden = true;
  openDialog('log-in-dialog');
}

function credentialsOf({ email = '', password = '', code }: Readonly<Record<string, string>>): Credentials {
  return { email, password, ...(code ? { code: code.trim() } : {}) };
}

function showPerson(person: Person | undefined, session: Session): void {
  const isIn = person !== undefined;
  for (const id of ['log-in', 'sign-up']) byId(id, HTMLElement).hidden = isIn;
  for (const id of ['who', 'security', 'log-out']) byId(id, HTMLElement).hidden = !isIn;
  setText(byId('who', HTMLElement), person?.email ?? '');
  if (person === undefined || person.emailVerified) return;
  notify(`${person.email} is not confirmed yet: open the link in the mail.`, {
    label: 'Send it again',
    run: async () => {
      const answer = await session.ask('POST', '/api/users/me/verification', {});
      notify(answer.ok ? `Another mail is on its way to ${person.email}.` : answer.failure.message);
    },
  });
}

/** The links in mails lead here; what is behind their `#` is good once, and leaves the address bar at once. */
export async function followMailLink(session: Session): Promise<void> {
  const page = location.pathname;
  const token = /^#token=(\S+)$/.exec(location.hash)?.[1];
  if (token === undefined || (page !== '/verify-email' && page !== '/reset-password')) return;
  history.replaceState(null, '', '/');
  if (page === '/verify-email') {
    const answer = await ask('POST', '/api/users/verify-email', { body: { token } });
    if (answer.ok && session.person.value !== undefined) await session.reload();
    return notify(answer.ok ? 'Your e-mail address is confirmed.' : answer.failure.message);
  }
  serveForm({
    form: 'reset-form',
    send: ({ password = '' }): Promise<Answer<void>> =>
      ask('POST', '/api/users/password-reset/confirm', { body: { token, password } }),
    done: () => {
      byId('reset-dialog', HTMLDialogElement).close();
      notify('Your password is set: log in with it.', { label: 'Log in', run: openLogIn });
    },
  });
  openDialog('reset-dialog');
}
