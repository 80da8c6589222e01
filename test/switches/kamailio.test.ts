import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installKamailio } from './install.ts';
import { EXTRA_COLUMNS, Kamailio } from './kamailio.ts';
import { type Rated, rateFiles } from './rated-calls.ts';
import { answering, busy, calling, callingInVain } from './scenarios.ts';
import { Sipp } from './sipp.ts';

const [SIP, CARRIER, PHONE, BUSY] = [25_060, 25_070, 25_071, 25_072];
const LINES = ['L201', 'L202', 'L203'];

let folder: string;
let kamailio: Kamailio;
let busyKamailio: Kamailio;
let sipp: Sipp;
const started: Kamailio[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-kamailio-'));
  installKamailio();
  kamailio = new Kamailio(folder, SIP, CARRIER);
  sipp = new Sipp(folder);
  started.push(kamailio);
  await kamailio.start();
  sipp.listen(answering(), CARRIER);
  await sipp.call(calling({ from: 'L201', to: '0612345601', talkMs: 3_000 }), PHONE, SIP);
  await sipp.call(calling({ from: 'L202', to: '+33612345602', talkMs: 2_000 }), PHONE, SIP);
  await sipp.call(calling({ from: 'L201', to: '0145678903', talkMs: 1_000 }), PHONE, SIP);
  await kamailio.wrote(6);
  await kamailio.stop();
  // The same script with a carrier that is busy.
  busyKamailio = new Kamailio(join(folder, 'busy'), SIP, BUSY);
  started.push(busyKamailio);
  await busyKamailio.start();
  sipp.listen(busy(), BUSY);
  await sipp.call(callingInVain({ from: 'L203', to: '0612345604' }), PHONE, SIP);
  await busyKamailio.wrote(1);
  await busyKamailio.stop();
}, 400_000);

afterAll(async () => {
  sipp.stop();
  await Promise.all(started.map((one) => one.stop()));
  rmSync(folder, { recursive: true, force: true });
});

function expectTheCalls({ calls, waiting }: Rated): void {
  expect(waiting).toEqual([]);
  expect(calls.map(({ line, number }) => [line, number])).toEqual([
    ['L202', '+33612345602'],
    ['L201', '0145678903'],
    ['L201', '0612345601'],
  ]);
  for (const [index, seconds] of [2, 1, 3].entries()) {
    // Its rows have whole seconds, of the answer and of the end.
    expect(calls[index]!.seconds).toBeGreaterThanOrEqual(seconds - 1);
    expect(calls[index]!.seconds).toBeLessThanOrEqual(seconds + 1);
  }
}

describe("a real Kamailio's accounting, rated", () => {
  it('makes a call of the rows of its INVITE and its BYE, in a flat file', async () => {
    const options = ['--switch', 'k', '--extra-column', EXTRA_COLUMNS];
    const files = [...kamailio.accFiles, ...busyKamailio.accFiles].map((file) => [file, ...options] as const);
    const rated = await rateFiles(join(folder, 'rows'), LINES, files);
    expectTheCalls(rated);
    expect(rated.output).toContain('1 unanswered');
  });

  it('makes the same of acc_json, and of both together: each call once', async () => {
    const [json, options] = [kamailio.writeJsonFile(), ['--switch', 'k', '--format', 'kamailio-json']];
    expect(readFileSync(json, 'utf8').split('\n')).toHaveLength(7);
    expectTheCalls(await rateFiles(join(folder, 'json'), LINES, [[json, ...options]]));
    const both = await rateFiles(join(folder, 'both'), LINES, [
      [json, ...options],
      ...kamailio.accFiles.map((file) => [file, '--switch', 'k', '--extra-column', EXTRA_COLUMNS] as const),
    ]);
    expectTheCalls(both);
  });
});
