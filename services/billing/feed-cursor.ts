import { createHash } from 'node:crypto';
import { BUCKET_COUNT } from '../../rater/index.ts';

/** How far a reader of the feed is: of one life of the ledger, the last position that it has of each bucket. */
export interface FeedCursor {
  /** The id of the ledger's life. */
  readonly life: string;
  /** By bucket, all 64. */
  readonly positions: readonly number[];
}

const VERSION = 1;
const LIFE_BYTES = 16;
const CHECK_BYTES = 4;
const LONGEST_VARINT = 8;

/** A cursor as readers hold it: text to hand back, not to read. About 100 to 350 characters. */
export function cursorText({ life, positions }: FeedCursor): string {
  const bytes = [VERSION, ...Buffer.from(life.replaceAll('-', ''), 'hex')];
  for (const position of positions) writeVarint(bytes, position);
  const content = Buffer.from(bytes);
  return Buffer.concat([content, checkOf(content)]).toString('base64url');
}

/** The cursor that a text is; `null`: it is none of ours, cut short, or changed. */
export function readCursorText(text: string): FeedCursor | null {
  if (!/^[\w-]+$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  const content = bytes.subarray(0, Math.max(0, bytes.length - CHECK_BYTES));
  if (content.length <= LIFE_BYTES || content[0] !== VERSION) return null;
  if (!checkOf(content).equals(bytes.subarray(content.length))) return null;
  const life = content.toString('hex', 1, 1 + LIFE_BYTES);
  const positions = readVarints(content, 1 + LIFE_BYTES);
  if (positions?.length !== BUCKET_COUNT) return null;
  return { life: life.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), positions };
}

/** Against slips (a text cut short, another's cursor), not against forgers: a cursor gives no right to anything. */
function checkOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest().subarray(0, CHECK_BYTES);
}

function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  bytes.push(rest);
}

function readVarints(bytes: Buffer, from: number): number[] | null {
  const values: number[] = [];
  let value = 0;
  let digits = 0;
  for (const byte of bytes.subarray(from)) {
    value += (byte % 0x80) * 0x80 ** digits;
    digits++;
    if (digits > LONGEST_VARINT || value > Number.MAX_SAFE_INTEGER) return null;
    if (byte >= 0x80) continue;
    values.push(value);
    value = 0;
    digits = 0;
  }
  return digits === 0 ? values : null;
}
