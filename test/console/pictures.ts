import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { openBrowser } from './support/browser.ts';
import { type Place, Served, fairtally, makeKey } from './support/served.ts';

/**
 * `npm run pictures`: pictures of each page of the console, in both languages and themes, from the ledger of
 * `fairtally demo`. `--data FOLDER` takes a ledger that is there; `--only TEXT` pages whose name has it.
 */
const { values } = parseArgs({
  options: {
    to: { type: 'string', default: 'console-pictures' },
    data: { type: 'string' },
    only: { type: 'string', default: '' },
    languages: { type: 'string', default: 'fr,en' },
    themes: { type: 'string', default: 'light,dark' },
  },
});

interface Page {
  readonly name: string;
  readonly path: string;
  readonly height?: number;
  readonly width?: number;
  readonly whole?: boolean;
  /** As on paper. */
  readonly isPrinted?: boolean;
  readonly press?: readonly string[];
}

const SIZE = { width: 1440, height: 900 };

async function pagesOf(url: string, key: string): Promise<readonly Page[]> {
  const ask = async (query: string): Promise<readonly { readonly line: string; readonly period: string }[]> => {
    const answer = await fetch(`${url}/v1/cases?${query}`, { headers: { authorization: `Bearer ${key}` } });
    const { cases } = (await answer.json()) as { readonly cases: { readonly line: string; readonly period: string }[] };
    return cases;
  };
  const ofCondition = async (condition: string): Promise<readonly Page[]> => {
    const [first] = await ask(`limit=1&filter=${encodeURIComponent(`state:open condition:${condition}`)}`);
    if (first === undefined) return [];
    return [{ name: `case-${condition}`, path: `/cases/${first.line}/${first.period}` }];
  };
  const callOf = async (path: string): Promise<string> => {
    const answer = await fetch(`${url}/v1${path}/pattern`, { headers: { authorization: `Bearer ${key}` } });
    const { calls } = (await answer.json()) as { readonly calls: readonly { readonly callId: string }[] };
    return calls[0]?.callId ?? '';
  };
  const cases = await Promise.all(
    ['distinct-numbers', 'conversational-use', 'sip-mobility', 'equipment', 'usage-class'].map(ofCondition),
  );
  const [first] = cases.flat();
  return [
    { name: 'queue', path: '/' },
    { name: 'queue-selected', path: '/', press: ['x', 'j', 'x', 'j'] },
    { name: 'queue-decide', path: '/', press: ['c'] },
    { name: 'keys', path: '/', press: ['?'] },
    ...cases.flat(),
    ...(first === undefined
      ? []
      : [
          { name: 'case-whole', path: first.path, whole: true },
          { name: 'case-paper', path: first.path, width: 760, whole: true, isPrinted: true },
          { name: 'case-phone', path: first.path, width: 390, whole: true },
        ]),
    { name: 'queue-phone', path: '/', width: 390 },
    { name: 'quarantine', path: '/quarantine?reason=unknown-line' },
    { name: 'quarantine-damaged', path: '/quarantine?reason=not-json' },
    { name: 'report', path: '/report' },
    { name: 'decks', path: '/decks' },
    { name: 'team', path: '/team' },
    { name: 'health', path: '/health' },
    ...(first === undefined
      ? []
      : [
          { name: 'line', path: first.path.replace('/cases/', '/lines/') },
          { name: 'call', path: `/calls/${await callOf(first.path)}` },
        ]),
  ];
}

async function shoot(browser: Browser, url: string, key: string, language: string, theme: string): Promise<void> {
  for (const page of await pagesOf(url, key)) {
    if (!page.name.includes(values.only)) continue;
    const context = await browser.newContext({
      viewport: { width: page.width ?? SIZE.width, height: page.height ?? SIZE.height },
      reducedMotion: 'reduce',
      locale: language === 'fr' ? 'fr-FR' : 'en-GB',
      timezoneId: 'Europe/Paris',
    });
    await context.addInitScript(
      ([held, chosen, look]) => {
        sessionStorage.setItem('fairtally.key', held!);
        localStorage.setItem('fairtally.language', chosen!);
        localStorage.setItem('fairtally.theme', look!);
      },
      [key, language, theme],
    );
    const tab = await context.newPage();
    tab.on('console', (message) => {
      if (message.type() === 'error') console.error(`${page.name}: ${message.text()}`);
    });
    tab.on('pageerror', (error) => console.error(`${page.name}: ${error.stack}`));
    await tab.goto(url + page.path, { waitUntil: 'networkidle' });
    await tab.locator('.loading').waitFor({ state: 'detached' });
    await tab.waitForLoadState('networkidle');
    for (const each of page.press ?? []) await tab.keyboard.press(each);
    if (page.press !== undefined) await tab.waitForTimeout(400);
    if (page.isPrinted === true) {
      await tab.emulateMedia({ media: 'print' });
      await tab.evaluate("dispatchEvent(new Event('beforeprint'))");
    }
    const path = join(resolve(values.to), `${page.name}-${language}-${theme}.png`);
    await tab.screenshot({ path, fullPage: page.whole ?? false });
    await context.close();
  }
}

async function demoPlace(): Promise<Place> {
  if (values.data !== undefined) return { folder: process.cwd(), options: ['--data', resolve(values.data)] };
  const folder = mkdtempSync(join(tmpdir(), 'fairtally-pictures-'));
  await fairtally(folder, 'demo', '--calls', '45000');
  return { folder, options: ['--data', 'fairtally-demo'] };
}

/** Some cases of the demo are decided on and given to somebody: a team has worked here. */
async function work(url: string, key: string): Promise<void> {
  const send = async (path: string, body?: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const asked = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(url + path, asked);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  const { cases } = (await send('/v1/cases?filter=state:open&limit=16')) as {
    readonly cases: readonly {
      readonly line: string;
      readonly period: string;
      readonly conditions: readonly string[];
    }[];
  };
  for (const [index, { line, period, conditions }] of cases.entries()) {
    const path = `/v1/cases/${line}/${period}`;
    const decision = index % 3 === 0 ? 'dismiss' : 'confirm';
    if (index % 4 === 3) {
      const note = decision === 'dismiss' ? 'Nouveau matériel livré' : 'Appels automatisés';
      for (const condition of conditions) await send(`${path}/decisions`, { condition, decision, note });
    } else if (index % 4 !== 1) {
      await send(`${path}/acts`, { kind: 'assign', assignee: index % 8 < 3 ? 'Camille Martin' : 'Zoé Petit' });
    }
  }
}

mkdirSync(resolve(values.to), { recursive: true });
const place = await demoPlace();
const key = await makeKey(place);
const served = await Served.start(place);
const browser = await openBrowser();
if (values.data === undefined) await work(served.url, key);
try {
  for (const language of values.languages.split(',')) {
    for (const theme of values.themes.split(',')) await shoot(browser, served.url, key, language, theme);
  }
} finally {
  await browser.close();
  await served.stop();
}
