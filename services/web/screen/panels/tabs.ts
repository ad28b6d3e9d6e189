/** Tabs, by mouse and by arrow keys: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ */
import { byId } from '../dom.ts';

export function makeTabs(ids: readonly string[]): void {
  const tabs = ids.map((id) => byId(id, HTMLButtonElement));
  const select = (chosen: HTMLButtonElement) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      byId(tab.getAttribute('aria-controls') ?? '', HTMLElement).hidden = !isChosen;
    }
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => select(tab));
    tab.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
      if (step === 0) return;
      const next = tabs.at((index + step) % tabs.length)!;
      select(next);
      next.focus();
    });
  }
}
