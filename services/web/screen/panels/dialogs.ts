/** Forms in a dialog: they stay open until the exchange has taken what they say, and show why it has not. */
import { busyWhile, byId, setText, within } from '../dom.ts';
import type { Answer, Failure } from '../exchange/request.ts';

type Fields = Readonly<Record<string, string>>;

/** Opens it with the focus in its first field. */
export function openDialog(id: string): void {
  const dialog = byId(id, HTMLDialogElement);
  for (const fault of dialog.querySelectorAll('.fault')) setText(fault, '');
  if (!dialog.open) dialog.showModal();
  dialog.querySelector<HTMLElement>('input:not([hidden])')?.focus();
}

/** A click on what is marked so, or beside the dialog, closes it, as Escape does. */
export function letDialogsClose(): void {
  for (const dialog of document.querySelectorAll('dialog')) {
    dialog.addEventListener('click', ({ target }) => {
      if (target === dialog || (target instanceof Element && target.closest('[data-close]'))) dialog.close();
    });
    // A password must not wait in the page for the next one to sit down.
    dialog.addEventListener('close', () => {
      for (const form of dialog.querySelectorAll('form')) form.reset();
    });
  }
}

export interface DialogForm<T> {
  readonly form: string;
  readonly send: (fields: Fields) => Promise<Answer<T>>;
  readonly done: (value: T, fields: Fields) => void;
  /** True when it deals with the failure itself. */
  readonly failed?: (failure: Failure) => boolean;
}

export function serveForm<T>({ form: id, send, done, failed = () => false }: DialogForm<T>): void {
  const form = byId(id, HTMLFormElement);
  const fault = within(form, '.fault', HTMLElement);
  const button = within(form, 'button[type=submit]', HTMLButtonElement);
  const sendOnce = async () => {
    const inputs = [...form.querySelectorAll<HTMLInputElement>('input[required]')];
    const empty = inputs.find(({ value }) => value === '');
    setText(fault, empty === undefined ? '' : 'Fill in every field.');
    if (empty !== undefined) {
      empty.focus();
      return;
    }
    const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const answer = await send(fields);
    if (answer.ok) done(answer.value, fields);
    else if (!failed(answer.failure)) setText(fault, answer.failure.message);
  };
  form.addEventListener('submit', (event) => {
    // Else the dialog would close at once.
    event.preventDefault();
    void busyWhile(button, sendOnce);
  });
}
