import { describe, expect, test } from 'vitest';
import { parseXml } from '../../../formats/reading/xml-tree.ts';

describe('parseXml()', () => {
  test('reads elements, attributes, texts and entities', () => {
    const text =
      '<?xml version="1.0"?><!-- c --><a x="1" y=\'&quot;&#65;&#x42;\'>t&amp;<b/><c>u<![CDATA[<&>]]></c></a>';
    expect(parseXml(text)).toEqual({
      name: 'a',
      attributes: { x: '1', y: '"AB' },
      text: 't&',
      children: [
        { name: 'b', attributes: {}, text: '', children: [] },
        { name: 'c', attributes: {}, text: 'u<&>', children: [] },
      ],
    });
  });

  test.each([
    '',
    'text',
    '<a>',
    '<a></b>',
    '</a>',
    '<a/><b/>',
    '<a',
    '<a><!-- </a>',
    '<a><![CDATA[ </a>',
    // Nothing is declared, fetched or blown up.
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    `${'<a>'.repeat(33)}${'</a>'.repeat(33)}`,
    `<a>${'<b/>'.repeat(20_001)}</a>`,
  ])('refuses %j', (text) => expect(parseXml(text)).toBe(null));

  test('takes a time that grows with the text', () => {
    const before = process.cpuUsage();
    for (const unit of ['<', '>', '<a>', '&', '&#1;', '<!--', '<?', '="', "x='", '<a x="', '<![CDATA[', ' ']) {
      parseXml(`<a>${unit.repeat(200_000)}`);
      parseXml(`<a ${unit.repeat(200_000)}></a>`);
    }
    expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
  });
});
