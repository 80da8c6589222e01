import { expect, test } from 'vitest';
import { readLegs } from '../../../formats/call/whole-call.ts';
import { ASTERISK } from '../../support/legs-under-test.ts';

/** Rows of Asterisk 16 of an attended transfer by its feature code: 200 called 06, then 07, and hung up. */
const ROWS = [
  `"200","200","0612345606","phones","","PJSIP/200-0000000c","PJSIP/op-0000000d","Dial","PJSIP/0612345606@op,30,T","2026-11-29 19:51:16","2026-11-29 19:51:16","2026-11-29 19:51:21",5,5,"ANSWERED","DOCUMENTATION","25","","200","25",18`,
  `"200","200","0612345606","phones","","PJSIP/200-0000000c","Local/0612345607@phones-00000002;1","Dial","PJSIP/0612345606@op,30,T","2026-11-29 19:51:21","2026-11-29 19:51:21","2026-11-29 19:51:25",3,3,"ANSWERED","DOCUMENTATION","25","","","25",24`,
  `"200","0612345606","0612345607","phones","","Local/0612345607@phones-00000002;2","PJSIP/op-0000000e","Dial","PJSIP/0612345607@op,30,T","2026-11-29 19:51:21","2026-11-29 19:51:22","2026-11-29 19:51:27",5,5,"ANSWERED","DOCUMENTATION","28","","200","25",23`,
  `"200","0612345607","0612345607","phones","","Local/0612345607@phones-00000002;1","PJSIP/op-0000000d","","","2026-11-29 19:51:25","2026-11-29 19:51:25","2026-11-29 19:51:27",2,2,"ANSWERED","DOCUMENTATION","27","","200","25",27`,
];

test('an attended transfer by the feature code is paid by who made both calls, in any order of its rows', () => {
  for (const rows of [ROWS, ROWS.toReversed()]) {
    const legs = rows.map((row) => {
      const bytes = Buffer.from(row);
      return ASTERISK.decode(bytes, 0, bytes.length).leg!;
    });
    const calls = readLegs(legs).flatMap((reading) => (reading.kind === 'call' ? [reading.content] : []));
    expect(calls.map(({ line, dialled, durationMs }) => [line, dialled, durationMs]).toSorted()).toEqual([
      ['200', '0612345606', 2_000],
      ['200', '0612345606', 5_000],
      ['200', '0612345607', 5_000],
    ]);
  }
});
