/** How a call came to its charge, as the API tells it; `docs/reference/commands.md` has the same. */
export interface ExplainedCalls {
  readonly call: string;
  readonly timeZone: string;
  readonly calls: readonly ExplainedCall[];
  readonly quarantine: readonly {
    readonly no: number;
    readonly state: string;
    readonly reason: string;
    readonly detail: string;
  }[];
  readonly legs: readonly Readonly<Record<string, unknown>>[];
}

export interface ExplainedCall {
  readonly account: string;
  readonly line: string;
  readonly period: string;
  readonly switch: string;
  readonly owner: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly number: { readonly dialled: string; readonly called?: string };
  readonly destination: string;
  readonly prefixes: readonly { readonly prefix: string; readonly destination: string; readonly wins: boolean }[];
  readonly price: {
    readonly deck: string;
    readonly key: string;
    readonly seconds: number;
    readonly billedSeconds: number;
    readonly stretches: readonly { readonly pricePerMinute: string }[];
    readonly charge: string;
  } | null;
  readonly coverage: string | null;
  readonly reason: string;
  readonly offer: string | null;
  readonly hold: { readonly condition: string; readonly period: string } | null;
  readonly entries: readonly {
    readonly position: string;
    readonly kind: string;
    readonly coverage: string | null;
    readonly coverageBefore: string | null;
    readonly reason: string;
    readonly billedPeriod: string;
    readonly charge: string;
    readonly rateDeck: string;
  }[];
  readonly charge: string;
  readonly currency: string;
  readonly record: unknown;
}
