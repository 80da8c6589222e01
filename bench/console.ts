import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { consolePages } from '../console/index.ts';
import { installBrowser, openBrowser } from '../test/console/support/browser.ts';
import { OpenedConsole } from '../test/console/support/opened-console.ts';
import { type Place, Served, makeKey } from '../test/console/support/served.ts';
import { openCases } from './cases.ts';
import { withServer } from './postgres-server.ts';
import { preloadMonth } from './preload-month.ts';
import { makeTraffic } from './traffic.ts';

const LOADS = 7;
const NEXT_CASES = 60;
const SCROLLS = 400;
/** Eight rows a frame: a fast hand. */
const SCROLL_BY = 272;

/**
 * The console in a real browser over a full queue: first load, the next case by key, scrolling. The goals: 1 s, 100 ms
 * for 95 of 100, no task over 50 ms, and less than 250 kB of script.
 */
export async function benchConsole(cases = 100_000, entries = 1_000_000): Promise<void> {
  installBrowser();
  const lines = Math.ceil(cases * 1.2);
  const traffic = makeTraffic({ lines, records: 0, numbersPerLine: 1, recordsPerChunk: 1, name: 'c' });
  await withServer((server) =>
    server.withLedger(traffic, async ({ db, url }) => {
      await preloadMonth(db, entries, lines);
      await openCases(db, cases);
      console.log(`console: ${cases} open cases, ${entries} entries in the month`);
      await measureConsole({ folder: tmpdir(), options: ['--database', url] });
    }),
  );
}

async function measureConsole(place: Place): Promise<void> {
  const key = await makeKey(place);
  const served = await Served.start(place);
  const browser = await openBrowser();
  try {
    console.log(`  script: ${(await scriptBytes()) / 1000} kB gzipped`);
    await measureLoads(browser, served, key);
    const opened = await OpenedConsole.open(browser, served, { key });
    await opened.goto('/');
    await opened.page.locator('.cases').waitFor();
    console.log(`  JSON.parse in this browser: ${(await parseSpeed(opened.page)).toFixed(0)} MB/s`);
    await measureScrolling(opened.page);
    await opened.goto('/');
    await measureNextCases(opened.page, 'idle');
    await opened.goto('/');
    await measureNextCases(opened.page, 'hasty');
    const wrong = await opened.close();
    if (wrong.length > 0) throw new Error(`Cannot measure: the console complains: ${wrong[0]}`);
  } finally {
    await browser.close();
    await served.stop();
  }
}

async function scriptBytes(): Promise<number> {
  const pages = await consolePages();
  if (pages.kind === 'missing') throw new Error(pages.why);
  const assets = join(pages.folder, 'assets');
  const scripts = readdirSync(assets).filter((name) => name.endsWith('.js.gz'));
  return scripts.reduce((sum, name) => sum + readFileSync(join(assets, name)).length, 0);
}

/** From the beginning of the navigation until the queue has rows, with nothing in the browser's cache. */
async function measureLoads(browser: Browser, served: Served, key: string): Promise<void> {
  const taken: number[] = [];
  for (let turn = 0; turn < LOADS; turn += 1) {
    const opened = await OpenedConsole.open(browser, served, { key });
    await opened.page.addInitScript(`(() => {
      const look = () => {
        if (document.querySelector('.cases tbody tr[aria-rowindex]') === null) requestAnimationFrame(look);
        else requestAnimationFrame(() => setTimeout(() => (globalThis.shownAt = performance.now())));
      };
      look();
    })()`);
    await opened.goto('/');
    await until(opened.page, 'globalThis.shownAt !== undefined');
    taken.push(Number(await opened.page.evaluate('globalThis.shownAt')));
    await opened.close();
  }
  tell('first load, until the queue is shown', taken);
}

/** What the page is asking for just now. */
class Requests {
  #underWay = 0;
  #lastAt = performance.now();

  constructor(page: Page) {
    page.on('request', () => this.#count(1));
    page.on('requestfinished', () => this.#count(-1));
    page.on('requestfailed', () => this.#count(-1));
  }

  #count(step: number): void {
    this.#underWay += step;
    this.#lastAt = performance.now();
  }

  /** Resolves when nothing was asked for in the last 100 ms. */
  async settled(): Promise<void> {
    while (this.#underWay > 0 || performance.now() - this.#lastAt < 100) await setTimeout(10);
  }
}

/** From the press of `j` until the next case is painted. `hasty`: without waiting for what is read ahead. */
async function measureNextCases(page: Page, pace: 'idle' | 'hasty'): Promise<void> {
  const requests = new Requests(page);
  await page.locator('.cases tbody tr[aria-rowindex]').first().getByRole('link').click();
  await page.locator('.case-grid').waitFor();
  await page.evaluate(`(() => {
    globalThis.taken = [];
    addEventListener('keydown', ({ key, timeStamp }) => {
      if (key !== 'j') return;
      const before = document.querySelector('h1').textContent;
      const look = () => {
        const isThere = document.querySelector('h1')?.textContent !== before && document.querySelector('.verdict');
        if (!isThere) requestAnimationFrame(look);
        else requestAnimationFrame(() => setTimeout(() => globalThis.taken.push(performance.now() - timeStamp)));
      };
      look();
    }, true);
  })()`);
  for (let turn = 1; turn <= NEXT_CASES; turn += 1) {
    if (pace === 'idle') await requests.settled();
    await page.keyboard.press('j');
    await until(page, `globalThis.taken.length === ${turn}`);
  }
  const taken = (await page.evaluate('globalThis.taken')) as number[];
  tell(
    pace === 'idle' ? 'the next case by key, once it was read ahead' : 'the same, pressed again as soon as it is shown',
    taken,
  );
}

/** Down the queue, page after page; tasks that block the browser for longer than 50 ms. */
async function measureScrolling(page: Page): Promise<void> {
  await page.evaluate(`(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration);
    }).observe({ type: 'longtask' });
  })()`);
  await page.locator('.table-scroll').hover();
  for (let step = 0; step < SCROLLS; step += 1) {
    await page.mouse.wheel(0, SCROLL_BY);
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
  }
  const last = Number(await page.locator('.cases tbody tr[aria-rowindex]').last().getAttribute('aria-rowindex')) - 1;
  const tasks = (await page.evaluate('globalThis.longTasks')) as number[];
  const longest = Math.max(0, ...tasks).toFixed(0);
  console.log(`  scrolling to case ${last}: ${tasks.length} tasks over 50 ms, the longest ${longest} ms`);
}

/** MB/s of `JSON.parse`, of cases as the queue reads them: what this browser does on this machine just now. */
async function parseSpeed(page: Page): Promise<number> {
  return Number(
    await page.evaluate(`(() => {
      const one = { line: 'L000213', accountName: 'Menuiserie', period: '2026-11', state: 'open', atStake: '20.970000' };
      const text = JSON.stringify(Array.from({ length: 100000 }, () => one));
      const speeds = Array.from({ length: 5 }, () => {
        const before = performance.now();
        JSON.parse(text);
        return text.length / 1000 / (performance.now() - before);
      });
      return speeds.sort((a, b) => a - b)[2];
    })()`),
  );
}

/** The page's policy lets nobody evaluate texts in it: it is asked again and again from outside. */
async function until(page: Page, condition: string): Promise<void> {
  while ((await page.evaluate(condition)) !== true) await setTimeout(5);
}

function tell(what: string, taken: readonly number[]): void {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (part: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!.toFixed(0);
  console.log(`  ${what}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms (${taken.length} times)`);
}
