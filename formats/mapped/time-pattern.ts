/** Reads a time of a given shape: ms of the local clock since the epoch; `null` where the text is no such time. */
export type TimePattern = (text: string) => number | null;

const TOKENS: Readonly<Record<string, string>> = {
  YYYY: String.raw`(?<year>\d{4})`,
  MM: String.raw`(?<month>\d{1,2})`,
  DD: String.raw`(?<day>\d{1,2})`,
  hh: String.raw`(?<hour>\d{1,2})`,
  mm: String.raw`(?<minute>\d{2})`,
  ss: String.raw`(?<second>\d{2})`,
  SSS: String.raw`(?<fraction>\d{1,6})`,
};

/**
 * Compiles a shape such as `DD.MM.YYYY hh:mm:ss`: day and month are never guessed. Seconds must be in it, for without
 * them no duration can be checked. `null` where it is no shape of a time.
 */
export function compileTimePattern(shape: string): TimePattern | null {
  if (shape.length > 64) return null;
  const tokens = [...shape.matchAll(/YYYY|MM|DD|hh|mm|ss|SSS/g)].map(([token]) => token);
  const needed = ['YYYY', 'MM', 'DD', 'hh', 'mm', 'ss'];
  if (new Set(tokens).size !== tokens.length || !needed.every((token) => tokens.includes(token))) return null;
  const source = shape.replace(/YYYY|MM|DD|hh|mm|ss|SSS|[^\w\s]/g, (part) => TOKENS[part] ?? `\\${part}`);
  const expression = new RegExp(`^${source}$`);
  return (text) => {
    const groups = expression.exec(text.trim())?.groups;
    if (groups === undefined) return null;
    const part = (name: string): number => Number(groups[name] ?? 0);
    const ms = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    const back = new Date(ms);
    // Date.UTC carries over: only a time that reads back as itself exists.
    const isReal =
      back.getUTCMonth() + 1 === part('month') &&
      back.getUTCDate() === part('day') &&
      back.getUTCHours() === part('hour') &&
      back.getUTCMinutes() === part('minute') &&
      back.getUTCSeconds() === part('second');
    return isReal ? ms + Number((groups['fraction'] ?? '').padEnd(3, '0').slice(0, 3)) : null;
  };
}
