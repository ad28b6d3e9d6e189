/** Turning two-factor on. */
import { byId, element, setText } from '../dom.ts';
import type { Session } from '../exchange/session.ts';
import { openDialog, serveForm } from './dialogs.ts';

export function offerTwoFactor(session: Session): void {
  const [start, enable] = ['two-factor-start', 'two-factor-enable'].map((id) =>
    byId(id, HTMLFormElement),
  ) as [HTMLFormElement, HTMLFormElement];
  const recovery = byId('recovery', HTMLElement);
  const show = (step: HTMLElement | undefined) => {
    for (const each of [start, enable, recovery]) each.hidden = each !== step;
  };
  byId('security', HTMLButtonElement).addEventListener('click', () => {
    const isOn = session.person.value?.twoFactor ?? false;
    setText(
      byId('security-state', HTMLElement),
      isOn
        ? 'Two-factor is on: logging in asks for a code of your authenticator app.'
        : 'Two-factor is off. With it, whoever has your password cannot log in without your device.',
    );
    show(isOn ? undefined : start);
    openDialog('security-dialog');
  });
  serveForm<{ readonly secret: string; readonly uri: string }>({
    form: start.id,
    send: ({ password }) => session.ask('POST', '/api/users/me/two-factor', { password }),
    done: ({ secret, uri }) => {
      setText(byId('two-factor-secret', HTMLElement), secret.replaceAll(/.{4}(?!$)/g, '$& '));
      byId('two-factor-link', HTMLAnchorElement).href = uri;
      show(enable);
      byId('two-factor-code', HTMLInputElement).focus();
    },
  });
  serveForm<{ readonly recoveryCodes: readonly string[] }>({
    form: enable.id,
    send: ({ code = '' }) => session.ask('POST', '/api/users/me/two-factor/enable', { code: code.trim() }),
    done: ({ recoveryCodes }) => {
      const items = recoveryCodes.map((code) => element('li', {}, element('code', {}, code)));
      byId('recovery-codes', HTMLUListElement).replaceChildren(...items);
      setText(byId('security-state', HTMLElement), '');
      show(recovery);
      void session.reload();
    },
  });
}
