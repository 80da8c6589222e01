import { describe, expect, it } from 'vitest';
import { readLegs } from '../../../formats/call/whole-call.ts';
import { type AsteriskRowGiven, asteriskRow } from '../../support/asterisk-rows.ts';
import { ASTERISK } from '../../support/legs-under-test.ts';

const TRUNK = 'PJSIP/op-00000002';

/** Applications that call members, or connect with a channel that is up: `dst` is none of what a trunk was sent. */
const APPS = [
  'Queue',
  'FollowMe',
  'Page',
  'ConfBridge',
  'MeetMe',
  'Park',
  'ParkedCall',
  'Pickup',
  'PickupChan',
  'Bridge',
];

/** What each row comes to, whichever comes first. */
function read(rows: readonly AsteriskRowGiven[]): string[] {
  const legs = rows.map((row) => {
    const bytes = Buffer.from(asteriskRow(row));
    return ASTERISK.decode(bytes, 0, bytes.length).leg!;
  });
  const shown = (some: typeof legs): string[] =>
    readLegs(some).map((one) => (one.kind === 'call' ? `${one.content.line} -> ${one.content.dialled}` : one.reason));
  const outcome = shown(legs);
  expect(shown(legs.toReversed())).toEqual(outcome.toReversed());
  return outcome;
}

describe('a row of Asterisk to a trunk whose application dials no number of its own', () => {
  it.each(APPS)('waits until a row shows what was dialled, whatever dst says: %s', (app) => {
    for (const dst of ['71', '*8', '600', '0145670600']) {
      for (const name of [app, app.toLowerCase()]) {
        const joined = { account: '300', dst, from: 'PJSIP/300-00000003', to: TRUNK, app: name, data: 'default,71' };
        expect(read([{ ...joined, minute: 1, sequence: 2 }])).toEqual(['no-number']);
      }
    }
  });

  it.each(APPS)('is of who dialled the channel, and to that number, once its row is there: %s', (app) => {
    const called = { account: '200', from: 'PJSIP/200-00000001', to: TRUNK, seconds: 30, sequence: 1 };
    const joined = { account: '300', dst: '71', from: 'PJSIP/300-00000003', to: TRUNK, app, data: 'default,71' };
    const [own = '', later] = read([called, { ...joined, minute: 1, sequence: 2 }]);
    expect(own).toMatch(/^200 -> \+?\d{9,}$/);
    expect(later).toBe(own);
  });

  it('is a call to dst where another application may have dialled it', () => {
    for (const app of ['Hangup', 'Macro', 'AGI', '']) {
      const row = { account: '300', dst: '0145670600', from: 'PJSIP/300-00000003', to: TRUNK, app, data: '' };
      expect(read([row])).toEqual(['300 -> 0145670600']);
    }
  });
});
