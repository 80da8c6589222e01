/** What shows a breach, as far as this console knows its shape: `rules/` writes it, one shape a condition. */
export type Evidence =
  | {
      readonly kind: 'crossing';
      readonly limit: number;
      readonly nth: number;
      readonly called: string;
      readonly at: Ref;
    }
  | { readonly kind: 'measures'; readonly measures: readonly Measure[] }
  | { readonly kind: 'equipment'; readonly why: string; readonly agent: string; readonly at: Ref }
  | { readonly kind: 'mobility'; readonly why: string; readonly agent: string; readonly ip: string; readonly at: Ref }
  | { readonly kind: 'usage-class'; readonly usage: string; readonly at: Ref }
  | { readonly kind: 'minutes'; readonly limit: number; readonly seconds: number; readonly at: Ref }
  | { readonly kind: 'unknown' };

export interface Measure {
  readonly id: string;
  readonly value: number;
  readonly max: number;
}

/** A call: its id, and when it began, ISO 8601. */
export interface Ref {
  readonly callId: string;
  readonly startedAt: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads evidence as the API sends it. What is of no known shape is `unknown`: the API's own words are shown then. */
export function readEvidence(condition: string, evidence: unknown): Evidence {
  if (!isFields(evidence)) return { kind: 'unknown' };
  const text = (name: string): string => (typeof evidence[name] === 'string' ? evidence[name] : '');
  const count = (name: string): number => (typeof evidence[name] === 'number' ? evidence[name] : 0);
  const crossing = evidence['crossing'];
  const first = refOf(evidence['firstCall']);
  switch (condition) {
    case 'distinct-numbers': {
      const at = refOf(crossing);
      const called = isFields(crossing) ? crossing['called'] : null;
      if (at === null) return { kind: 'unknown' };
      const numbers = evidence['numbers'];
      const nth = Array.isArray(numbers) ? numbers.length : count('maxNumbers') + 1;
      return { kind: 'crossing', limit: count('maxNumbers'), nth, called: calledText(called), at };
    }
    case 'monthly-minutes': {
      const at = refOf(crossing);
      if (at === null) return { kind: 'unknown' };
      return { kind: 'minutes', limit: count('maxMinutes'), seconds: count('seconds'), at };
    }
    case 'conversational-use': {
      const measures = evidence['measures'];
      return Array.isArray(measures) ? { kind: 'measures', measures: measures as Measure[] } : { kind: 'unknown' };
    }
    case 'equipment':
      if (first === null) return { kind: 'unknown' };
      return { kind: 'equipment', why: text('why'), agent: text('userAgent'), at: first };
    case 'sip-mobility':
      if (first === null) return { kind: 'unknown' };
      return { kind: 'mobility', why: text('why'), agent: text('userAgent'), ip: text('sourceIp'), at: first };
    case 'usage-class':
      return first === null ? { kind: 'unknown' } : { kind: 'usage-class', usage: text('usageClass'), at: first };
    default:
      return { kind: 'unknown' };
  }
}

/** Numbers stand as digits in evidence; masked ones as text. */
function calledText(called: unknown): string {
  if (typeof called === 'number') return `+${called}`;
  if (typeof called !== 'string') return '';
  return called.startsWith('+') ? called : `+${called}`;
}

function refOf(call: unknown): Ref | null {
  if (!isFields(call)) return null;
  const { callId, startedAt } = call;
  if (typeof callId !== 'string') return null;
  if (typeof startedAt === 'number') return { callId, startedAt: new Date(startedAt).toISOString() };
  return typeof startedAt === 'string' ? { callId, startedAt } : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
