/** The trading screen in a real browser, as `npm start` serves it: live, by keyboard, and through the exchange's end. */
import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { totpCode, totpStep } from '#services/accounts/totp.ts';
import { fromBase32 } from '#test/accounts/accounts-service.ts';
import { chromiumProgram, startBrowser, type Visit, visit } from '#test/support/browser.ts';
import { type ExchangeProcess, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';

const program = chromiumProgram();
const isRequired = process.env.REQUIRE_COMPONENTS?.includes('chromium') ?? false;
const password = 'a long enough password';
const WAIT_MS = 30_000;

let dataDirectory: string;
let exchange: ExchangeProcess;
let browser: Browser;

async function open(path = '/', options = {}): Promise<Visit> {
  const visited = await visit(browser, exchange.client.baseUrl + path, options);
  visited.page.setDefaultTimeout(WAIT_MS);
  return visited;
}

const isLive = (page: Page) => page.getByText('Live', { exact: true }).waitFor();
const hasFocus = async (place: Locator) => (await place.and(place.page().locator(':focus')).count()) === 1;
const inDialog = (page: Page) => page.getByRole('dialog');
const textOf = (page: Page, selector: string) => page.locator(selector).textContent();

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${condition}`);
    await setTimeout(100);
  }
}

/** Waits until what `selector` says is no longer what it said. */
async function changes(page: Page, selector: string): Promise<void> {
  const before = await textOf(page, selector);
  await eventually(async () => (await textOf(page, selector)) !== before);
}

/** The link of the mail to an address, as the terminal shows it. */
async function mailedLink(address: string, path: string): Promise<string> {
  const link = new RegExp(`"to":"${address}".*?(/${path}#token=[\\w.-]+)`);
  await eventually(async () => link.test(exchange.output()));
  return link.exec(exchange.output())![1]!;
}

async function signUp(page: Page, email: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign up' }).click();
  await inDialog(page).getByLabel('E-mail').fill(email);
  await inDialog(page).getByLabel('Password, at least 8 characters').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Log out' }).waitFor();
}

async function logIn(page: Page, email: string, word = password): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'Log in' }).click();
  await inDialog(page).getByLabel('E-mail').fill(email);
  await inDialog(page).getByLabel('Password').fill(word);
  await page.keyboard.press('Enter');
}

if (program === undefined && !isRequired)
  it.skip('the trading screen: there is no chromium on the PATH', () => {});
