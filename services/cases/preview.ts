import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DECISION_KINDS, type DecisionKind } from '../../rater/index.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { moneyText, showPeriod } from '../value-text.ts';
import type { DecisionEffect } from './decision-effect.ts';

/** What a person saw before deciding: which decision, as of which entries, and what it would change. */
export interface Preview {
  readonly line: string;
  /** yyyymm. */
  readonly period: number;
  readonly condition: string;
  readonly decision: DecisionKind;
  /** ms since the epoch: a decision by the preview takes effect at the same instant. */
  readonly effectiveAt: number;
  /** The feed position that it saw: entries of the line come after it, or were seen. */
  readonly bucket: number;
  readonly position: number;
  readonly calls: number;
  /** Micros. */
  readonly charge: number;
  /** Of the effect, by month, destination and coverage. */
  readonly hash: string;
  /** How many decisions there were on the condition in the month; `null`: a preview of before it was counted. */
  readonly decisions: number | null;
}

const CHECK_BYTES = 4;
const VERSION = 1;

/** What an id holds: whoever makes one up may have put anything there. */
const CONTENT = z.tuple([
  z.literal(VERSION),
  z.string(),
  z.int(),
  z.string(),
  z.enum(DECISION_KINDS),
  z.int(),
  z.int(),
  z.int(),
  z.int(),
  z.int(),
  z.string(),
  z.int().nullable().default(null),
]);

/** The hash of an effect: of two that change the same calls in the same way it is the same. */
export function effectHash(effect: DecisionEffect): string {
  return createHash('sha256')
    .update(JSON.stringify([effect.calls, effect.charge, effect.changes]))
    .digest('hex')
    .slice(0, 32);
}

/** The id of a preview: it holds all of it, so that the ledger keeps none. */
export function previewText(preview: Preview): string {
  const content = Buffer.from(
    JSON.stringify([
      VERSION,
      preview.line,
      preview.period,
      preview.condition,
      preview.decision,
      preview.effectiveAt,
      preview.bucket,
      preview.position,
      preview.calls,
      preview.charge,
      preview.hash,
      preview.decisions,
    ]),
    'utf8',
  );
  return Buffer.concat([content, checkOf(content)]).toString('base64url');
}

/** The preview that an id is; refused: it is none, was cut short, or changed. */
export function readPreview(id: string): Preview | Refused {
  const bytes = Buffer.from(id, 'base64url');
  const content = bytes.subarray(0, Math.max(0, bytes.length - CHECK_BYTES));
  const isOurs = /^[\w-]+$/.test(id) && checkOf(content).equals(bytes.subarray(content.length));
  const read = CONTENT.safeParse(isOurs ? jsonOf(content.toString('utf8')) : null);
  if (!read.success) return refused(refusal('preview-unreadable', { preview: id.slice(0, 20) }));
  const [, line, period, condition, decision, effectiveAt, bucket, position, calls, charge, hash, decisions] =
    read.data;
  return { line, period, condition, decision, effectiveAt, bucket, position, calls, charge, hash, decisions };
}

/** `null`: it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Against slips, not against forgers: who makes a preview up decides on what nobody saw, by his own right. */
function checkOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest().subarray(0, CHECK_BYTES);
}

/** Refuses a decision that is not what was previewed; `null`: it is. */
export function refusedOther(
  preview: Preview,
  decision: Pick<Preview, 'line' | 'period' | 'condition' | 'decision'>,
): Refused | null {
  const previewed = decisionText(preview);
  const wanted = decisionText(decision);
  return previewed === wanted ? null : refused(refusal('preview-of-another', { previewed, decision: wanted }));
}

function decisionText({ decision, condition, line, period }: Parameters<typeof refusedOther>[1]): string {
  return `'${decision}' of '${condition}' for line '${line}' in ${showPeriod(period)}`;
}

/** Refuses a decision where somebody decided on the same since it was previewed; `null`: nobody did. */
export function refusedAfterOthers(preview: Preview, kinds: readonly DecisionKind[]): Refused | null {
  const last = kinds.at(-1);
  if (last === undefined || preview.decisions === null || kinds.length === preview.decisions) return null;
  const { condition, line, period } = preview;
  return refused(refusal('decided-meanwhile', { kind: last, condition, line, period: showPeriod(period) }));
}

/** Refuses a decision whose effect is another than was seen, and says by how much; `null`: it is the same. */
export function refusedOutdated(preview: Preview, now: DecisionEffect, currency: string): Refused | null {
  if (preview.hash === effectHash(now)) return null;
  const moreCalls = now.calls - preview.calls;
  const moreCharge = now.charge - preview.charge;
  return refused(
    refusal('preview-outdated', {
      calls: String(preview.calls),
      charge: moneyText(preview.charge),
      callsNow: String(now.calls),
      chargeNow: moneyText(now.charge),
      moreCalls: signed(moreCalls, String(moreCalls)),
      moreCharge: signed(moreCharge, moneyText(moreCharge)),
      currency,
    }),
  );
}

function signed(value: number, text: string): string {
  return value > 0 ? `+${text}` : text;
}
