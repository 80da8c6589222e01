import { isUtf8 } from 'node:buffer';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, MAX_RECORD_BYTES, tooLong, type Decoded, type Format } from '../format.ts';
import { readFreeSwitchDocument } from './freeswitch-document.ts';
import {
  decodeFreeSwitchLeg,
  freeSwitchSettings,
  type FreeSwitchOptions,
  type FreeSwitchSettings,
} from './freeswitch-leg.ts';
import { readTexts } from '../reading/parse-document.ts';
import { unposted } from './posted-document.ts';
import { childOf, parseXml, type XmlElement } from '../reading/xml-tree.ts';

/**
 * FreeSWITCH mod_xml_cdr: one XML document a leg, from a file or as it is posted. It says what mod_json_cdr's document
 * of the leg says, and is read the same way.
 */
export function createFreeSwitchXml(options: FreeSwitchOptions = {}): Format {
  const settings = freeSwitchSettings(options);
  return {
    id: 'freeswitch-xml',
    hasLegs: settings.billedLeg === 'carrier',
    framing: 'xml-documents',
    decode: (buffer, start, end) => readTexts(() => decodeDocument(buffer, start, end, settings)),
    unmatched: settings.unmatched,
  };
}

function decodeDocument(buffer: Buffer, start: number, end: number, settings: FreeSwitchSettings): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  if (!isUtf8(buffer.subarray(start, end))) return bad('invalid-utf8', 'Cannot read the document: it is not UTF-8');
  const text = unposted(buffer.toString('utf8', start, end));
  const root = parseXml(text);
  if (root === null) return bad('not-xml', `Cannot read the document as XML: ${quote(text)}`);
  if (root.name !== 'cdr')
    return bad('not-an-object', `Cannot read the document: its root is ${quote(root.name)}, not 'cdr'`);
  const document = readFreeSwitchDocument(fieldsOf(root));
  if (document === null) return bad('missing-field', "Cannot read the document: it has no 'variables'");
  return decodeFreeSwitchLeg(document, settings);
}

/** The document as mod_json_cdr would have written it. */
function fieldsOf(root: XmlElement): Record<string, unknown> {
  const variables = childOf(root, 'variables');
  return {
    ...root.attributes,
    switchname: root.attributes['switchname'] ?? root.attributes['switch-name'] ?? '',
    channel_data: textsOf(childOf(root, 'channel_data')),
    ...(variables === undefined ? {} : { variables: textsOf(variables) }),
    app_log: { applications: childOf(root, 'app_log')?.children.map(({ attributes }) => attributes) ?? [] },
    callflow: root.children.filter(({ name }) => name === 'callflow').map(callflowOf),
  };
}

function callflowOf(callflow: XmlElement): Record<string, unknown> {
  const profile = childOf(callflow, 'caller_profile');
  const originators = childOf(profile, 'originator')?.children ?? [];
  return {
    caller_profile: {
      ...textsOf(profile),
      originator: {
        originator_caller_profiles: originators
          .filter(({ name }) => name === 'originator_caller_profile')
          .map((originator) => textsOf(originator)),
      },
    },
  };
}

/** Its children's texts by name; what stands several times in FreeSWITCH's array form. */
function textsOf(element: XmlElement | undefined): Record<string, string> {
  const values = new Map<string, string[]>();
  for (const { name, text } of element?.children ?? []) {
    const before = values.get(name);
    if (before === undefined) values.set(name, [text.trim()]);
    else before.push(text.trim());
  }
  return Object.fromEntries(
    [...values].map(([name, texts]) => [name, texts.length === 1 ? (texts[0] ?? '') : `ARRAY::${texts.join('|:')}`]),
  );
}
