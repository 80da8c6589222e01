import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { consolePages } from '../../../console/index.ts';
import { CONDITION_IDS } from '../../../rules/index.ts';
import { type Role, type Scope, scopesOfRoles } from '../../../services/index.ts';
import { openBrowser } from '../support/browser.ts';
import { embeddedDemo } from '../support/demo-ledgers.ts';
import { OpenedConsole } from '../support/opened-console.ts';
import { type Place, Served, makeKey } from '../support/served.ts';

let browser: Browser;
let place: Place;
let served: Served;
let key: string;
/** A case, and a call of it. */
let casePath: string;
let call: string;
/** One case of each condition. */
let casesByCondition: readonly string[];

beforeAll(async () => {
  browser = await openBrowser();
  place = embeddedDemo(inject('demoFolder'));
  key = await makeKey(place);
  for (const role of ROLES) keysOf[role] = await makeKey(place, `a ${role}`, scopesOfRoles([role]));
  casesOnly = await makeKey(place, 'Sans Droit', ['cases:read']);
  served = await Served.start(place);
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(served.url + path, { headers: { authorization: `Bearer ${key}` } })).json();
  const first = (await ask('/v1/cases?limit=1')) as { cases: { line: string; period: string }[] };
  const { cases } = first;
  casePath = `/cases/${cases[0]!.line}/${cases[0]!.period}`;
  const ofCondition = async (condition: string): Promise<string[]> => {
    const filter = encodeURIComponent(`condition:${condition}`);
    const found = (await ask(`/v1/cases?limit=1&filter=${filter}`)) as typeof first;
    return found.cases.map(({ line, period }) => `/cases/${line}/${period}`);
  };
  casesByCondition = (await Promise.all(CONDITION_IDS.map(ofCondition))).flat();
  const { calls } = (await ask(`/v1${casePath}/pattern`)) as { calls: { callId: string }[] };
  call = calls[0]!.callId;
});
afterAll(async () => {
  await served?.stop();
  await browser?.close();
  rmSync(place.folder, { recursive: true, force: true });
});

/** What there is for who may not do everything; what he may not ask for is not asked. */
const ROLES: readonly Role[] = ['viewer', 'analyst', 'auditor'];
const keysOf: Partial<Record<Role, string>> = {};
let casesOnly: string;

/** Each page, and what it shows once it is read. */
const PAGES: readonly (readonly [string, () => string, string, readonly Scope[]])[] = [
  ['queue', () => '/', '.cases', ['cases:read']],
  ['case', () => casePath, '.calls .plain', ['cases:read']],
  ['line', () => casePath.replace('cases', 'lines'), '.bars', ['cases:read', 'provisioning:read']],
  ['call', () => `/calls/${call}`, '.steps', ['usage:read']],
  ['quarantine', () => '/quarantine?reason=unknown-line', '.records', ['quarantine:read']],
  ['quarantine, a prefix', () => '/quarantine?reason=unassigned-number', '.provision', ['quarantine:read']],
  ['quarantine, a rule', () => '/quarantine?reason=ambiguous-number', '.provision', ['quarantine:read']],
  ['report', () => '/report', '.figures', ['reports:read']],
  ['decks', () => '/decks', '.plain', ['decks:read']],
  ['team', () => '/team', '.bars', ['reports:read', 'cases:read']],
  ['health', () => '/health', '.bars', ['reports:read', 'cases:read']],
  ['nothing', () => '/decks/nothing', 'h1', []],
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(PAGES)('page %s has no fault of access, asks no other host, throws nothing', async (_, path, shown) => {
    const console = await OpenedConsole.open(browser, served, {
      theme,
      language: theme === 'light' ? 'fr' : 'en',
      key,
    });
    await console.goto(path());
    await console.page.locator(shown).first().waitFor();
    expect(await console.accessFaults()).toEqual([]);
    expect(await console.close()).toEqual([]);
  });

  it('login and dialogs have no fault of access', async () => {
    const login = await OpenedConsole.open(browser, served, { theme });
    await login.goto('/');
    expect(await login.accessFaults()).toEqual([]);
    const console = await OpenedConsole.open(browser, served, { theme, key });
    await console.goto('/');
    await console.page.locator('.cases').waitFor();
    for (const press of ['?', 'Control+k', 'c', 'n']) {
      await console.page.keyboard.press(press);
      await console.page.getByRole('dialog').waitFor();
      await console.page.waitForLoadState('networkidle');
      expect(await console.accessFaults()).toEqual([]);
      await console.page.keyboard.press('Escape');
      await console.page.keyboard.press('Escape');
      await console.page.getByRole('dialog').waitFor({ state: 'detached' });
      // Back to the page itself: the next Enter opens the case under the cursor, and presses no link.
      await expect.poll(() => console.page.evaluate('document.activeElement.id')).toBe('content');
    }
    expect([...(await login.close()), ...(await console.close())]).toEqual([]);
  });
});

