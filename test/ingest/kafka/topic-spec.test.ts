import { describe, expect, it } from 'vitest';
import { parseTopicSpec } from '../../../ingest/kafka/topic-spec.ts';

describe('parseTopicSpec()', () => {
  it.each([
    ['cdr', 'cdr', 'canonical-ndjson', true],
    ['cdr,key=account', 'cdr', 'canonical-ndjson', true],
    ['pbx.1,format=freeswitch-json,key=other', 'pbx.1', 'freeswitch-json', false],
    [' ast , format=asterisk-json , switch=pbx , trunk=PJSIP/a-* , trunk=PJSIP/b ', 'ast', 'asterisk-json', true],
  ])('%s', (text, name, format, isKeyedByAccount) => {
    expect(parseTopicSpec(text)).toMatchObject({
      kind: 'topic',
      topic: { name, isKeyedByAccount, reader: { format } },
    });
  });

  it.each([
    ['', [`Cannot use topic '': it is no name that Kafka allows`]],
    ['a b', [`Cannot use topic 'a b': it is no name that Kafka allows`]],
    ['..', [`Cannot use topic '..': it is no name that Kafka allows`]],
    ['cdr,key=line', [`Cannot use key 'line': it is neither account nor other`]],
    ['cdr,key=other,key=account', [`Cannot use setting 'key' twice`]],
    ['cdr,format', [`Cannot use setting 'format': it says nothing`]],
  ])('names what is wrong with %s', (text, faults) => {
    const parsed = parseTopicSpec(text);
    expect(parsed.kind === 'faults' ? parsed.faults : []).toEqual(expect.arrayContaining(faults));
  });

  it('names all that is wrong at once', () => {
    const parsed = parseTopicSpec('c/d,key=x,format=wav,colour=red');
    expect(parsed.kind === 'faults' ? parsed.faults : []).toHaveLength(4);
  });
});
