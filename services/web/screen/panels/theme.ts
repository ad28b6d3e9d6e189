/** Light or dark: as the system has it, until somebody says otherwise. */
import { byId, setText } from '../dom.ts';

const KEPT = 'crossbook.theme';
type Theme = 'light' | 'dark';

export function offerThemes(changed: () => void): void {
  const system = matchMedia('(prefers-color-scheme: light)');
  const button = byId('theme', HTMLButtonElement);
  const theme = (): Theme => {
    const kept = localStorage.getItem(KEPT);
    if (kept === 'light' || kept === 'dark') return kept;
    return system.matches ? 'light' : 'dark';
  };
  const show = () => {
    document.documentElement.dataset.theme = theme();
    setText(button, theme() === 'light' ? 'Dark theme' : 'Light theme');
    changed();
  };
  button.addEventListener('click', () => {
    localStorage.setItem(KEPT, theme() === 'light' ? 'dark' : 'light');
    show();
  });
  system.addEventListener('change', show);
  show();
}
