/** One line above everything, for what concerns the whole page. */
import { byId, element } from '../dom.ts';

interface Action {
  readonly label: string;
  readonly run: () => void;
}

/** Replaces the one before; it goes when it is closed. */
export function notify(text: string, action?: Action): void {
  const line = byId('notice', HTMLParagraphElement);
  const buttons = [action, { label: 'Close', run: () => {} }].filter((one) => one !== undefined);
  const made = buttons.map(({ label, run }) => {
    const button = element('button', { type: 'button', className: 'link' }, label);
    button.addEventListener('click', () => {
      line.hidden = true;
      run();
    });
    return button;
  });
  line.replaceChildren(element('span', {}, text), ...made);
  line.hidden = false;
}
