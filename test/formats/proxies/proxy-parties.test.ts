import { describe, expect, it } from 'vitest';
import { createAccRows, createKamailioJson } from '../../../formats/proxies/kamailio.ts';
import type { Format } from '../../../formats/format.ts';

const AT = 1_793_697_300;

function told(format: Format, record: string): string {
  const bytes = Buffer.from(record);
  const decoded = format.decode(bytes, 0, bytes.length);
  if (decoded.kind !== 'call') return decoded.reason;
  const { line, dialled, startedAt, durationMs } = decoded.cdr;
  return `${line} -> ${dialled} from ${startedAt / 1000 - AT} for ${durationMs / 1000}`;
}

function json(fields: object, lineFrom?: readonly string[]): string {
  const format = createKamailioJson({ switchId: 'sip', ...(lineFrom === undefined ? {} : { lineFrom }) });
  const dialog = { callid: 'c1', from_tag: 'a', to_tag: 'b', answer_time: AT, duration: 60, dst_user: '0612345678' };
  return told(format, JSON.stringify({ ...dialog, ...fields }));
}

describe('who called, by a proxy', () => {
  const asserted = '"200" <sip:200@pbx.example>, <tel:+33145670200>';

  it('is whom the network vouches for where the From header hides the caller', () => {
    const ofLine = '200 -> 0612345678 from 0 for 60';
    expect(json({ src_user: 'anonymous', 'P-Asserted-Identity': asserted })).toBe(ofLine);
    expect(json({ from_uri: 'sip:anonymous@anonymous.invalid', hdr_p_asserted_identity: asserted })).toBe(ofLine);
    expect(json({ src_user: 'Restricted', ai: 'sip:200@pbx.example' })).toBe(ofLine);
    expect(json({ pai: asserted })).toBe(ofLine);
    expect(json({ src_user: 'anonymous', caller: '200' })).toBe(ofLine);
  });

  it('is whoever the record names, before that; and nobody else where it names nobody', () => {
    expect(json({ src_user: '300', pai: asserted })).toBe('300 -> 0612345678 from 0 for 60');
    expect(json({ auth_user: '300', from_user: 'anonymous', pai: asserted })).toBe('300 -> 0612345678 from 0 for 60');
    expect(json({ src_user: 'anonymous' })).toBe('anonymous -> 0612345678 from 0 for 60');
    expect(json({})).toBe('no-line');
    expect(json({ mine: 'anonymous', src_user: '300', pai: asserted }, ['mine'])).toBe(
      '200 -> 0612345678 from 0 for 60',
    );
  });

  it.each(['inbound', 'Incoming', 'in', 'terminating'])('is nobody of ours where the direction is %s', (direction) => {
    expect(json({ src_user: '200', direction })).toBe('inbound');
  });

  it.each(['onnet', 'on-net', 'Local'])('pays nothing where the direction is %s', (direction) => {
    expect(json({ src_user: '200', direction })).toBe('internal');
  });

  it.each(['outbound', 'out', ''])('pays where the direction is %j', (direction) => {
    expect(json({ src_user: '200', direction })).toBe('200 -> 0612345678 from 0 for 60');
  });
});

describe('a CDR of OpenSIPS in a flat file', () => {
  const columns = ['src_user', 'dst_user', 'duration', 'ms_duration', 'setuptime', 'created'];

  function row(end: string, extraColumns: readonly string[] = columns, code = 200): string {
    return told(
      createAccRows({ switchId: 'sip', extraColumns }),
      `INVITE|a|b|c1|${code}|OK|${AT}|200|0612345678${end}`,
    );
  }

  it('is a call as long as it says, without its BYE', () => {
    expect(row(`|61|60321|4|${AT - 4}`)).toBe('200 -> 0612345678 from 0 for 60.321');
    expect(row(`|61`, columns.slice(0, 3))).toBe('200 -> 0612345678 from 0 for 61');
    expect(row(`|0|0|4|${AT - 4}`)).toBe('200 -> 0612345678 from 0 for 0');
  });

  it('is none where nobody answered, and half of one where it does not say how long it was', () => {
    expect(row(`|0|0|4|${AT - 4}`, columns, 486)).toBe('unanswered');
    expect(row('')).toBe('half-a-call');
    expect(row('|a minute')).toBe('invalid-field');
  });
});