else
  describe('the trading screen', () => {
    beforeAll(async () => {
      dataDirectory = await emptyDataDirectory();
      exchange = await startExchange(dataDirectory);
      browser = await startBrowser(program ?? 'chromium');
    }, 120_000);

    afterEach(async () => {
      for (const context of browser?.contexts() ?? []) await context.close();
    });

    afterAll(async () => {
      await browser?.close();
      await exchange?.kill();
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
    }, 60_000);

    it('shows every market, book, trades, chart and day, keeps them moving, and breaks no rule of its policy', async () => {
      const { page, complaints } = await open();
      await isLive(page);
      for (const name of ['BTC/USDT', 'ETH/USDT', 'SOL/USDT', 'XRP/USDT', 'ETH/BTC'])
        await page.getByRole('link', { name }).waitFor();
      await page.locator('#bids li:visible').nth(5).waitFor();
      await page.locator('#asks li:visible').nth(5).waitFor();
      await page.locator('#tape li').first().waitFor();
      await eventually(async () => /^O [\d,]+\.\d\d +H /.test((await textOf(page, '#candle'))!));
      await Promise.all(['#bids', '#tape', '#candle', '#day'].map((selector) => changes(page, selector)));
      expect(await page.title()).toMatch(/^[\d,]+\.\d\d BTC\/USDT · Crossbook$/);
      expect(complaints).toEqual([]);
    }, 90_000);

    it('shows amounts digit for digit as the exchange told them', async () => {
      const { page } = await open();
      const told = await fetch(`${exchange.client.baseUrl}/api/v3/trades?symbol=BTCUSDT&limit=1`);
      const [trade] = (await told.json()) as { price: string; qty: string }[];
      const tape = page.locator('#tape li');
      const shown = async () =>
        (await tape.allInnerTexts()).map((line) =>
          line.replaceAll(',', '').split('\n').slice(0, 2).join(' '),
        );
      const { price, qty } = trade!;
      // Ticks of BTCUSDT have two decimals and its lots four; the exchange says more zeros.
      const line = `${price.replace(/0{4}$/, '')} ${qty.replace(/0{4}$/, '')}`;
      await eventually(async () => (await shown()).includes(line));
    }, 90_000);

    it('goes to another market by keyboard alone, and comes back to it by its address', async () => {
      const { page } = await open();
      await isLive(page);
      const link = page.getByRole('link', { name: 'ETH/USDT' });
      while (!(await hasFocus(link))) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'ETH/USDT', level: 1 }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/trade/ETHUSDT');
      await page.reload();
      await page.getByRole('heading', { name: 'ETH/USDT', level: 1 }).waitFor();
      await page.locator('#bids li:visible').first().waitFor();
      expect(await textOf(page, '#order [data-base]')).toBe('ETH');
    }, 90_000);

    it('says which field of an order is wrong and how to mend it, and puts the cursor there', async () => {
      const email = 'fields@example.com';
      const { page } = await open();
      await isLive(page);
      await signUp(page, email);
      await page.getByRole('link', { name: 'Skip to the order form' }).focus();
      await page.keyboard.press('Enter');
      const price = page.getByLabel('Price', { exact: true });
      await price.fill('65000.001');
      await page.getByLabel('Quantity', { exact: true }).fill('1');
      await page.keyboard.press('Enter');
      expect(await textOf(page, '#price-fault')).toBe('Put a multiple of 0.01 USDT.');
      expect(await price.getAttribute('aria-invalid')).toBe('true');
      expect(await hasFocus(price)).toBe(true);
      await price.fill('65000.01');
      await page.getByLabel('Quantity', { exact: true }).fill('0.00001');
      await page.keyboard.press('Enter');
      expect(await textOf(page, '#quantity-fault')).toBe('Put a multiple of 0.0001 BTC.');
      expect(await textOf(page, '#price-fault')).toBe('');
    }, 90_000);

    it('says what it cannot do where the exchange does not offer it, and goes on with the rest', async () => {
      const { page } = await open();
      for (const path of ['**/api/orders**', '**/api/trades**', '**/api/wallet/**'])
        await page.route(path, (route) => route.fulfill({ status: 404, body: '404 Not Found' }));
      await signUp(page, 'without@example.com');
      await page.getByText('does not show open orders on this page yet').waitFor();
      await page.getByText('does not show balances on this page yet').waitFor();
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByLabel('Quantity', { exact: true }).fill('0.01');
      await page.keyboard.press('Enter');
      await page.getByText('takes no orders from this page yet').waitFor();
      await changes(page, '#bids');
    }, 90_000);

    it('holds funds for an order, finds it open, cancels it by keyboard; fills another at once, and shows the trade', async () => {
      const { page, complaints } = await open();
      await isLive(page);
      const [, email, demoPassword] = /Log in as +(\S+) +(\S+)/.exec(exchange.output())!;
      await logIn(page, email!, demoPassword);
      const dollars = page.locator('#balances').getByRole('row', { name: /^USDT / });
      await dollars.getByRole('cell', { name: '100,000' }).waitFor();
      await page.getByLabel('Price', { exact: true }).fill('20000');
      await page.getByRole('button', { name: '25%' }).click();
      expect(await page.getByLabel('Quantity', { exact: true }).inputValue()).toBe('1.25');
      expect(await textOf(page, '#total')).toBe('25,000.00 USDT');
      await page.getByRole('button', { name: 'Buy BTC' }).press('Enter');
      await page.getByText('Buy 1.25 BTC: in the book.').waitFor();
      await dollars.getByRole('cell', { name: '75,000' }).waitFor();
      const order = page.getByRole('row', { name: /Buy Limit 20,000\.00 1\.2500 0\.0000/ });
      const cancel = order.getByRole('button', { name: 'Cancel the order to buy 1.25 BTC' });
      await cancel.focus();
      // The lists are asked for anew again and again, and whoever is in one by keyboard stays there.
      await page.waitForResponse((response) => response.url().includes('/api/orders'));
      expect(await hasFocus(cancel)).toBe(true);
      await page.keyboard.press('Enter');
      await page.getByText('No open orders in BTC/USDT.').waitFor();
      await dollars.getByRole('cell', { name: '100,000' }).waitFor();

      await page.getByLabel('Sell', { exact: true }).check();
      await page.getByLabel('Market', { exact: true }).check();
      await page.getByLabel('Quantity', { exact: true }).fill('0.002');
      await page.keyboard.press('Enter');
      await page.getByText('Sell 0.002 BTC: filled.').waitFor();
      await page.getByRole('tab', { name: 'Your trades' }).click();
      await page.getByRole('row', { name: /Sell [\d,.]+ 0\.0020/ }).waitFor();
      expect(complaints).toEqual([]);
    }, 120_000);

    it('signs a person up, confirms the address by the mailed link, turns two-factor on, and asks for it', async () => {
      const email = 'person@example.com';
      const { page, complaints } = await open();
      await isLive(page);
      await signUp(page, email);
      await page.goto(exchange.client.baseUrl + (await mailedLink(email, 'verify-email')));
      await page.getByText('Your e-mail address is confirmed.').waitFor();
      // What was behind the # is gone from the address, and the session went on over the visit.
      expect(page.url()).toBe(`${exchange.client.baseUrl}/`);
      await page.getByRole('button', { name: 'Security' }).click();
      await page.getByLabel('Your password').fill(password);
      await page.keyboard.press('Enter');
      await page.getByLabel('The code that it shows').fill(await codeOf(page));
      await page.keyboard.press('Enter');
      await page.locator('#recovery-codes code').first().waitFor();
      const [recoveryCode] = await page.locator('#recovery-codes code').allInnerTexts();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Log out' }).click();

      await logIn(page, email);
      const code = page.getByLabel('One-time code, or a recovery code');
      await code.waitFor();
      await code.fill('000000');
      await page.keyboard.press('Enter');
      await page.getByText('The one-time code is wrong').waitFor();
      await code.fill(recoveryCode!);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Log out' }).waitFor();
      // The browser notes the refusals that this test asked for, and nothing else.
      expect(complaints.filter((text) => !/status of 40[13]/.test(text))).toEqual([]);
    }, 120_000);

    it('comes back with a new password by the mailed link', async () => {
      const email = 'forgetful@example.com';
      const { page } = await open();
      await signUp(page, email);
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByRole('button', { name: 'Log in', exact: true }).click();
      await page.getByRole('button', { name: 'Forgot the password?' }).click();
      await inDialog(page).getByLabel('E-mail').fill(email);
      await page.keyboard.press('Enter');
      await page.goto(exchange.client.baseUrl + (await mailedLink(email, 'reset-password')));
      await page.getByLabel('New password, at least 8 characters').fill('another long password');
      await page.keyboard.press('Enter');
      await page.getByText('Your password is set').waitFor();
      await logIn(page, email, 'another long password');
      await page.getByRole('button', { name: 'Log out' }).waitFor();
    }, 120_000);

    it('keeps a person logged in over a reload and in a second tab, and logs out in both', async () => {
      const { page } = await open();
      await signUp(page, 'tabs@example.com');
      const second = await page.context().newPage();
      // Both use the refresh token, which is good for one use, at the same moment.
      await Promise.all([page.reload(), second.goto(exchange.client.baseUrl)]);
      for (const tab of [page, second]) await tab.getByRole('button', { name: 'Log out' }).waitFor();
      await second.getByRole('button', { name: 'Log out' }).click();
      for (const tab of [page, second]) await tab.getByRole('button', { name: 'Sign up' }).waitFor();
    }, 90_000);

    it.each(['dark', 'light'] as const)(
      'has nothing that axe finds against the WCAG, in the %s theme',
      async (colorScheme) => {
        const { page } = await open('/', { colorScheme });
        await isLive(page);
        await page.locator('#tape li').first().waitFor();
        expect(await page.locator('html').getAttribute('data-theme')).toBe(colorScheme);
        expect(await faultsOf(page)).toEqual([]);
        await page.getByRole('button', { name: 'Log in', exact: true }).click();
        expect(await faultsOf(page)).toEqual([]);
      },
      90_000,
    );

    it('fits a telephone without scrolling sideways', async () => {
      const { page } = await open('/', { viewport: { width: 360, height: 740 } });
      await isLive(page);
      const [wide, visible] = await page.evaluate<number[]>(
        '[document.documentElement.scrollWidth, innerWidth]',
      );
      expect(wide).toBe(visible);
    }, 90_000);

    it('says that it has lost the exchange, and goes on by itself once it is back', async () => {
      const { page } = await open();
      await isLive(page);
      const { port } = exchange;
      await exchange.kill();
      await page.getByText('Disconnected', { exact: true }).waitFor();
      await page.getByText(/^again in \d+ s$/).waitFor();
      exchange = await startExchange(dataDirectory, { PORT: String(port) });
      await isLive(page);
      await changes(page, '#tape');
    }, 120_000);
  });

/** What the authenticator app of whoever was just shown the key says. */
async function codeOf(page: Page): Promise<string> {
  const secret = page.locator('#two-factor-secret');
  await eventually(async () => (await secret.textContent()) !== '');
  const key = (await secret.textContent())!.replaceAll(' ', '');
  return totpCode(fromBase32(key), totpStep(Date.now()));
}

/** Rule and place of everything that axe-core finds. */
async function faultsOf(page: Page): Promise<string[]> {
  // By the debugger, which the page's policy does not bind.
  await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await page.evaluate<AxeResults>(`axe.run({ runOnly: ${JSON.stringify(tags)} })`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
