import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { postgresDemo } from '../support/demo-ledgers.ts';
import { OpenedConsole } from '../support/opened-console.ts';
import { type Place, Served, fairtally, makeKey } from '../support/served.ts';

let browser: Browser;
let place: Place;
let served: Served;
let key: string;

beforeAll(async () => {
  browser = await openBrowser();
  place = await postgresDemo(inject('demoFolder'), inject('postgresUrl'), `console_odd_${process.pid}`);
  key = await makeKey(place);
  served = await Served.start(place);
});
afterAll(async () => {
  await served?.stop();
  await browser?.close();
});

const open = (): Promise<OpenedConsole> => OpenedConsole.open(browser, served, { language: 'en', key });

/** A call as a switch sends it. */
function call(id: string, line: string, to: string, durationMs = 60_000): string {
  return JSON.stringify({ v: 1, switch: 'pbx-1', call: id, line, to, answered: '2026-11-05T10:00:00Z', durationMs });
}

describe('in quarantine', () => {
  let line: string;

  beforeAll(async () => {
    const answer = await fetch(`${served.url}/v1/lines?limit=1000`, { headers: { authorization: `Bearer ${key}` } });
    const { lines } = (await answer.json()) as { lines: { id: string }[] };
    line = lines.find(({ id }) => /^L\d+$/.test(id))!.id;
    const records = [
      call('capitals', line.toLowerCase(), '+33145678901'),
      call('twice', line, '+33145678902'),
      call('twice', line, '+33145678902', 61_000),
      call('short', line, '0145'),
    ];
    writeFileSync(join(place.folder, 'odd.ndjson'), `${records.join('\n')}\n`);
    await fairtally(place.folder, 'rate', 'odd.ndjson', ...place.options);
  });

  it('a line in other capitals is known; what is refused is marked, said in French, and kept', async () => {
    const console = await OpenedConsole.open(browser, served, { key });
    const { page } = console;
    await console.goto('/quarantine?reason=unknown-line');
    await page.getByText(new RegExp(`La ligne ${line} existe\\s: seules les majuscules diffèrent`)).waitFor();
    const box = page.getByLabel(`Compte de la ligne ${line.toLowerCase()}`);
    await box.fill('nobody');
    console.expectsRefusals = true;
    await page.getByRole('button', { name: /^Provisionner 1 ligne/ }).click();
    const refusal = page.getByRole('alert');
    await refusal.getByText(/le registre n’a pas de compte «\snobody\s»/).waitFor();
    await refusal.getByText(/Ce que vous avez saisi est gardé ici/).waitFor();
    expect(await refusal.textContent()).not.toMatch(/Cannot|\/lines/);
    expect([await box.inputValue(), await box.getAttribute('aria-invalid')]).toEqual(['nobody', 'true']);
    await box.fill('nobody else');
    expect(await box.getAttribute('aria-invalid')).toBe('false');
    expect(await console.close()).toEqual([]);
  });

  it('a record that contradicts another leads to the call that is charged, and is not tried again', async () => {
    const console = await open();
    const { page } = console;
    await console.goto('/quarantine?reason=conflict');
    await page.getByRole('link', { name: 'See the call twice that is charged' }).waitFor();
    expect(await page.getByRole('button', { name: 'Try these records again' }).count()).toBe(0);
    await page.getByRole('link', { name: 'See the call twice that is charged' }).click();
    await page.getByRole('heading', { name: /twice/ }).waitFor();
    expect(await console.close()).toEqual([]);
  });

  it('a record that nothing mends is written off with a reason, stands apart, and waits again when that is undone', async () => {
    const console = await OpenedConsole.open(browser, served, { key });
    const { page } = console;
    await console.goto('/quarantine?reason=not-json');
    const boxes = page.getByRole('checkbox');
    await boxes.first().waitFor();
    const before = await boxes.count();
    await page.getByText('Rien ne les répare\u00a0: classer sans suite').click();
    const why = page.getByLabel('Pourquoi rien ne répare ces enregistrements');
    await page.locator('.reason-row[aria-current]').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('records-title');
    const name = await boxes.first().getAttribute('aria-label');
    await boxes.first().check();
    expect(await console.accessFaults()).toEqual([]);
    await why.fill('Essai du commutateur');
    await page.getByRole('button', { name: 'Classer l’enregistrement choisi' }).click();
    await page.getByText('1 enregistrement classé.').waitFor();
    // The reason was given for that one: another Enter writes nothing off.
    expect(await why.inputValue()).toBe('');
    await expect.poll(() => boxes.count()).toBe(before - 1);
    const lists = page.getByRole('navigation', { name: 'Motifs' });
    await lists.locator('section', { hasText: 'Classés sans suite' }).getByRole('link').click();
    await page.getByText(/Classé par .*«\sEssai du commutateur\s»/).waitFor();
    expect([await boxes.count(), await boxes.first().getAttribute('aria-label')]).toEqual([1, name]);
    expect(await page.getByRole('button', { name: 'Rejouer ces enregistrements' }).count()).toBe(0);
    expect(await console.accessFaults()).toEqual([]);
    await page.keyboard.press('z');
    await page.getByText('Plus rien n’est classé pour ce motif.').waitFor();
    await console.goto('/quarantine?reason=not-json');
    await page.getByText(/Rouvert par .*«\sAnnulé\s»/).waitFor();
    expect(await boxes.count()).toBe(before);
    await page.getByText('Rien ne les répare\u00a0: classer sans suite').click();
    await why.fill('Tout ce lot est un essai');
    await page.getByRole('button', { name: new RegExp(`^Classer ces ${before} enregistrements$`) }).click();
    await page.getByText('Plus rien n’attend pour ce motif.').waitFor();
    await console.goto('/quarantine?reason=not-json&state=written-off');
    await page.getByLabel('Pourquoi ces enregistrements attendent de nouveau').fill('Repris');
    await page.getByRole('button', { name: new RegExp(`^Rouvrir ces ${before} enregistrements$`) }).click();
    await page.getByText(`${before} rouverts, 0 valorisés.`).waitFor();
    expect(await console.close()).toEqual([]);
  });

  it('a rule that would read no record can not be added', async () => {
    const console = await open();
    const { page } = console;
    await console.goto('/quarantine?reason=wrong-length');
    const add = page.getByRole('button', { name: 'Add the rule and try again' });
    const first = page.getByLabel('What it writes first');
    const other = page.getByRole('button', { name: /^Or the switch writes/ });
    await first.or(other).waitFor();
    if (await other.isVisible()) await other.click();
    await first.fill('5');
    await page.getByLabel('To be read as').fill('');
    await page.getByText(/^Would read 0 of \d+ records/).waitFor();
    expect(await add.isDisabled()).toBe(true);
    expect(await console.close()).toEqual([]);
  });
});

