const formatters = new Map<string, Intl.DateTimeFormat>();
const starts = new Map<string, number>();

/** Formatters are slow to make, so each zone keeps its own. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  formatters.set(timeZone, made);
  return made;
}

function civilPart(timeZone: string, instant: number, type: 'year' | 'month' | 'hour'): number {
  const part = formatterOf(timeZone)
    .formatToParts(instant)
    .find((candidate) => candidate.type === type);
  if (part === undefined) throw new Error(`Cannot read the ${type} of instant "${instant}" in "${timeZone}"`);
  return Number(part.value);
}

/** The civil month of an instant (ms since the epoch) as yyyymm. */
export function civilMonth(timeZone: string, instant: number): number {
  return civilPart(timeZone, instant, 'year') * 100 + civilPart(timeZone, instant, 'month');
}

/** The civil hour of an instant, 0 to 23: at the autumn change two hours of the clock bear the same number. */
export function civilHour(timeZone: string, instant: number): number {
  return civilPart(timeZone, instant, 'hour');
}

/** The first ms of a period (yyyymm): found by halving, since the civil month never runs backwards. */
export function periodStart(timeZone: string, period: number): number {
  const key = `${timeZone} ${period}`;
  const start = starts.get(key) ?? searchPeriodStart(timeZone, period);
  starts.set(key, start);
  return start;
}

function searchPeriodStart(timeZone: string, period: number): number {
  const guess = Date.UTC(Math.floor(period / 100), (period % 100) - 1, 1);
  let before = guess - 2 * 86_400_000;
  let within = guess + 2 * 86_400_000;
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (civilMonth(timeZone, middle) >= period) within = middle;
    else before = middle;
  }
  return within;
}

/** The first ms after a period (yyyymm). */
export function periodEnd(timeZone: string, period: number): number {
  return periodStart(timeZone, period % 100 === 12 ? period + 89 : period + 1);
}