describe.each(ROLES)('to the role %s', (role) => {
  it('shows each page that the role may read, and asks for nothing that it may not', async () => {
    const scopes: readonly string[] = scopesOfRoles([role]);
    for (const [name, path, , needs] of PAGES) {
      if (needs.some((scope) => !scopes.includes(scope))) continue;
      const console = await OpenedConsole.open(browser, served, { key: keysOf[role] ?? '' });
      await console.goto(path());
      await console.page.locator('main h1').waitFor();
      expect([name, await console.page.getByRole('alert').allTextContents()]).toEqual([name, []]);
      expect([name, ...(await console.close())]).toEqual([name]);
    }
  });

  it('shows each kind of case, if it sees cases', async () => {
    const console = await OpenedConsole.open(browser, served, { key: keysOf[role] ?? '' });
    for (const path of casesByCondition) {
      await console.goto(path);
      await console.page.locator('.verdict-money').waitFor();
    }
    expect(await console.close()).toEqual([]);
  });
});

describe('what a case says', () => {
  it('leads from each figure of its sentences, and from each run of numbers, to the rows behind it', async () => {
    const console = await OpenedConsole.open(browser, served, { key, language: 'en' });
    const { page } = console;
    const kinds = new Set<string>();
    for (const path of casesByCondition) {
      await console.goto(path);
      await page.locator('.calls .plain').waitFor();
      for (const sentence of await page.locator('.verdict li p').all()) {
        expect([path, await sentence.locator('a').count()]).not.toEqual([path, 0]);
      }
      const links = page.locator('.verdict li p a, .runs li a');
      // One of each kind: what its value is makes no other page.
      const targets = new Map<string, string>();
      for (const link of await links.all()) {
        const target = (await link.getAttribute('href')) ?? '';
        targets.set(target.replace(/(calls=[\w-]+).*/, '$1'), target);
      }
      for (const target of targets.values()) {
        const { hash, searchParams } = new URL(target, served.url + path);
        const calls = searchParams.get('calls');
        if (calls !== null) kinds.add(calls.replace(/:.*/, ''));
        await console.goto(calls === null ? path : target);
        await page.locator('.calls .plain').waitFor();
        const rows = page.locator(calls === null ? hash : '.calls tbody tr');
        expect([target, await rows.count()]).not.toEqual([target, 0]);
      }
    }
    expect([...kinds]).toEqual(expect.arrayContaining(['day', 'number', 'range', 'shortest']));
    expect(await console.close()).toEqual([]);
  });
});

