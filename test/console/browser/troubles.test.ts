import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { postgresDemo } from '../support/demo-ledgers.ts';
import { OpenedConsole } from '../support/opened-console.ts';
import { type Place, Served, fairtally, freePort, makeKey } from '../support/served.ts';

let browser: Browser;
let place: Place;
let served: Served;
let camille: string;
let zoe: string;
let port: number;

beforeAll(async () => {
  browser = await openBrowser();
  place = await postgresDemo(inject('demoFolder'), inject('postgresUrl'), `console_troubles_${process.pid}`);
  camille = await makeKey(place);
  zoe = await makeKey(place, 'Zoé Petit');
  port = await freePort();
  served = await Served.start(place, { port });
});
afterAll(async () => {
  await served?.stop();
  await browser?.close();
});

const open = (key = camille): Promise<OpenedConsole> => OpenedConsole.open(browser, served, { language: 'en', key });

/** Opens the first case of a filter, and says which line it is of. */
async function openFirst(console: OpenedConsole, filter = 'state:open snoozed:no money:>0'): Promise<string> {
  await console.goto(`/?q=${encodeURIComponent(filter)}`);
  const link = console.page.locator('.cases tbody tr[aria-rowindex]').first().getByRole('link');
  const line = (await link.textContent()) ?? '';
  await link.click();
  await console.page.locator('.effect-box, .decide .hint').first().waitFor();
  return line;
}

async function decide(page: Page, key: 'c' | 'd', reason: string): Promise<void> {
  await page.keyboard.press(key);
  await page.keyboard.type(reason);
  await page.keyboard.press('Enter');
}

function views(page: Page): Locator {
  return page.getByRole('navigation', { name: 'Views' });
}

describe('views', () => {
  it('are shared with the team, counted, and forgotten for all', async () => {
    const first = await open();
    await first.goto('/?q=state:open%20assignee:none');
    await views(first.page).getByRole('button', { name: 'Keep this view' }).click();
    await first.page.keyboard.type('Nobody "has" it');
    await first.page.getByLabel('For the whole team').check();
    await first.page.getByRole('button', { name: 'Keep', exact: true }).click();
    const shared = (page: Page): Locator => views(page).getByRole('button', { name: /^Nobody "has" it \(shared\)/ });
    await expect.poll(() => shared(first.page).textContent()).toMatch(/[1-9]\d*$/);

    const second = await open(zoe);
    await second.goto('/');
    await second.page.keyboard.press('Control+k');
    await second.page.keyboard.type('nobody');
    await second.page.keyboard.press('Enter');
    await expect.poll(() => second.page.url()).toContain('assignee%3Anone');
    expect(await shared(second.page).getAttribute('title')).toBe('Shared by Camille Martin');
    await views(second.page).getByRole('button', { name: 'Forget this view' }).click();
    await shared(second.page).waitFor({ state: 'detached' });
    await first.page.reload({ waitUntil: 'networkidle' });
    expect(await shared(first.page).count()).toBe(0);
    expect([...(await first.close()), ...(await second.close())]).toEqual([]);
  });

  it('that a browser kept before are taken along, and those that the ledger refuses are named', async () => {
    const console = await open();
    console.expectsRefusals = true;
    const kept = JSON.stringify([
      { name: 'Mine before', filter: 'state:open calls:>10' },
      { name: 'Wrong', filter: 'colour:red' },
    ]);
    await console.page.addInitScript((text) => {
      if (sessionStorage.getItem('once') === null) localStorage.setItem('fairtally.views', text);
      sessionStorage.setItem('once', 'yes');
    }, kept);
    await console.goto('/');
    await views(console.page)
      .getByRole('button', { name: /^Mine before/ })
      .waitFor();
    await console.page.getByText(/^View “Wrong”, kept in this browser, could not be taken over/).waitFor();
    expect(await console.page.evaluate(() => localStorage.getItem('fairtally.views'))).toBe('[]');
    await console.page.reload({ waitUntil: 'networkidle' });
    expect(
      await views(console.page)
        .getByRole('button', { name: /^Mine before/ })
        .count(),
    ).toBe(1);
    expect(await console.close()).toEqual([]);
  });
});

