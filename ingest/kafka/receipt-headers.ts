import type { Receipt } from '../../ledger/index.ts';
import {
  DEFAULT_START_WINDOW,
  LAST_INSTANT,
  messageTimestamp,
  receiptAt,
  type StartWindow,
} from '../../engine/index.ts';
import type { TopicMessage } from './message-reader.ts';

/**
 * Headers of a re-keyed message: when each of its records reached its source, and how far from that the source's
 * settings let a call start. So the outcome of a record does not hang on how long the re-keyer took.
 */
const RECEIVED = 'fairtally-received';
const STARTS = 'fairtally-starts';

/**
 * `fairtally-received`: for each run of records with one receipt `‹ms›*‹records›`, without `*1`; commas between. The
 * first is ms since the epoch, later ones the difference to the run before that had one, and `-` stands for a record
 * without. `fairtally-starts`: `‹ms before›,‹ms after›`, the same for all records of one topic.
 */
export function receiptHeaders(receipts: readonly (Receipt | null)[]): Record<string, string> {
  const runs: string[] = [];
  let before = 0;
  for (let at = 0; at < receipts.length;) {
    const receivedAt = receipts[at]?.receivedAt ?? null;
    let end = at + 1;
    while (end < receipts.length && (receipts[end]?.receivedAt ?? null) === receivedAt) end++;
    const shown = receivedAt === null ? '-' : String(receivedAt - before);
    runs.push(end - at === 1 ? shown : `${shown}*${end - at}`);
    before = receivedAt ?? before;
    at = end;
  }
  return { [RECEIVED]: runs.join(','), ...windowHeader(receipts) };
}

function windowHeader(receipts: readonly (Receipt | null)[]): Record<string, string> {
  for (const receipt of receipts) {
    if (receipt === null || receipt.receivedAt === null) continue;
    const { receivedAt, startsFrom, startsTo } = receipt;
    return { [STARTS]: `${receivedAt - startsFrom},${startsTo - receivedAt}` };
  }
  return {};
}

/**
 * The receipts of a message's `count` records; `null` where the headers are none that the re-keyer wrote. A message
 * of an earlier version has none: its own timestamp, of when it was re-keyed, stands in.
 */
export function receiptsOf({ headers = {}, timestamp }: TopicMessage, count: number): (Receipt | null)[] | null {
  const received = headers[RECEIVED]?.toString();
  if (received === undefined) {
    const rekeyedAt = messageTimestamp(timestamp);
    const receipt = rekeyedAt === null ? null : receiptAt(rekeyedAt, DEFAULT_START_WINDOW);
    return Array.from({ length: count }, () => receipt);
  }
  const window = windowOf(headers[STARTS]?.toString());
  const receipts: (Receipt | null)[] = [];
  let before = 0;
  for (const run of received.split(',')) {
    const [, shown, records = '1'] = RUN.exec(run) ?? [];
    if (shown === undefined || window === null || receipts.length + Number(records) > count) return null;
    if (shown !== '-') before += Number(shown);
    if (before < 0 || before > LAST_INSTANT) return null;
    const receipt = shown === '-' ? null : receiptAt(before, window);
    for (let no = 0; no < Number(records); no++) receipts.push(receipt);
  }
  return receipts.length === count ? receipts : null;
}

const RUN = /^(-|-?\d{1,15})(?:\*(\d{1,7}))?$/;

function windowOf(text: string | undefined): StartWindow | null {
  if (text === undefined) return DEFAULT_START_WINDOW;
  const [, before, after] = /^(\d{1,15}),(-?\d{1,15})$/.exec(text) ?? [];
  return before === undefined || after === undefined ? null : { beforeMs: Number(before), afterMs: Number(after) };
}