describe('the console', () => {
  it('says at a page that the key may not read what right it lacks, and does not load for ever', async () => {
    const console = await OpenedConsole.open(browser, served, { key: casesOnly, language: 'en' });
    console.expectsRefusals = true;
    for (const path of ['/quarantine', '/report', '/team', '/decks']) {
      await console.goto(path);
      await console.page
        .locator('main')
        .getByText(/Your key does not allow this/)
        .waitFor();
      expect([path, await console.page.locator('main .loading').count()]).toEqual([path, 0]);
    }
    expect(await console.close()).toEqual([]);
  });

  it('tells the whole name of a customer whose name is cut off in the queue', async () => {
    const console = await OpenedConsole.open(browser, served, { key });
    await console.goto('/');
    const cell = console.page.locator('.cases td.customer').first();
    const name = (await cell.textContent()) ?? '';
    expect(name).not.toBe('');
    expect(await cell.getAttribute('title')).toContain(`${name} (`);
    expect(await console.close()).toEqual([]);
  });

  it.each(PAGES)('page %s has no fault of access on a phone, nor at 400 %', async (_, path, shown) => {
    const console = await OpenedConsole.open(browser, served, { key });
    for (const width of [390, 320]) {
      await console.page.setViewportSize({ width, height: 640 });
      await console.goto(path());
      await console.page.locator(shown).first().waitFor();
      expect(await console.accessFaults()).toEqual([]);
      expect(await console.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    expect(await console.close()).toEqual([]);
  });

  it("shows instants in the ledger's civil time, wherever the browser is", async () => {
    const seen: string[][] = [];
    for (const zone of ['Europe/Paris', 'America/Los_Angeles']) {
      const console = await OpenedConsole.open(browser, served, { key, zone });
      const texts: string[] = [];
      for (const [, path, shown] of PAGES) {
        await console.goto(path());
        await console.page.locator(shown).first().waitFor();
        await console.page.locator('.loading').waitFor({ state: 'detached' });
        const text = (await console.page.locator('main').textContent()) ?? '';
        texts.push(...(text.match(/\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d/g) ?? []));
      }
      seen.push(texts);
      expect(await console.close()).toEqual([]);
    }
    expect(seen[0]!.length).toBeGreaterThan(50);
    expect(seen[1]).toEqual(seen[0]);
  });

  it('prints a case with all of its calls', async () => {
    const console = await OpenedConsole.open(browser, served, { key });
    await console.goto(casePath);
    const rows = console.page.locator('.calls .plain tbody tr');
    await rows.first().waitFor();
    const shown = await rows.count();
    await console.page.evaluate("dispatchEvent(new Event('beforeprint'))");
    const said = (await console.page.locator('.calls .panel-head [role=status]').textContent()) ?? '';
    expect(await rows.count()).toBe(Number(said.replaceAll(/\D/g, '')));
    expect(await rows.count()).toBeGreaterThan(shown);
    await console.page.getByText(/Imprimé le \d\d\/\d\d\/\d{4}/).waitFor();
    await console.page.evaluate("dispatchEvent(new Event('afterprint'))");
    await expect.poll(() => rows.count()).toBe(shown);
    expect(await console.close()).toEqual([]);
  });

  it('can be used with shortcuts turned off: keys do nothing then', async () => {
    const console = await OpenedConsole.open(browser, served, { key });
    await console.goto('/');
    await console.page.locator('.cases').waitFor();
    await console.page.evaluate(() => localStorage.setItem('fairtally.keys', 'off'));
    await console.page.keyboard.press('c');
    await console.page.keyboard.press('x');
    expect(await console.page.getByRole('dialog').count()).toBe(0);
    expect(await console.page.getByRole('checkbox', { checked: true }).count()).toBe(0);
    expect(await console.close()).toEqual([]);
  });

  it('is read on a phone without scrolling sideways', async () => {
    const console = await OpenedConsole.open(browser, served, { key });
    await console.page.setViewportSize({ width: 390, height: 844 });
    await console.goto(casePath);
    await console.page.locator('.calls .plain').waitFor();
    const width = await console.page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
    expect(await console.close()).toEqual([]);
  });

  it.each([
    ['/cases/L1/2026-13', 'La demande est mal formée'],
    ['/lines/L1/yesterday', 'La demande est mal formée'],
    ['/report?month=2026-00', 'La demande est mal formée'],
    ['/quarantine?reason=nope', 'La quarantaine ne connaît pas de motif « nope ».'],
    ['/cases/NOPE/2026-11', 'Le registre n’a pas de ligne « NOPE ».'],
    ['/?q=couleur:rouge', 'Le filtre ne connaît pas « couleur:rouge ».'],
  ])('says in French what is wrong with the address %s, and throws nothing', async (path, words) => {
    const console = await OpenedConsole.open(browser, served, { key });
    console.expectsRefusals = true;
    await console.goto(path);
    await console.page.getByRole('alert').filter({ hasText: words }).first().waitFor();
    expect(await console.close()).toEqual([]);
  });

  it('comes with a strict policy', async () => {
    const answer = await fetch(served.url);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
  });

  it('asks for less than 250 kB of script, gzipped', async () => {
    const pages = await consolePages();
    if (pages.kind === 'missing') throw new Error(pages.why);
    const assets = join(pages.folder, 'assets');
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js.gz'));
    const bytes = scripts.reduce((sum, name) => sum + readFileSync(join(assets, name)).length, 0);
    expect(scripts.length).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(250_000);
  });

  it('tells an empty ledger what to do first', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairtally-console-'));
    const empty: Place = { folder, options: ['--data', 'ledger'] };
    const own = await makeKey(empty);
    const server = await Served.start(empty);
    try {
      const console = await OpenedConsole.open(browser, server, { key: own, language: 'en' });
      await console.goto('/');
      await console.page.getByRole('heading', { name: 'This ledger is empty' }).waitFor();
      await console.page.getByText('npx fairtally rate calls.ndjson').waitFor();
      expect(await console.accessFaults()).toEqual([]);
      expect(await console.close()).toEqual([]);
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