describe('a case', () => {
  it('that is snoozed leaves the queue until its day, or until it is woken', async () => {
    const console = await open();
    const { page } = console;
    const line = await openFirst(console, 'state:open snoozed:no');
    await page.keyboard.press('s');
    await page.getByRole('dialog').getByRole('button', { name: 'Snooze' }).click();
    await page.getByText(new RegExp(`^${line}: snoozed until (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day`)).waitFor();
    await page.locator('h1', { hasNotText: line }).waitFor();
    await console.goto('/');
    await page.locator('.cases').waitFor();
    expect(await page.getByRole('link', { name: line, exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: /^Snoozed/ }).click();
    await page.getByRole('row', { name: new RegExp(`${line}.*snoozed until`) }).waitFor();
    await page.keyboard.press('s');
    await page.getByLabel('Until').fill('');
    await page.getByRole('dialog').getByRole('button', { name: 'Snooze' }).click();
    await page.getByText(`${line} is in the queue again.`).waitFor();
    await console.goto('/');
    await page.getByRole('link', { name: line, exact: true }).waitFor();
    expect(await console.close()).toEqual([]);
  });

  it('is decided on once though the server ended in the middle, and nothing is told as lost', async () => {
    const console = await open();
    const { page } = console;
    console.expectsRefusals = true;
    const line = await openFirst(console);
    const path = new URL(page.url()).pathname;
    await page.waitForLoadState('networkidle');
    await served.stop();
    await decide(page, 'd', 'While it was away');
    await page.getByText(`${line}: the server does not answer.`).waitFor();
    await page.getByText(/^Connection lost/).waitFor();
    served = await Served.start(place, { port });
    await page.getByText(new RegExp(`^Dismissed: ${line}`)).waitFor();
    await page.getByText(/^Connection lost/).waitFor({ state: 'detached' });
    await console.goto(path);
    await page.locator('.history q', { hasText: 'While it was away' }).waitFor();
    expect(await page.locator('.history q', { hasText: 'While it was away' }).count()).toBe(1);
    expect(await console.close()).toEqual([]);
  });

  it('keeps what another decided after, when the first is undone', async () => {
    const [first, second] = [await open(), await open(zoe)];
    for (const console of [first, second]) console.expectsRefusals = true;
    const line = await openFirst(first);
    const path = new URL(first.page.url()).pathname;
    await decide(first.page, 'c', 'A dialler');
    await first.page.getByText(new RegExp(`^Confirmed: ${line}`)).waitFor();
    await second.goto(path);
    await second.page.locator('.verdict').waitFor();
    await decide(second.page, 'd', 'The customer explained it');
    await second.page.getByText(new RegExp(`^Dismissed: ${line}`)).waitFor();
    await first.page.keyboard.press('z');
    await first.page.getByText(/another came after it$/).waitFor();
    await second.goto(path);
    await second.page.locator('.history q', { hasText: 'The customer explained it' }).waitFor();
    expect(await second.page.locator('.history').getByText('Undo', { exact: false }).count()).toBe(0);
    expect([...(await first.close()), ...(await second.close())]).toEqual([]);
  });

  it('keeps what was typed while one goes back and forth, and offers no reinstatement of what is not charged', async () => {
    const console = await open();
    const { page } = console;
    await openFirst(console);
    expect(await page.getByRole('radio', { name: /Reinstate/ }).isDisabled()).toBe(true);
    await page.keyboard.press('c');
    await page.keyboard.type('Half a reason');
    await page.goBack();
    await page.locator('.cases').waitFor();
    await page.goForward();
    await page.locator('.verdict').waitFor();
    expect(await page.getByLabel('Reason', { exact: true }).inputValue()).toBe('Half a reason');
    expect(await console.close()).toEqual([]);
  });
});

describe('a switch that writes a digit before each number', () => {
  it('is seen as such in quarantine; what was read with the digit is told, since no rule mends it', async () => {
    const answer = await fetch(`${served.url}/v1/lines?limit=1`, { headers: { authorization: `Bearer ${camille}` } });
    const { lines } = (await answer.json()) as { lines: { id: string }[] };
    const records = ['00612345678', '00612345679', '00145678901', '00376312345'].map((to, no) =>
      JSON.stringify({
        v: 1,
        switch: 'pbx-0',
        call: `zero-${no}`,
        line: lines[0]!.id,
        to,
        answered: '2026-11-05T10:00:00Z',
        durationMs: 60_000,
      }),
    );
    writeFileSync(join(place.folder, 'zero.ndjson'), `${records.join('\n')}\n`);
    await fairtally(place.folder, 'rate', 'zero.ndjson', ...place.options);
    const console = await open();
    const { page } = console;
    await console.goto('/quarantine?reason=wrong-length');
    await page.getByLabel('What it writes first').waitFor();
    await page.getByLabel('Switch', { exact: true }).selectOption('pbx-0');
    await page.getByLabel('What it writes first').fill('0');
    await page.getByLabel('To be read as').fill('');
    await page.getByText(/^Beware: of the [\d,]+ calls rated last, 1 begins so too/).waitFor();
    await page.getByText(/rated as \+376312345 Andorre, would be \+33376312345 France Fixe/).waitFor();
    await page.getByRole('button', { name: 'Or the numbering plan lacks the range: add it' }).click();
    await page.getByLabel('Destination', { exact: true }).waitFor();
    expect(await console.close()).toEqual([]);
  });
});

describe('deciding', () => {
  it('types nothing of a key that is held down, wherever the focus went', async () => {
    const console = await open();
    const { page } = console;
    await openFirst(console);
    for (let press = 0; press < 12; press += 1) await page.keyboard.down('d');
    await page.keyboard.up('d');
    await page.keyboard.type('dunno');
    expect(await page.getByLabel('Reason', { exact: true }).inputValue()).toBe('dunno');
    expect(await console.close()).toEqual([]);
  });

  it('keeps what is typed before a slow server has shown the case, as the reason', async () => {
    const console = await open();
    const { page } = console;
    const line = await openFirst(console);
    await page.route('**/v1/cases/**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await route.continue();
    });
    await page.reload({ waitUntil: 'commit' });
    await page.getByRole('heading', { level: 1, name: line }).waitFor();
    await page.keyboard.press('d');
    await page.keyboard.type('as sand');
    await page.keyboard.press('Enter');
    await page.locator('.decide').waitFor();
    await expect.poll(() => page.getByLabel('Reason', { exact: true }).inputValue()).toBe('as sand');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('heading', { level: 1, name: line }).waitFor();
    expect(await console.close()).toEqual([]);
  });

  it('asks first for the condition that the filter of the queue names', async () => {
    const console = await open();
    const both = ['conversational-use', 'usage-class'];
    for (const [one, other] of [both, both.toReversed()]) {
      await openFirst(console, `state:open condition:${one} condition:${other}`);
      expect(await console.page.getByLabel('Condition').inputValue()).toBe(one);
    }
    expect(await console.close()).toEqual([]);
  });

  it('stays on a case with several conditions until the last of them is decided on', async () => {
    const console = await open();
    const { page } = console;
    const line = await openFirst(console, 'state:open condition:usage-class condition:conversational-use');
    await decide(page, 'd', 'not so');
    await page.getByText(new RegExp(`^Dismissed: ${line}, `)).waitFor();
    await page.getByRole('heading', { level: 1, name: line }).waitFor();
    await page.goto(`${served.url}/?q=state:open`, { waitUntil: 'networkidle' });
    await page.getByRole('link', { name: line, exact: true }).waitFor();
    expect(await page.getByText(/new case/).count()).toBe(0);
    expect(await console.close()).toEqual([]);
  });

  it('names the case whose decision was refused, leads to it, and keeps the reason', async () => {
    const first = await open();
    const second = await open(zoe);
    second.expectsRefusals = true;
    const line = await openFirst(first);
    expect(await openFirst(second)).toBe(line);
    await decide(first.page, 'c', 'a dialler');
    await first.page.getByText(`Confirmed: ${line}`).waitFor();
    await decide(second.page, 'd', 'a known customer');
    await second.page.getByText(`${line}: the decision was not kept`).waitFor();
    await second.page.getByRole('link', { name: `Open ${line}` }).click();
    await second.page.getByRole('heading', { level: 1, name: line }).waitFor();
    await second.page.locator('.decide').waitFor();
    expect(await second.page.getByLabel('Reason', { exact: true }).inputValue()).toBe('a known customer');
    expect([...(await first.close()), ...(await second.close())]).toEqual([]);
  });

  it('is undone as soon as it is kept where that is asked for before', async () => {
    const console = await open();
    const { page } = console;
    const line = await openFirst(console);
    await page.route('**/decisions', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await route.continue();
    });
    await decide(page, 'd', 'by mistake');
    await page.keyboard.press('z');
    await page.getByText('undone as soon as it is kept').waitFor();
    await page.getByText(`${line} is open again`).waitFor();
    expect(await console.close()).toEqual([]);
  });

  it('says that a reason is too long before it is sent', async () => {
    const console = await open();
    const { page } = console;
    await openFirst(console);
    await page.getByLabel('Reason', { exact: true }).fill('long '.repeat(2_001).trim());
    await page.locator('.decide button[type=submit]').click();
    await page.getByText('10,004 characters: 10,000 at most.').waitFor();
    expect(await console.close()).toEqual([]);
  });
});
