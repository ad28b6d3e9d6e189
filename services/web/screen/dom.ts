/** The page's own elements, and new ones: made of text, never of markup. */

/** @throws when the page has no such element, which its markup promises. */
export function byId<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} with the id ${id}`);
  return found;
}

/** @throws when there is none. */
export function within<E extends Element>(parent: ParentNode, selector: string, type: new () => E): E {
  const found = parent.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} at ${selector}`);
  return found;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Writes only what differs: most of a book stays as it was ten times a second. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * A table's rows anew, unless nothing differs; the note shows when there are none, or when nothing can be said. Whoever is
 * in a row by keyboard stays in it, or is put before the table when the row is gone.
 */
export function fillTable(id: string, rows: readonly HTMLTableRowElement[], note: string): void {
  const table = byId(id, HTMLTableElement);
  const body = within(table, 'tbody', HTMLTableSectionElement);
  if (!isSame([...body.rows], rows)) {
    const focused = body.contains(document.activeElement)
      ? document.activeElement?.closest('tr')?.dataset.key
      : undefined;
    body.replaceChildren(...rows);
    if (focused !== undefined) {
      const still = rows.find(({ dataset }) => dataset.key === focused);
      (still?.querySelector('button') ?? table.closest<HTMLElement>('[tabindex]'))?.focus();
    }
  }
  table.hidden = rows.length === 0;
  const noteLine = byId(`${id}-note`, HTMLParagraphElement);
  noteLine.hidden = rows.length > 0;
  setText(noteLine, note);
}

function isSame(ones: readonly HTMLTableRowElement[], others: readonly HTMLTableRowElement[]): boolean {
  return (
    ones.length === others.length &&
    ones.every(({ dataset, textContent }, at) => {
      const other = others[at]!;
      return dataset.key === other.dataset.key && textContent === other.textContent;
    })
  );
}

/** `key` is the row's own among those of its table. */
export function row(key: string | number, cells: readonly (Node | string)[]): HTMLTableRowElement {
  const made = element('tr', {}, ...cells.map((cell) => element('td', {}, cell)));
  made.dataset.key = String(key);
  return made;
}

/** Once at a time; a button that is disabled meanwhile would lose the focus of whoever pressed it. */
export async function busyWhile(button: HTMLButtonElement, run: () => Promise<void>): Promise<void> {
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  try {
    await run();
  } finally {
    button.ariaBusy = 'false';
  }
}

/** Writes the names of a market's assets wherever the page speaks of them. */
export function nameAssets(base: string, quote: string): void {
  for (const place of document.querySelectorAll('[data-base]')) setText(place, base);
  for (const place of document.querySelectorAll('[data-quote]')) setText(place, quote);
}
