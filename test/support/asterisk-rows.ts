/** A row of Master.csv with all its columns, by what matters of it; the rest is plain. */
export interface AsteriskRowGiven {
  readonly account?: string;
  readonly src?: string;
  readonly dst?: string;
  readonly from?: string;
  readonly to?: string;
  readonly app?: string;
  readonly data?: string;
  readonly disposition?: string;
  readonly seconds?: number;
  /** After 10:00 on the day. */
  readonly minute?: number;
  readonly day?: number;
  readonly group?: string;
  readonly uniqueid?: string;
  readonly sequence?: number;
  /** Whether the row names its call (`linkedid`); it does unless said otherwise. */
  readonly isLinked?: boolean;
}

/** The row as a line, of a call answered at 10:00:05 on 3 November 2026. */
export function asteriskRow(given: AsteriskRowGiven): string {
  const { account = '', src = '200', dst = '0612345678', from = 'PJSIP/200-00000001', day = 3 } = given;
  const { to = 'PJSIP/op-00000002', app = 'Dial', data = `PJSIP/${dst}@op,300,T` } = given;
  const { disposition = 'ANSWERED', seconds = 60, minute = 0, group = '1793696400.1', isLinked = true } = given;
  const { uniqueid = `${group.split('.')[0]}.${parseInt(from.slice(-8), 16) || 9}`, sequence } = given;
  const start = Date.UTC(2026, 10, day, 10, minute);
  const at = (ms: number): string => new Date(start + ms).toISOString().slice(0, 19).replace('T', ' ');
  const own = sequence ?? sequenceOf(JSON.stringify(given));
  const fields = [account, src, dst, 'in', `"A" <${src}>`, from, to, app, data, at(0)];
  const answered = disposition === 'ANSWERED' ? at(5000) : '';
  const times = [answered, at(5000 + seconds * 1000), String(seconds + 5)];
  const billed = [disposition === 'ANSWERED' ? String(seconds) : '0', disposition];
  const ids = ['DOCUMENTATION', uniqueid, '', '', isLinked ? group : '', String(own)];
  return [...fields, ...times, ...billed, ...ids].map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
}

/** A number of its own for each content. */
function sequenceOf(text: string): number {
  let hash = 7;
  for (const char of text) hash = (Math.imul(hash, 31) + char.codePointAt(0)!) & 0x7fff_ffff;
  return hash;
}
