import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type KafkaServer, startKafka } from '../../support/kafka.ts';
import { produce } from '../../support/kafka-client.ts';
import { openBrowser } from '../support/browser.ts';
import { OpenedConsole } from '../support/opened-console.ts';
import { callsOf, lineId, pbxMonth, rateCalls } from '../support/pbx-month.ts';
import { LongRunning, type Place, Served, fairtally, makeKey } from '../support/served.ts';

const CASES = 200;
const NEW_CASES = 3;
const WORKER = ['--batch-records', '50', '--linger-ms', '20', '--session-ms', '6000'];

let browser: Browser;
let kafka: KafkaServer;
let folder: string;
let place: Place;
let worker: LongRunning;
let served: Served;
let key: string;
const topic = `console-${process.pid}`;

beforeAll(async () => {
  browser = await openBrowser();
  kafka = await startKafka();
  folder = mkdtempSync(join(tmpdir(), 'fairtally-console-'));
  place = await pbxMonth(folder, inject('postgresUrl'), `console_many_${process.pid}`, CASES + NEW_CASES);
  const records = Array.from({ length: CASES }, (_, index) => callsOf(index, 2, 1 + (index % 7), 'first')).flat();
  await rateCalls(place, records);
  const topics = ['--brokers', kafka.address, '--topic', topic];
  await fairtally(folder, 'topics', 'create', ...topics, '--partitions', '2', ...place.options);
  const group = ['--group', topic, '--rekeyed-topic', `${topic}.rekeyed`];
  worker = new LongRunning(folder, ['worker', ...topics, ...group, ...WORKER, ...place.options]);
  key = await makeKey(place);
  served = await Served.start(place);
});
afterAll(async () => {
  await served?.stop();
  await worker?.stop();
  await browser?.close();
  await kafka?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function count(filter: string): Promise<{ cases: number; atStakeCalls: number }> {
  const answer = await fetch(`${served.url}/v1/cases/count?filter=${encodeURIComponent(filter)}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return (await answer.json()) as { cases: number; atStakeCalls: number };
}

/** The row that the keyboard is on: its line, and where it stands on the screen. */
async function underCursor(page: Page): Promise<{ line: string; top: number }> {
  const row = page.locator('.cases tr.active');
  const line = (await row.getByRole('link').textContent()) ?? '';
  return { line, top: Math.round((await row.boundingBox())?.y ?? -1) };
}

describe(`a queue of ${CASES} cases, while a worker rates`, () => {
  it('tells of new cases, and moves nothing under the cursor until it is told to', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    await page.clock.install();
    await console.goto('/');
    await page.locator('.cases').waitFor();
    for (let step = 0; step < 6; step += 1) await page.keyboard.press('j');
    const before = await underCursor(page);

    // What they come to is more than any: they will stand above.
    const records = Array.from({ length: NEW_CASES }, (_, no) => callsOf(CASES + no, 3, 50, 'new')).flat();
    await produce(kafka.address, topic, records);
    await expect.poll(async () => (await count('state:open')).cases, { timeout: 60_000 }).toBe(CASES + NEW_CASES);
    await page.clock.fastForward(61_000);
    await page.getByText(`${NEW_CASES} new cases`).waitFor();
    expect(await underCursor(page)).toEqual(before);

    await page.getByRole('button', { name: 'Show them' }).click();
    await page.getByRole('link', { name: lineId(CASES), exact: true }).waitFor();
    expect((await underCursor(page)).line).toBe(before.line);
    expect(await console.close()).toEqual([]);
  });

  it('decides all of a filter at once: count and sums before, a result for each after, though calls come', async () => {
    const console = await OpenedConsole.open(browser, served, { language: 'en', key });
    const { page } = console;
    await console.goto('/');
    const all = CASES + NEW_CASES;
    await page.locator('.cases tbody input[type=checkbox]').first().check();
    await page.getByRole('button', { name: `Select the ${all} of the filter` }).click();
    // Each row says that it is chosen; one that is taken out is not decided on.
    const boxes = page.locator('.cases tbody input[type=checkbox]');
    await expect.poll(() => page.locator('.cases tbody input:not(:checked)').count()).toBe(0);
    await boxes.nth(2).uncheck();
    await page.getByText(`${all - 1} selected`).waitFor();
    await page.keyboard.press('c');
    await page
      .getByRole('dialog')
      .getByText(`Decide on ${all - 1} cases at once`)
      .waitFor();
    await page.getByRole('dialog').getByText('If all are accepted').waitFor({ timeout: 60_000 });
    await page.keyboard.press('Escape');
    await boxes.nth(2).check();
    await page.getByText(`${all} selected`).waitFor();
    await page.locator('.bulk-bar').getByRole('button', { name: 'Dismiss' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('If all are accepted').waitFor({ timeout: 60_000 });
    // Calls of cases that are decided on at this moment: the worker and the decisions take turns.
    const records = Array.from({ length: 40 }, (_, no) => callsOf(no * 5, 1, 2, 'meanwhile')).flat();
    const producing = produce(kafka.address, topic, records);
    await dialog.getByRole('button', { name: 'Explained by the customer' }).click();
    await dialog.getByRole('button', { name: `Decide on ${all} cases` }).click();
    await dialog.getByText(`${all} cases decided`).waitFor({ timeout: 90_000 });
    await producing;
    expect(await dialog.getByText('✓').count()).toBe(all);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.getByText('No case is left to decide. The queue is done.').waitFor();
    await expect.poll(async () => (await count('state:decided')).cases).toBe(all);
    expect(await console.close()).toEqual([]);
  });
});
