import { useQuery } from '@tanstack/react-query';
import { ask, justPast } from './client.ts';
import { pathOf } from './path-of.ts';

/** What the console reads of answers that the API leaves open in form: `docs/reference/report-json.md` has them. */
export interface Report {
  readonly period: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly charge: string;
  readonly atStake: string;
  readonly coverage: Readonly<Record<string, Sum>>;
  readonly destinations: readonly ({ readonly destination: string; readonly coverage: string } & Sum)[];
  readonly lines: readonly ReportedLine[];
  readonly quarantine: readonly { readonly reason: string; readonly state: string; readonly records: number }[];
  readonly sources: readonly SourceCount[];
}

export interface Sum {
  readonly calls: number;
  readonly billedSeconds: number;
  readonly charge: string;
  readonly meteredPrice: string;
}

export interface SourceCount {
  readonly source: string;
  readonly outcome: string;
  readonly reason: string;
  readonly records: number;
}

export interface ReportedLine {
  readonly line: string;
  readonly account: string;
  readonly accountName: string;
  readonly case: string | null;
  readonly atStake: string;
  readonly atStakeCalls: number;
  readonly meteredCalls: number;
  readonly meteredCharge: string;
  readonly distinctNumbers: number;
  readonly breaches: readonly {
    readonly condition: string;
    readonly status: string;
    readonly meteredCharge: string;
    readonly decisions: readonly {
      readonly kind: string;
      readonly by: string;
      readonly note: string;
      readonly decidedAt: string | null;
    }[];
  }[];
}

export interface MoneyAsOf {
  readonly currency: string;
  readonly charge: string;
  readonly days: readonly { readonly day: string; readonly calls: number; readonly charge: string }[];
}

export interface Periods {
  readonly periods: readonly { readonly period: string; readonly state: string; readonly hasEntries: boolean }[];
}

/** @param every reads it again, so often (ms) */
export function useReport(period: string | undefined, every?: number) {
  return useQuery({
    queryKey: ['report', period],
    queryFn: ({ signal }) => ask<Report>(`/v1/reports/${period}`, { signal }),
    ...(every === undefined ? {} : { refetchInterval: every }),
    enabled: period !== undefined,
  });
}

/** The money of a month by day, as it is now. */
export function useMoney(period: string | undefined) {
  return useQuery({
    queryKey: ['money', period],
    queryFn: ({ signal }) => {
      const asOf = new Date(justPast()).toISOString();
      return ask<MoneyAsOf>(pathOf(`/v1/reports/${period}`, { asOf }), { signal });
    },
    enabled: period !== undefined,
  });
}

export function usePeriods() {
  return useQuery({ queryKey: ['periods'], queryFn: ({ signal }) => ask<Periods>('/v1/periods', { signal }) });
}

/** The month to begin with: the latest that has calls and has begun. */
export function firstPeriod(periods: Periods | undefined): string | undefined {
  const now = new Date().toISOString().slice(0, 7);
  const withCalls = (periods?.periods ?? []).filter(({ hasEntries }) => hasEntries).map(({ period }) => period);
  return (
    withCalls
      .filter((period) => period <= now)
      .toSorted()
      .at(-1) ?? withCalls[0]
  );
}
