/**
 * What one accounting row of Kamailio or OpenSIPS says of a call. An answered call has two: its INVITE's and its BYE's,
 * which come in any order, in other files, or not at all.
 */
export interface AccRow {
  readonly kind: 'answer' | 'hangup' | 'attempt' | 'other';
  /** The dialog: its rows have the Call-ID in common, and both tags, in either order. */
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
  readonly method: string;
  readonly code: string;
  readonly reason: string;
  /** Of the response, as the row has it. */
  readonly time: string;
  /** The columns after the fixed ones: what the script adds, in its order. */
  readonly extras: readonly string[];
}

/** The columns that every row has: method, from_tag, to_tag, callid, sip_code, sip_reason, time. */
const FIXED_COLUMNS = 7;

/** A row of db_flatstore: fields between bars, `\|` for a bar in one; `null` where it is none. */
export function parseAccRow(line: string): AccRow | null {
  const fields = splitAtBars(line);
  if (fields.length < FIXED_COLUMNS) return null;
  const [method = '', fromTag = '', toTag = '', callId = '', code = '', reason = '', time = '', ...extras] = fields;
  return accRow({ method, fromTag, toTag, callId, code, reason, time, extras });
}

/** What a row is evidence of; `null` where it can be no row. */
export function accRow(row: Omit<AccRow, 'kind'>): AccRow | null {
  if (!/^[A-Z]{2,16}$/.test(row.method) || !/^[1-6]\d\d$/.test(row.code) || row.callId === '') return null;
  return { kind: kindOf(row), ...row };
}

function kindOf({ method, code }: { readonly method: string; readonly code: string }): AccRow['kind'] {
  // In setups that account the ACK, the call begins with it: its row says that the INVITE was answered.
  if (method === 'INVITE' || method === 'ACK') return code.startsWith('2') ? 'answer' : 'attempt';
  // A BYE that is asked for its password has ended nothing: it comes again.
  if (method === 'BYE') return code === '401' || code === '407' ? 'other' : 'hangup';
  return method === 'CANCEL' ? 'attempt' : 'other';
}

function splitAtBars(line: string): string[] {
  if (!line.includes('\\')) return line.split('|');
  const fields: string[] = [];
  let field = '';
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] ?? '';
    if (sign === '\\' && at + 1 < line.length) field += line[++at] ?? '';
    else if (sign === '|') {
      fields.push(field);
      field = '';
    } else field += sign;
  }
  return [...fields, field];
}

/** Names a dialog the same whichever side's row it is: the BYE of the callee has the tags the other way round. */
export function dialogKey({ callId, fromTag, toTag }: Pick<AccRow, 'callId' | 'fromTag' | 'toTag'>): string {
  return [callId, ...[fromTag, toTag].toSorted()].join('\u0000');
}