describe('an address at which nothing is', () => {
  it('shows a person the page that says so, and a program a problem', async () => {
    const console = await open();
    const { page } = console;
    console.expectsRefusals = true;
    await console.goto('/nope');
    await page.getByRole('main').getByRole('heading', { level: 1, name: 'Nothing at this address' }).waitFor();
    expect(await console.close()).toEqual([]);
    const asked = async (path: string, accept: string, method = 'GET') => {
      const { status, headers } = await fetch(`${served.url}${path}`, { method, headers: { accept } });
      return [status, headers.get('content-type')?.replace(/;.*/, '')];
    };
    const problem = [404, 'application/problem+json'];
    const html = 'text/html,application/xhtml+xml,*/*;q=0.8';
    expect(await asked('/nope', html)).toEqual([404, 'text/html']);
    expect(await asked('/nope', '*/*')).toEqual(problem);
    expect(await asked('/nope', 'application/json')).toEqual(problem);
    expect(await asked('/nope', html, 'POST')).toEqual(problem);
    expect(await asked('/v1/nope', html)).toEqual(problem);
    const policy = (await fetch(`${served.url}/nope`, { headers: { accept: html } })).headers;
    expect(policy.get('content-security-policy')).toBe(
      (await fetch(served.url)).headers.get('content-security-policy'),
    );
  });

  it('offers nothing to be done to a case that is not there, by buttons or keys', async () => {
    const console = await open();
    const { page } = console;
    console.expectsRefusals = true;
    await console.goto('/cases/L-nowhere/2026-11');
    const fault = page.getByRole('alert').first();
    await fault.waitFor();
    expect(await fault.textContent()).not.toContain('Nothing was changed');
    for (const name of [/^Assign/, /^Note/, /^Snooze/])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    for (const pressed of ['a', 'n', 's', 'c']) await page.keyboard.press(pressed);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await console.close()).toEqual([]);
  });
});

describe('the queue', () => {
  it('says of cases with nothing at stake what was charged, as the case says it', async () => {
    const console = await open();
    const { page } = console;
    await console.goto('/?q=state:open%20condition:distinct-numbers%20money:=0');
    const row = page.locator('.cases tbody tr[aria-rowindex]').first();
    const told = /^([\d.,€ ]+) charged$/.exec((await row.locator('.money').textContent()) ?? '');
    expect(told?.[1]).toMatch(/[1-9]/);
    const calls = (await row.locator('.quiet-cell.number').first().textContent()) ?? '';
    await row.getByRole('link').click();
    const said = page.locator('.verdict-money');
    await said.waitFor();
    expect(await said.textContent()).toContain(`${calls} call`);
    expect(await said.textContent()).toContain(told?.[1]);
    expect(await console.close()).toEqual([]);
  });

  it('is asked for once, before the script is read, and in the name of whose key is in force', async () => {
    const console = await open();
    const { page } = console;
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.endsWith('/v1/me') || search.includes('limit=200')) asked.push(pathname);
    });
    await console.goto('/');
    await page.locator('.cases').waitFor();
    expect(asked).toEqual(['/v1/me', '/v1/cases']);
    const times = (await page.evaluate(`Object.fromEntries(performance.getEntriesByType('resource').map((each) => [
      new URL(each.name).pathname.replace(/-.*/, ''), each.startTime]))`)) as Record<string, number>;
    expect(times['/v1/cases']).toBeLessThan(times['/v1/views']!);
    // Of the cases that the address names the page asks by itself.
    asked.length = 0;
    await console.goto('/?q=state:decided');
    await page.locator('h1').waitFor({ state: 'attached' });
    expect(asked).toEqual(['/v1/me', '/v1/cases']);
    expect(await console.close()).toEqual([]);
  });

  it('shows who signs in nothing that was asked for before in another name', async () => {
    const zoe = await makeKey(place, 'Zoe', ['cases:read']);
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    // As soon as the page has asked in one name, another is in force.
    await page.addInitScript((other) => {
      const { fetch } = globalThis;
      globalThis.fetch = (...asked) => {
        const answer = fetch(...asked);
        sessionStorage.setItem('fairtally.key', other);
        return answer;
      };
    }, zoe);
    const keys: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/me')) keys.push(request.headers()['authorization'] ?? '');
    });
    await console.goto('/');
    await page.getByText('Zoe').first().waitFor();
    expect(keys).toEqual([`Bearer ${key}`, `Bearer ${zoe}`]);
    expect(await console.close()).toEqual([]);
  });
});
