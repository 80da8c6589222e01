import { readFileSync, rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { embeddedDemo, postgresDemo } from '../support/demo-ledgers.ts';
import { OpenedConsole } from '../support/opened-console.ts';
import { type Place, Served, makeKey } from '../support/served.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** How many cases the view that is shown says it has. */
async function countOf(page: Page, view: string): Promise<number> {
  const text = (await page.getByRole('button', { name: new RegExp(`^${view}`) }).textContent()) ?? '';
  return Number(/\d+$/.exec(text)?.[0]);
}

async function decideAs(page: Page): Promise<void> {
  await page.getByLabel('Reason', { exact: true }).fill('Automated calls');
  await page.locator('.decide button[type=submit]').click();
}

describe("an analyst's day by keyboard alone, in French, on the embedded ledger", () => {
  let place: Place;
  let served: Served;
  beforeAll(async () => {
    place = embeddedDemo(inject('demoFolder'));
  });
  afterAll(async () => {
    await served?.stop();
    rmSync(place.folder, { recursive: true, force: true });
  });

  it('goes from login to the end of the queue, with a decision undone on the way', async () => {
    const key = await makeKey(place);
    served = await Served.start(place);
    const console = await OpenedConsole.open(browser, served);
    const { page } = console;
    await console.goto('/');
    const press = (keys: string): Promise<void> => page.keyboard.press(keys);

    await page.getByLabel('Clé').focus();
    await page.keyboard.type(key);
    await press('Enter');
    await page.getByRole('table').waitFor();
    await expect.poll(() => countOf(page, 'À décider')).toBeGreaterThan(3);
    const open = await countOf(page, 'À décider');

    // Down, up, choose, let go, open.
    const rows = page.locator('.cases tbody tr[aria-rowindex]');
    const second = await rows.nth(1).getByRole('link').textContent();
    await press('j');
    await press('x');
    await page.getByText('1 choisi').waitFor();
    await press('x');
    await press('Enter');
    await page.getByRole('heading', { level: 1, name: second ?? '' }).waitFor();
    await press('k');
    const first = await page.getByRole('heading', { level: 1 }).textContent();
    expect(first).not.toBe(second);

    // A decision opens the next case, and can be undone.
    await page.getByRole('radio', { name: /Confirmer/ }).waitFor();
    await press('c');
    await page.keyboard.type('Numéros qui se suivent');
    await press('Enter');
    await page.getByRole('heading', { level: 1, name: second ?? '' }).waitFor();
    await page.getByText(new RegExp(String.raw`^Confirmé\s: ${first}`)).waitFor();
    await press('z');
    await page.getByText(`Décision annulée : ${first} est de nouveau ouvert.`).waitFor();

    // A filter that is typed and left is none; Enter applies it, and leads to its rows.
    await press('Escape');
    await page.getByRole('table').waitFor();
    await expect.poll(() => rows.count()).toBe(open);
    const box = page.getByRole('combobox');
    const applied = await box.inputValue();
    await press('/');
    await press('Control+a');
    await page.keyboard.type('condition:usage-class condition:distinct-numbers');
    await page.locator('kbd', { hasText: '↵ l’applique' }).waitFor();
    while ((await box.getAttribute('aria-expanded')) === 'true') await press('Escape');
    await press('Escape');
    expect(await box.inputValue()).toBe(applied);
    await press('/');
    await press('Control+a');
    await page.keyboard.type('condition:usage-class condition:distinct-numbers');
    await press('Enter');
    const several = page.locator(
      '.cases tbody tr[aria-rowindex]:has-text("Usage exclu"):has-text("Numéros différents")',
    );
    await expect.poll(async () => (await several.count()) - (await rows.count())).toBe(0);
    await several.first().waitFor();

    // Of a case with several conditions one is decided; the next keys are the page's, undoing among them.
    await press('Enter');
    await page.getByLabel('Condition').waitFor();
    const one = await page.getByRole('heading', { level: 1 }).textContent();
    await press('d');
    await page.keyboard.type('Mesure trompeuse');
    await press('Enter');
    await page.getByText(new RegExp(String.raw`^Écarté\s: ${one}`)).waitFor();
    await press('z');
    await page.getByText(`Décision annulée : ${one} est de nouveau ouvert.`).waitFor();
    await console.goto('/');

    // Everything is decided: the queue says so.
    await page.getByRole('table').waitFor();
    await expect.poll(() => rows.count()).toBe(open);
    await rows.first().getByRole('link').focus();
    await press('Enter');
    for (let left = open; left > 0; left -= 1) {
      const line = await page.getByRole('heading', { level: 1 }).textContent();
      await page.getByRole('radio', { name: /Écarter/ }).waitFor();
      const all = page.getByLabel('Condition');
      if ((await all.count()) > 0) await all.selectOption('*');
      await page.locator('h1').click();
      await press('d');
      await page.keyboard.type('Usage expliqué');
      await press('Enter');
      if (left > 1) await page.locator('h1', { hasNotText: line ?? '' }).waitFor();
    }
    await page.getByText('Plus aucun dossier n’est à décider. La file est finie.').waitFor();
    expect(await console.close()).toEqual([]);
  });
});

describe("an analyst's day by pointer, in English, on PostgreSQL", () => {
  let place: Place;
  let served: Served;
  let key: string;
  beforeAll(async () => {
    place = await postgresDemo(inject('demoFolder'), inject('postgresUrl'), `console_${process.pid}`);
    key = await makeKey(place);
    served = await Served.start(place);
  });
  afterAll(() => served?.stop());

  it('follows figures to their calls, decides with a usual reason, and undoes it', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    await console.goto('/');
    const first = page.locator('.cases tbody tr[aria-rowindex]').first().getByRole('link');
    const line = (await first.textContent()) ?? '';
    await first.click();
    await page.getByRole('heading', { level: 1, name: line }).waitFor();

    await page.getByRole('button', { name: 'Show the table of: Hours of the week' }).click();
    await page.getByRole('columnheader', { name: 'Mon' }).waitFor();
    await page.locator('.verdict-money a').first().click();
    await page.getByRole('heading', { name: /^Calls (included|metered)$/ }).waitFor();
    expect(page.url()).toContain('calls=coverage');

    await page.getByRole('radio', { name: /Dismiss/ }).check();
    await page.getByRole('button', { name: 'Explained by the customer' }).click();
    await page.locator('.decide button[type=submit]').click();
    await page.getByText(new RegExp(`^Dismissed: ${line}`)).waitFor();
    await page.getByRole('button', { name: /Undo the decision/ }).click();
    await page.getByText(`Decision undone: ${line} is open again.`).waitFor();
    expect(await console.close()).toEqual([]);
  });

  it('assigns a case, notes on it, and finds both in its history', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    await console.goto('/');
    await page.locator('.cases tbody tr[aria-rowindex]').first().getByRole('link').click();
    await page.getByRole('button', { name: 'Assign' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Assign' }).click();
    await page.getByText('Assigned to Camille Martin').first().waitFor();
    await page.getByRole('button', { name: 'Note' }).first().click();
    await page.getByRole('dialog').getByLabel('Note').fill('Called back on Monday');
    await page.getByRole('dialog').getByRole('button', { name: 'Note' }).click();
    await page.locator('.history').getByText('Called back on Monday').waitFor();
    expect(await console.close()).toEqual([]);
  });

  it('filters with completion, and the address shows the same to another', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    await console.goto('/');
    const box = page.getByRole('combobox', { name: 'Filter' });
    await box.fill('state:open cond');
    await page.getByRole('option', { name: 'condition:' }).click();
    await page.getByRole('option', { name: 'condition:equipment' }).click();
    await expect.poll(() => page.url()).toContain('equipment');
    await expect
      .poll(() => page.locator('.conditions').allTextContents())
      .toSatisfy((texts: string[]) => {
        return texts.length > 0 && texts.every((text) => text.includes('Equipment'));
      });
    const other = await OpenedConsole.open(browser, served, { language: 'en', key });
    await other.goto(new URL(page.url()).pathname + new URL(page.url()).search);
    expect(await other.page.locator('.cases tbody tr[aria-rowindex]').count()).toBe(
      await page.locator('.cases tbody tr[aria-rowindex]').count(),
    );
    expect([...(await console.close()), ...(await other.close())]).toEqual([]);
  });

  it('keeps a view under a name with its count, and forgets it', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    await console.goto('/?q=state:open%20money:>1');
    const views = page.getByRole('navigation', { name: 'Views' });
    await views.getByRole('button', { name: 'Keep this view' }).click();
    await views.getByLabel('Name of the view').fill('Over one euro');
    await page.keyboard.press('Enter');
    await expect.poll(() => countOf(page, 'Over one euro')).toBeGreaterThan(0);
    await page.reload({ waitUntil: 'networkidle' });
    await views.getByRole('button', { name: /^Over one euro/ }).click();
    await views.getByRole('button', { name: 'Forget this view' }).click();
    await views.getByRole('button', { name: /^Over one euro/ }).waitFor({ state: 'detached' });
    expect(await console.close()).toEqual([]);
  });

  it('decides on several at once: the sum before, a result for each after', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    await console.goto('/');
    const boxes = page.locator('.cases tbody input[type=checkbox]');
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.locator('.bulk-bar').getByRole('button', { name: 'Dismiss' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('If all are accepted').waitFor();
    await dialog.getByRole('button', { name: 'Network incident' }).click();
    await dialog.getByRole('button', { name: 'Decide on 2 cases' }).click();
    await dialog.getByText('2 cases decided').waitFor();
    expect(await dialog.getByText('✓').count()).toBe(2);
    expect(await console.close()).toEqual([]);
  });

  it('repairs a line that is missing in quarantine, and says what came of it', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    const answer = await fetch(`${served.url}/v1/accounts?limit=1`, { headers: { authorization: `Bearer ${key}` } });
    const { accounts } = (await answer.json()) as { accounts: { id: string }[] };
    await console.goto('/quarantine?reason=unknown-line');
    const box = page.getByLabel('Account of line trunk-old');
    await box.fill(accounts[0]!.id);
    await page.getByLabel('From', { exact: true }).fill('2026-11-01');
    await page.getByRole('button', { name: 'Provision 1 line and try again' }).click();
    await page.getByText(/^Lines provisioned: 1\. Records rated: [1-9]\d*; still waiting: \d+\.$/).waitFor();
    await box.waitFor({ state: 'detached' });
    expect(await console.close()).toEqual([]);
  });

  it('adds a prefix and a rule for numbers in quarantine, having said what each would read', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    await console.goto('/quarantine?reason=unassigned-number');
    await page.getByLabel('Destination', { exact: true }).fill('France Mobile');
    await page.getByText(/^Would read [1-9]\d* of \d+ records/).waitFor();
    await page.getByLabel('Why', { exact: true }).fill('The range opened');
    await page.getByRole('button', { name: 'Add the prefix and try again' }).click();
    await page.getByText(/^Records rated: [1-9]\d*; still waiting: \d+\.$/).waitFor();
    await page.getByText('Nothing waits for this reason any more.').waitFor();
    await page.getByRole('link', { name: /the digits can mean two numbers/i }).click();
    await page.getByText(/^Would read [1-9]\d* of \d+ records/).waitFor();
    await page.getByLabel('Why', { exact: true }).fill('It leaves out the zero');
    await page.getByRole('button', { name: 'Add the rule and try again' }).click();
    await page.getByText('Nothing waits for this reason any more.').waitFor();
    const kept = page.getByRole('region', { name: 'Added to the numbering tables' }).getByRole('row');
    await expect.poll(() => kept.count()).toBe(3);
    await kept.nth(2).getByRole('button', { name: 'Take back' }).click();
    await page.getByLabel(/^Why take back/).fill('The switch was set right');
    await page.keyboard.press('Enter');
    // Every line is judged again.
    await kept.nth(2).waitFor({ state: 'detached' });
    expect(await kept.count()).toBe(2);
    expect(await console.close()).toEqual([]);
  });

  it('saves the queue and the calls of a case as French spreadsheets open them', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'fr', key });
    const { page } = console;
    const saved = async (): Promise<string> => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Exporter' }).click();
      await page.getByRole('menuitem', { name: /Excel/ }).click();
      return readFileSync(await (await download).path(), 'utf8');
    };
    await console.goto('/');
    const [heads, first] = (await saved()).split('\r\n');
    expect(heads).toMatch(/^\uFEFFLigne;Compte;Client;/);
    expect(first).toMatch(/;\d+,\d{6};/);
    await page.locator('.cases tbody tr[aria-rowindex]').first().getByRole('link').click();
    await page.locator('.verdict').waitFor();
    expect(await saved()).toMatch(/;"=""\+\d{8,15}""";/);
    expect(await console.close()).toEqual([]);
  });

  it('shows two analysts each other, and tells the second that the facts moved', async () => {
    const first = await OpenedConsole.open(browser, served, { language: 'en', key });
    const other = await makeKey(place, 'Zoé Petit');
    const second = await OpenedConsole.open(browser, served, { language: 'en', key: other });
    second.expectsRefusals = true;
    await first.goto('/?q=state:open%20money:>0');
    const link = first.page.locator('.cases tbody tr[aria-rowindex]').first().getByRole('link');
    const line = (await link.textContent()) ?? '';
    await link.click();
    await second.goto(new URL(first.page.url()).pathname);
    for (const { page } of [first, second]) {
      await page.getByRole('radio', { name: /Confirm/ }).check();
      await page.locator('.effect-box').waitFor();
    }
    await second.page.getByText('Also opened by Camille Martin').waitFor();
    await first.page.getByText('Also opened by Zoé Petit').waitFor();
    await second.page.waitForLoadState('networkidle');
    await decideAs(first.page);
    await first.page.getByText(new RegExp(`^Confirmed: ${line}`)).waitFor();
    await decideAs(second.page);
    await second.page.getByText(/: the decision was not kept/).waitFor();
    expect([...(await first.close()), ...(await second.close())]).toEqual([]);
  });

  it('keeps a decision once whose answer was lost on the way', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    console.expectsRefusals = true;
    let lost = 0;
    await page.route('**/decisions', async (route) => {
      if (lost > 0 || route.request().postDataJSON().dryRun === true) return route.continue();
      lost += 1;
      await route.fetch();
      return route.abort('connectionreset');
    });
    await console.goto('/');
    const link = page.locator('.cases tbody tr[aria-rowindex]').first().getByRole('link');
    const line = (await link.textContent()) ?? '';
    await link.click();
    await page.getByRole('radio', { name: /Dismiss/ }).check();
    await page.getByLabel('Reason', { exact: true }).fill('Once is enough');
    await page.locator('.decide button[type=submit]').click();
    await page.getByText(new RegExp(`^Dismissed: ${line}`)).waitFor();
    expect(lost).toBe(1);
    const answer = await fetch(`${served.url}/v1/cases?filter=state:decided%20line:${line}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { cases } = (await answer.json()) as { cases: { period: string }[] };
    await console.goto(`/cases/${line}/${cases[0]!.period}`);
    await page.locator('.history q', { hasText: 'Once is enough' }).first().waitFor();
    expect(await page.locator('.history q', { hasText: 'Once is enough' }).count()).toBe(1);
    expect(await console.close()).toEqual([]);
  });

  it('says that the connection is lost, and goes on when it is back', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    console.expectsRefusals = true;
    await console.goto('/');
    await console.offline(true);
    await page.getByRole('button', { name: /^Decided/ }).click();
    await page.getByText(/^Connection lost/).waitFor();
    await console.offline(false);
    await page.getByText(/^Connection lost/).waitFor({ state: 'detached' });
    expect(await console.close()).toEqual([]);
  });
});
