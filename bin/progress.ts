import type { Counts } from '../engine/index.ts';
import { visibleLine } from '../operating/index.ts';
import { plural, showCount } from './show-values.ts';
import { type Terminal, notify, redraw } from './terminal.ts';
import { shorten } from './text-table.ts';

/** What has become of the records of a run so far. */
export interface Tally {
  received: number;
  rated: number;
  duplicates: number;
  notACall: number;
  quarantined: number;
}

/** Shows a run as it goes: a bar that moves on a terminal, else a line every few seconds. */
export interface Progress {
  /** `label` says what is being read, `fraction` (0 to 1) how much of it is done. */
  update(label: string, fraction: number, counts: Counts): void;
  readonly tally: Readonly<Tally>;
  /** Ends the moving line, or says the last state. */
  finish(): void;
}

const LINE_EVERY_MS = 3_000;
const BAR_EVERY_MS = 100;
const BAR_WIDTH = 24;

/** `now` is a clock in ms. */
export function startProgress(terminal: Terminal, now: () => number = Date.now): Progress {
  const tally: Tally = { received: 0, rated: 0, duplicates: 0, notACall: 0, quarantined: 0 };
  const begunAt = now();
  // The first state is told at once: that something happens is what a person wants to know first.
  let shownAt = -Infinity;
  let last = '';
  let isUnpublished = false;
  const show = (): void => {
    shownAt = now();
    isUnpublished = false;
    if (terminal.isInteractive) redraw(terminal, cutTo(last, terminal.columns - 1));
    else notify(terminal, last);
  };
  return {
    tally,
    update(label, fraction, counts) {
      addTo(tally, counts);
      const seconds = Math.max(0.001, (now() - begunAt) / 1000);
      const percent = `${String(Math.floor(fraction * 100)).padStart(3)} %`;
      const rate = `${showCount(tally.received / seconds)}/s`;
      const done = tally.received === 0 ? 'nothing new yet' : describeTally(tally, rate);
      last = terminal.isInteractive
        ? `${bar(fraction)} ${percent}  ${done}  ${label}`
        : `${label}: ${percent.trim()}, ${done}`;
      isUnpublished = true;
      if (now() - shownAt >= (terminal.isInteractive ? BAR_EVERY_MS : LINE_EVERY_MS)) show();
    },
    finish() {
      if (isUnpublished && (tally.received > 0 || terminal.isInteractive)) show();
      if (terminal.isInteractive && last !== '') notify(terminal, '');
    },
  };
}

/** `12,345 records (40,000/s): 8,000 rated, 30 duplicates, 4,300 not a call, 15 quarantined`. */
export function describeTally(tally: Readonly<Tally>, rate?: string): string {
  const { received, rated, duplicates, notACall, quarantined } = tally;
  const speed = rate === undefined ? '' : ` (${rate})`;
  return (
    `${plural(received, 'record')}${speed}: ${showCount(rated)} rated, ${plural(duplicates, 'duplicate')}, ` +
    `${showCount(notACall)} not a call, ${showCount(quarantined)} quarantined`
  );
}

function addTo(tally: Tally, counts: Counts): void {
  for (const [key, count] of counts) {
    const outcome = key.split('\t', 1)[0];
    if (outcome === 'received') tally.received += count;
    else if (outcome === 'rated') tally.rated += count;
    else if (outcome === 'duplicate') tally.duplicates += count;
    else if (outcome === 'not-a-call') tally.notACall += count;
    else if (outcome === 'quarantined') tally.quarantined += count;
  }
}

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`;
}

function cutTo(text: string, width: number): string {
  return width > 0 ? shorten(visibleLine(text), width) : text;
}
