import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { splitCsvLine, splitLooseCsvLine } from '../../formats/reading/csv-line.ts';
import { detectFormat } from '../../formats/detect-format.ts';

const fixture = (name: string): string => readFileSync(`${import.meta.dirname}/../fixtures/cdr/${name}`, 'utf8');

describe('detectFormat()', () => {
  const call = '{"v":1,"switch":"s","call":"1","line":"L1","to":"1","answered":null,"durationMs":0}';
  test.each([
    ['canonical NDJSON', call, 'canonical-ndjson'],
    ['canonical NDJSON with a broken first record', `{"v":1,"swi\n${call}`, 'canonical-ndjson'],
    ['canonical NDJSON after blank lines', `\n\n${call}`, 'canonical-ndjson'],
    ['one record that is cut', call.slice(0, 60), 'canonical-ndjson'],
    ['FreeSWITCH over many lines', fixture('freeswitch-carrier-leg.json'), 'freeswitch-json'],
    ['FreeSWITCH on one line', JSON.stringify(JSON.parse(fixture('freeswitch-carrier-leg.json'))), 'freeswitch-json'],
    ['FreeSWITCH documents in an array', `[\n${fixture('freeswitch-carrier-leg.json')}\n]`, 'freeswitch-json'],
    [
      'the beginning of a long FreeSWITCH document',
      fixture('freeswitch-carrier-leg.json').slice(0, 400),
      'freeswitch-json',
    ],
    ['canonical CSV', 'durationMs,call,switch,v,line,to,answered\n', 'canonical-csv'],
    ['canonical CSV with a fault in its header', 'call,switch,durationMs,what\r\n', 'canonical-csv'],
    ['Master.csv', fixture('asterisk-master-21.csv'), 'asterisk-csv'],
    ['Master.csv with a broken first row', `"","x\n${fixture('asterisk-master-21.csv')}`, 'asterisk-csv'],
    ['text', 'hello, world', null],
    ['another CSV', 'a,b,c\n1,2,3', null],
    ['another JSON', '{"from":"a","to":"b"}', null],
    ['bytes', '\u0000\u0001\u00ff{}', null],
    ['nothing', '', null],
  ])('tells %s', (_what, text, format) => expect(detectFormat(Buffer.from(text))).toBe(format));
});

describe('splitCsvLine()', () => {
  test.each([
    ['a,b', ['a', 'b']],
    ['', ['']],
    ['a,', ['a', '']],
    ['"a,b","c""d",""', ['a,b', 'c"d', '']],
    ['"a"b,c', null],
    ['"a', null],
    ['a"b', null],
    ['"a"",b', null],
  ])('cuts %s', (line, fields) => expect(splitCsvLine(line)).toEqual(fields));
});

describe('splitLooseCsvLine()', () => {
  test.each([
    ['""Name" <1115>","s",5,,""', ['"Name" <1115>', 's', '5', '', '']],
    ['"a"b","c"', ['a"b', 'c']],
    ['"a', null],
  ])('cuts %s', (line, fields) => expect(splitLooseCsvLine(line)).toEqual(fields));
});
