import { describe, expect, test } from 'vitest';
import { looksLike } from '../../formats/looks-like.ts';

describe('looksLike()', () => {
  test.each([
    ['', 'it has nothing but blanks'],
    ['\u0000\u0001', 'it holds bytes that are no text'],
    ['hello, world', "it looks like plain text, 'hello, world', where records belong, such as canonical-ndjson"],
    [
      'agent_id,call_length,lead_id\n1,2,3\n',
      "it looks like a table of 3 columns parted by commas: 'agent_id', 'call_length', 'lead_id'; a mapping can say what they are",
    ],
    [
      'calldate;clid;src;dst;dcontext;channel;dstchannel;lastapp;lastdata;duration\n',
      "it looks like a table of 10 columns parted by semicolons: 'calldate', 'clid', 'src', 'dst', 'dcontext', 'channel', " +
        "'dstchannel', 'lastapp' and 2 more; nearest to asterisk-json, by 8 of its fields",
    ],
    [
      '1|2|3\n',
      "it looks like a table without a header, of 3 columns parted by bars, that begins '1|2|3': a mapping can say what they are",
    ],
    [
      '{"call_sid":"a","account_sid":"b","terminated_at":1}',
      "it looks like JSON with the keys 'call_sid', 'account_sid', 'terminated_at'; nearest to jambonz-json, by 3 of its fields",
    ],
    [
      '{\n  call_sid: "a",\n  attempted_at: Date.now()\n}',
      "it looks like JSON, but is none with the keys 'call_sid', 'attempted_at'; nearest to jambonz-json, by 2 of its fields",
    ],
    ['[1,2]', 'it looks like JSON, but is none'],
    ['<?xml version="1.0"?><calls>', "it looks like XML whose root is 'calls', where FreeSWITCH writes 'cdr'"],
  ])('says of %j what it looks like', (text, expected) => expect(looksLike(Buffer.from(text))).toBe(expected));

  test('says it in no time of whatever there is', () => {
    const before = performance.now();
    for (const unit of ['"', '<!--', ':', '{', '|', 'a:', '<?', '"a":']) looksLike(Buffer.from(unit.repeat(20_000)));
    for (const start of ['{', '<', '<!--']) looksLike(Buffer.from(start + 'x '.repeat(30_000)));
    expect(performance.now() - before).toBeLessThan(3_000);
  });
});
