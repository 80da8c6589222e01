import { z } from 'zod';
import { type DeliveredRecord, type RecordOutcome, canonicalTextOf } from '../../engine/index.ts';
import type { TakenBatch } from '../../ingest/index.ts';
import { count } from '../schemas.ts';

const STATUSES = ['rated', 'duplicate', 'not-a-call', 'quarantined', 'superseded', 'conflict'] as const;
type Status = (typeof STATUSES)[number];

const difference = z.strictObject({ field: z.string(), sent: z.unknown(), other: z.unknown() });

const result = z
  .strictObject({
    index: count.meta({ description: 'Which record of the body, from 0' }),
    id: z.string().nullable().meta({ description: 'The id of the call, as its switch gave it' }),
    status: z.enum(STATUSES),
    reason: z.string().optional(),
    detail: z.string().optional(),
    duplicate: z
      .literal(true)
      .optional()
      .meta({ description: 'The very record came before, and waits since: only said of one that waits' }),
    billed: z.enum(['this', 'other']).optional().meta({ description: 'Which of two conflicting records is billed' }),
    differences: z.array(difference).optional(),
  })
  .meta({ id: 'CdrResult' });

export const cdrsAnswer = z
  .strictObject({
    received: count,
    counts: z.strictObject(
      Object.fromEntries(STATUSES.map((status) => [status, count])) as Record<Status, typeof count>,
    ),
    source: z.string(),
    records: z.array(result),
  })
  .meta({ id: 'CdrsTaken' });

/** What became of the records of a post, gathered batch by batch as text. */
export class CdrResults {
  readonly #counts = new Map<Status, number>(STATUSES.map((status) => [status, 0]));
  /** Objects with commas between them, a piece a batch. */
  readonly #pieces: Buffer[] = [];
  readonly #hasAll: boolean;
  #received = 0;

  constructor(hasAll: boolean) {
    this.#hasAll = hasAll;
  }

  get received(): number {
    return this.#received;
  }

  add({ outcomes, position, records }: TakenBatch, from: number): void {
    const lines: string[] = [];
    for (const [at, record] of records.entries()) {
      const outcome = outcomes.at(position + at, () => canonicalTextOf(record.decoded));
      this.#counts.set(outcome.status, (this.#counts.get(outcome.status) ?? 0) + 1);
      if (this.#hasAll || outcome.status !== 'rated') lines.push(this.#lineOf(from + at, record, outcome));
    }
    if (lines.length > 0) this.#pieces.push(Buffer.from(`${this.#pieces.length > 0 ? ',' : ''}${lines.join(',')}`));
    this.#received = from + records.length;
  }

  /** The body of the answer, or what of it belongs into a problem. */
  json(source: string): Buffer {
    const counts = JSON.stringify(Object.fromEntries(this.#counts));
    const head = `{"received":${this.#received},"counts":${counts},"source":${JSON.stringify(source)},"records":[`;
    return Buffer.concat([Buffer.from(head), ...this.#pieces, Buffer.from(']}')]);
  }

  #lineOf(index: number, record: DeliveredRecord, outcome: RecordOutcome): string {
    // Nearly every record was rated, and is not decoded for this: it would take as long as rating it did. What is no
    // call, or unreadable, has no id once it is decoded, but its bytes may name one.
    const id = record.callIdOf?.() ?? idOf(record) ?? namedIn(record);
    const head = `{"index":${index},"id":${JSON.stringify(id)},"status":"${outcome.status}"`;
    switch (outcome.status) {
      case 'rated':
      case 'duplicate':
      case 'superseded':
        return `${head}}`;
      case 'not-a-call':
        return `${head},"reason":"${outcome.reason}"}`;
      case 'quarantined':
        return `${head},"reason":"${outcome.reason}","detail":${JSON.stringify(outcome.detail)}${repeatOf(outcome)}}`;
      case 'conflict': {
        const differences = differencesOf(outcome.own, outcome.other);
        const billed = outcome.isBilled ? 'this' : 'other';
        const conflict = `"reason":"conflict","billed":"${billed}","differences":${JSON.stringify(differences)}`;
        return `${head},${conflict}${repeatOf(outcome)}}`;
      }
      default:
        return outcome satisfies never;
    }
  }
}

function repeatOf({ isRepeat }: { readonly isRepeat?: true }): string {
  return isRepeat === true ? ',"duplicate":true' : '';
}

function idOf({ decoded }: DeliveredRecord): string | null {
  if (decoded.kind === 'call') return decoded.cdr.callId;
  if (decoded.kind === 'not-a-call' && decoded.correction !== undefined) return decoded.correction.callId;
  return decoded.leg?.legId ?? null;
}

/** The longest record that is looked into for an id that decoding it did not find. */
const MOST_BYTES_LOOKED_INTO = 65_536;

/** The id that a record names which is no call, or unreadable for another field; `null` where it names none. */
function namedIn(record: DeliveredRecord): string | null {
  return record.end - record.start > MOST_BYTES_LOOKED_INTO ? null : (record.namedCall?.() ?? null);
}

interface Difference {
  readonly field: string;
  readonly sent: unknown;
  readonly other: unknown;
}

/** Where two canonical records say different things, and what; `null`: nothing. */
function differencesOf(own: string, other: string): Difference[] {
  const [sent, kept] = [JSON.parse(own), JSON.parse(other)] as [Record<string, unknown>, Record<string, unknown>];
  const fields = [...new Set([...Object.keys(sent), ...Object.keys(kept)])];
  return fields.flatMap((field) => {
    const [a, b] = [sent[field] ?? null, kept[field] ?? null];
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    return [{ field, sent: a, other: b }];
  });
}
