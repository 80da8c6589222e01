import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Asterisk } from './asterisk.ts';
import { installAsterisk } from './install.ts';
import { rateFiles, type Rated } from './rated-calls.ts';
import { answering, calling, callingInVain, busy, forwarding, type SippCall } from './scenarios.ts';
import { Sipp } from './sipp.ts';

const PORTS = { sip: 25_080, manager: 25_081, carrier: 25_090, phones: { 200: 25_091, 201: 25_092, 202: 25_093 } };

let folder: string;
let asterisk: Asterisk;
let sipp: Sipp;
let rated: Rated;

/** Phone 200 calls. */
function call(given: Omit<SippCall, 'from'>): Promise<void> {
  return sipp.call(calling({ from: '200', ...given }), PORTS.phones[200], PORTS.sip);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-asterisk-'));
  asterisk = new Asterisk(installAsterisk(), PORTS);
  sipp = new Sipp(folder);
  await asterisk.start();
  sipp.listen(answering(), PORTS.carrier);
  // The phone of 201 sends its calls to a mobile phone; that of 202 is busy.
  sipp.listen(forwarding('0612345603'), PORTS.phones[201]);
  sipp.listen(busy(), PORTS.phones[202]);

  await call({ to: '0612345601', talkMs: 3_000 });
  // By way of a Local channel, as follow-me, click-to-dial and queues have it.
  await call({ to: '70612345602', talkMs: 3_000 });
  await call({ to: '201', talkMs: 3_000 });
  await sipp.call(callingInVain({ from: '200', to: '202' }), PORTS.phones[200], PORTS.sip);
  // A blind transfer: those two talk on until one of them hangs up.
  await call({ to: '0612345604', talkMs: 2_000, transferTo: '0612345605' });
  await delay(1_500);
  asterisk.hangUp(await asterisk.channelOf('op'));
  await asterisk.quiet();
  // An attended one: it calls 06, then 07 by the feature code of the switch, talks with it, and hangs up.
  const talking = call({ to: '0612345606', talkMs: 9_000 });
  await delay(1_500);
  const channel = await asterisk.channelOf('200');
  await asterisk.manage({ Action: 'Atxfer', Channel: channel, Exten: '0612345607', Context: 'phones' });
  await talking;
  await delay(2_000);
  asterisk.hangUp(await asterisk.channelOf('op'));
  await asterisk.quiet();
  const reading = ['--switch', 'pbx', '--zone', 'UTC', '--trunk', 'PJSIP/op'];
  rated = await rateFiles(folder, ['200', '201', '202'], [[asterisk.masterCsv, ...reading]]);
}, 400_000);

afterAll(async () => {
  sipp.stop();
  await asterisk.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What was billed to a number: a call of one transferred may have several stretches. */
function billedTo(number: string): { readonly lines: readonly string[]; readonly seconds: number } {
  const calls = rated.calls.filter((one) => one.number === number);
  return {
    lines: [...new Set(calls.map(({ line }) => line))],
    seconds: calls.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

describe("a real Asterisk's Master.csv, rated", () => {
  it.each([
    ['a call of a phone', '0612345601', '200', 3],
    ['a call by way of a Local channel', '0612345602', '200', 3],
    ['a call that the phone of 201 forwarded', '0612345603', '201', 3],
    ['the number that was transferred blind, to the end', '0612345604', '200', 4],
    ['what was talked after it', '0612345605', '200', 2],
    ['the first party of an attended transfer', '0612345606', '200', 6],
    ['the second', '0612345607', '200', 6],
  ])('bills %s', (_what, number, line, seconds) => {
    const billed = billedTo(number);
    expect(billed.lines).toEqual([line]);
    // Asterisk writes whole seconds, and this machine may be slow.
    expect(billed.seconds).toBeGreaterThanOrEqual(seconds - 1);
    expect(billed.seconds).toBeLessThanOrEqual(seconds + 3);
  });

  it('bills nothing else, and nothing waits', () => {
    expect([...new Set(rated.calls.map(({ number }) => number))]).toHaveLength(7);
    expect(rated.waiting).toEqual([]);
  });
});
