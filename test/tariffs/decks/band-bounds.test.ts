import { describe, expect, it } from 'vitest';
import { compileDeck, formatDeckFault, type ParsedDeck, parseDeck } from '../../../tariffs/index.ts';

const DEFAULTS = { name: 'test', currency: 'EUR', timeZone: 'Europe/Paris' };
const MB = 1_000_000;

/** A deck with these lines above its table, which has a row for one band and one for all other hours. */
function deckWith(bands: readonly string[], band: string): ParsedDeck {
  return parseDeck([...bands, 'prefix,band,price_per_minute', `33,${band},0.10`, '33,,0.02', ''].join('\n'), DEFAULTS);
}

/** A band that is on and off by turns, so that it changes `changes` times a day; every day, or on some. */
function byTurns(changes: number, name = 'peak', days = 'daily'): string[] {
  const minutes = Math.floor(1440 / changes);
  return Array.from({ length: changes / 2 }, (_, index) => {
    const from = index * 2 * minutes;
    return `#band,${name},${days},${clock(from)}-${clock(from + minutes)}`;
  });
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

function faultsOf(parsed: ParsedDeck): string[] {
  return parsed.kind === 'faults' ? parsed.faults.map((fault) => `${fault.code} ${formatDeckFault(fault)}`) : [];
}

describe('bands of a deck', () => {
  it('may change every quarter of an hour, of which the calendar takes little', () => {
    const parsed = deckWith(byTurns(96), 'peak');
    if (parsed.kind === 'faults') throw new Error(faultsOf(parsed).join('\n'));
    const before = process.memoryUsage();
    const { rates } = compileDeck(parsed.deck);
    const after = process.memoryUsage();
    // 61 years of 96 changes: an instant of 8 bytes and a band of 1 each.
    expect(rates[0]?.calendar?.starts.length).toBeGreaterThan(60 * 365 * 96);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(40 * MB);
    expect(after.rss - before.rss).toBeLessThan(120 * MB);
  });

  it('are refused where they change more often on any kind of day, once, at the line that is too much', () => {
    for (const [days, kinds] of [
      ['daily', 1],
      ['holiday', 1],
      ['Mon', 1],
    ] as const) {
      const faults = faultsOf(deckWith(byTurns(720, 'peak', days), 'peak'));
      expect(faults).toHaveLength(kinds);
      expect(faults[0]).toBe(
        `too-many-band-changes line 49, #band: Cannot add '${days} 03:12-03:14' to band 'peak': ` +
          'the band would change more than 96 times a day',
      );
    }
    // One band after the other changes as often as one that is on and off.
    const bands = byTurns(96).flatMap((line, index) => [line, `#band,b${index},daily,${gapAfter(line)}`]);
    expect(faultsOf(deckWith(bands, 'peak'))).toEqual([]);
    expect(faultsOf(deckWith(['#band,x,Tue,00:00-00:01', ...bands.slice(2)], 'peak'))).toEqual([]);
  });

  it('are 255 at most: a calendar has a byte for each', () => {
    const days = ['Mon', 'Tue', 'Wed', 'Thu'];
    const bands = days.flatMap((day) =>
      byTurns(96, day, day).map((line, index) => line.replace(day, `${day}${index}`)),
    );
    const more = byTurns(96, 'f', 'Fri').map((line, index) => line.replace('f,', `f${index},`));
    const others = byTurns(96, 's', 'Sat').map((line, index) => line.replace('s,', `s${index},`));
    expect(faultsOf(deckWith([...bands, ...more, ...others.slice(0, 15)], 'Mon0'))).toEqual([]);
    expect(faultsOf(deckWith([...bands, ...more, ...others], 'Mon0'))).toEqual([
      `too-many-bands line 256, #band: Cannot add band 's15': a deck has at most 255 bands`,
    ]);
  });
});

/** The hours after those of a line of `byTurns(96)`, until its next begins. */
function gapAfter(line: string): string {
  const [hours, minutes] = line.split('-').at(-1)!.split(':').map(Number);
  const from = hours! * 60 + minutes!;
  return `${clock(from)}-${clock(from + 15)}`;
}
