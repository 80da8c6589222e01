import type { CasePattern } from '../../../api/index.ts';

type Call = CasePattern['calls'][number];

/** Which calls a link asks for: what it goes by, and the value. */
export interface CallsFilter {
  readonly by: 'day' | 'hour' | 'number' | 'coverage' | 'to' | 'all';
  readonly value: string;
}

export function readCallsFilter(text: string | undefined): CallsFilter {
  const [, by, value = ''] = /^(day|hour|number|coverage|to):(.*)$/.exec(text ?? '') ?? [];
  return { by: (by ?? 'all') as CallsFilter['by'], value };
}

/** The calls of a filter. An hour is `weekday-hour`, Monday is 0. */
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
    case 'hour':
      return calls.filter(({ day, minute }) => `${weekdayOf(day)}-${Math.floor(minute / 60)}` === value);
    default:
      return by satisfies never;
  }
}

/** 0 is Monday. @param day `2026-11-03` */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7;
}
