const HOUR = 3_600_000;
/** `2026-11-03T10:` by hour since the epoch: a month has 720 of them. */
const hourTexts = new Map<number, string>();
const upTo60 = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const upTo1000 = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'));

/** An instant (ms since the epoch) as `Date.toISOString` writes it, in less than half of its time. */
export function isoText(instant: number): string {
  const hour = Math.floor(instant / HOUR);
  let text = hourTexts.get(hour);
  if (text === undefined) {
    text = new Date(hour * HOUR).toISOString().slice(0, 14);
    hourTexts.set(hour, text);
  }
  const ms = instant - hour * HOUR;
  const minute = Math.floor(ms / 60_000);
  const second = Math.floor(ms / 1000) % 60;
  return `${text}${upTo60[minute]}:${upTo60[second]}.${upTo1000[ms % 1000]}Z`;
}
