import { describe, expect, it } from 'vitest';
import { fixture, READ_AS, readBytes, told } from './read-fixture.ts';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

function event(uuid: string): string {
  return ['Event-Name: CHANNEL_HANGUP_COMPLETE', `Unique-ID: ${uuid}`, 'Call-Direction: inbound', ''].join('\n');
}

describe('files that were joined, or begin with nothing', () => {
  it.each(READ_AS)('%s is read after blank lines', async (file, settings) => {
    const expected = await readBytes(fixture(file), settings);
    const blank = await readBytes(Buffer.concat([Buffer.from('\n \r\n\n'), fixture(file)]), settings);
    expect(blank.decoded.map(told)).toEqual(expected.decoded.map(told));
  });

  // The one ends with a document that is broken off, which takes what follows a BOM with it; XML has no lines.
  const lines = READ_AS.filter(([file]) => file !== 'registrations.ndjson' && file !== 'freeswitch.xml');

  it.each(lines)('%s is read where each of two begins with a BOM', async (file, settings) => {
    const one = Buffer.concat([fixture(file), Buffer.from('\n\n')]);
    const plain = await readBytes(Buffer.concat([one, one]), settings);
    const marked = await readBytes(Buffer.concat([BOM, one, BOM, one]), settings);
    expect(marked.decoded.map(told)).toEqual(plain.decoded.map(told));
  });

  it('events of FreeSWITCH wait where no blank line parts two, of which one would be lost', async () => {
    const settings = { format: 'freeswitch-text', switch: 'sw' };
    const outcome = async (text: string) => (await readBytes(Buffer.from(text), settings)).decoded.map(told);
    expect(await outcome(`${event('a')}\n${event('b')}`)).toEqual(['unanswered', 'unanswered']);
    expect(await outcome(event('a') + event('b'))).toEqual(['bad: duplicate-field']);
    const inner = event('a') + event('b');
    const envelope = `Content-Length: ${inner.length}\nContent-Type: text/event-plain\n\n`;
    expect(await outcome(`${envelope}${inner}\n`)).toEqual(['bad: duplicate-field']);
  });
});
