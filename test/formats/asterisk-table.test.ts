import { describe, expect, it } from 'vitest';
import { createAsteriskJson } from '../../formats/asterisk/asterisk-json.ts';
import type { Decoded } from '../../formats/format.ts';
import { openFormat } from '../../formats/open-format.ts';
import { compileCivilTime } from '../../tariffs/index.ts';

const clock = compileCivilTime('Europe/Paris');
const asterisk = { switchId: 'pbx', clock, trunks: ['PJSIP/op'] };

/** What the lines after the first come to, the format detected from it. */
function read(...lines: readonly string[]): string[] {
  const file = Buffer.from(lines.join('\n'));
  const opened = openFormat(file, { asterisk });
  if (opened.kind === 'unusable') throw new Error(opened.problem);
  const rows = file.subarray(opened.bodyStart).toString().split('\n');
  return rows.map((row) => shown(opened.format.decode(Buffer.from(row), 0, Buffer.byteLength(row))));
}

function shown(decoded: Decoded): string {
  if (decoded.kind !== 'call') return decoded.reason;
  const { line, dialled, startedAt, durationMs } = decoded.cdr;
  return `${line} -> ${dialled} ${new Date(startedAt).toISOString()} ${durationMs / 1000}s`;
}

const CALL = '200 -> 0612345678 2026-11-03T09:00:05.000Z 60s';
const HEADER = ['calldate', 'channel', 'dstchannel', 'src', 'dst', 'lastapp', 'lastdata', 'duration', 'billsec'];
const TAIL = ['disposition', 'accountcode', 'uniqueid', 'linkedid', 'sequence'];
const ROW = ['2026-11-03 10:00:00', 'PJSIP/200-00000001', 'PJSIP/op-00000002', '200', '0612345678', 'Dial'];
const REST = ['PJSIP/0612345678@op', '65', '60', 'ANSWERED', '200', '1793696400.1', '1793696400.1', '1'];

describe('a table of Asterisk calls with a header', () => {
  it.each([',', ';', '\t'])('is read by the names of its columns, separated by %j', (separator) => {
    const header = [...HEADER, ...TAIL].join(separator);
    const row = [...ROW, ...REST].join(separator);
    expect(read(header, row, row.replace('ANSWERED', 'BUSY'), header)).toEqual([
      CALL,
      'disposition-conflict',
      'header',
    ]);
    expect(read(header.toUpperCase(), row)).toEqual([CALL]);
    expect(read(header, `${row}${separator}x${separator}y`)).toEqual(['column-count']);
  });

  it('is answered when its ringing is over, and says so of what can not be', () => {
    const header = [...HEADER, ...TAIL].join();
    const row = [...ROW, ...REST].join();
    expect(read(header, row.replace(',65,60,', ',NULL,60,'))).toEqual(['invalid-field']);
    expect(read(header, row.replace(',65,60,', ',59,60,'))).toEqual(['invalid-field']);
    expect(read(header, row.replace('1793696400.1,1793696400.1,1', 'NULL,NULL,NULL'))).toEqual([CALL]);
    expect(read(header, row.replace('ANSWERED', '8'))).toEqual(['invalid-field']);
  });

  it('may be a Master.csv that was given one', () => {
    const header = `${HEADER.slice(1).join()},start,answer,end,${TAIL.join()}`;
    const times = '2026-11-03 10:00:00,2026-11-03 10:00:05,2026-11-03 10:01:05';
    const row = `${ROW.slice(1).join()},${REST.slice(0, 3).join()},${times},${REST.slice(3).join()}`;
    expect(read(header, row)).toEqual([CALL]);
  });
});

describe('an event of the manager interface', () => {
  const event = {
    Event: 'Cdr',
    AccountCode: '200',
    Source: '200',
    Destination: '0612345678',
    Channel: 'PJSIP/200-00000001',
    DestinationChannel: 'PJSIP/op-00000002',
    LastApplication: 'Dial',
    LastData: 'PJSIP/0612345678@op',
    StartTime: '2026-11-03 10:00:00',
    AnswerTime: '2026-11-03 10:00:05',
    EndTime: '2026-11-03 10:01:05',
    Duration: '65',
    BillableSeconds: '60',
    Disposition: 'ANSWERED',
    UniqueID: '1793696400.1',
    linkedid: '1793696400.1',
    sequence: '1',
  };

  function decoded(given: object): Decoded {
    const bytes = Buffer.from(JSON.stringify({ ...event, ...given }));
    return createAsteriskJson({ ...asterisk }).decode(bytes, 0, bytes.length);
  }

  it('is read by its own names, by the clock of the switch; other events are counted', () => {
    expect(shown(decoded({}))).toBe(CALL);
    expect(decoded({}).leg).toMatchObject({ switchId: 'pbx', groupId: '1793696400.1', legId: '1793696400.1#1' });
    expect(shown(decoded({ Event: 'Hangup' }))).toBe('other-event');
    expect(shown(decoded({ DestinationChannel: '' }))).toBe('application');
  });
});
