import type { CasePattern } from '../../../api/index.ts';

type Call = CasePattern['calls'][number];

/** Which calls a link asks for: what it goes by, and the value. */
export interface CallsFilter {
  readonly by: 'day' | 'hour' | 'number' | 'range' | 'coverage' | 'to' | 'at-once' | 'shortest' | 'all';
  readonly value: string;
}

export function readCallsFilter(text: string | undefined): CallsFilter {
  const [, by, value = ''] = /^(day|hour|number|range|coverage|to|at-once|shortest):(.*)$/.exec(text ?? '') ?? [];
  return { by: (by ?? 'all') as CallsFilter['by'], value };
}

/** What asks for the calls to numbers from one to another; `null`: they are masked, and say nothing of the order. */
export function rangeOf(from: string, to: string): string | null {
  return E164.test(from) && E164.test(to) ? `range:${from}-${to}` : null;
}

const E164 = /^\+\d{5,15}$/;

/** The calls of a filter. An hour is `weekday-hour`, Monday is 0; a range is its first and last number. */
export function callsOf(calls: readonly Call[], { by, value }: CallsFilter): readonly Call[] {
  switch (by) {
    case 'all':
      return calls;
    case 'day':
      return calls.filter(({ day }) => day === value);
    case 'number':
      return calls.filter(({ number }) => number === value);
    case 'coverage':
      return calls.filter(({ coverage }) => coverage === value);
    case 'to':
      return calls.filter(({ destination }) => destination === value);
    case 'range': {
      const [from = '', to = ''] = value.split('-');
      return calls.filter(
        ({ number }) => E164.test(number) && Number(number) >= Number(from) && Number(number) <= Number(to),
      );
    }
    case 'at-once':
      return mostAtOnce(calls);
    case 'shortest':
      return calls.toSorted((a, b) => a.durationMs - b.durationMs);
    case 'hour':
      return calls.filter(({ day, minute }) => `${weekdayOf(day)}-${Math.floor(minute / 60)}` === value);
    default:
      return by satisfies never;
  }
}

/** The calls that were under way when most were. @param calls in order of start */
function mostAtOnce(calls: readonly Call[]): readonly Call[] {
  let most: readonly Call[] = [];
  let underWay: readonly Call[] = [];
  for (const call of calls) {
    if (call.durationMs <= 0 || call.isForwarded || call.coverage === 'free') continue;
    const startedAt = Date.parse(call.startedAt);
    underWay = [...underWay.filter((each) => Date.parse(each.startedAt) + each.durationMs > startedAt), call];
    if (underWay.length > most.length) most = underWay;
  }
  return most;
}

/** 0 is Monday. @param day `2026-11-03` */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7;
}
