/** An element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text directly in it. */
  readonly text: string;
}

/** Deeper documents, and ones with more elements, are of no switch. */
const MOST_DEPTH = 32;
const MOST_ELEMENTS = 20_000;

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads an XML document as mod_xml_cdr writes it: elements, attributes, texts, the five named entities and numbered
 * ones. No document types, so nothing is ever fetched or blown up. `null` where it is not well formed.
 */
export function parseXml(text: string): XmlElement | null {
  const stack: OpenElement[] = [];
  let root: XmlElement | null = null;
  let elements = 0;
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('<', at);
    const between = text.slice(at, open < 0 ? text.length : open);
    const parent = stack.at(-1);
    if (parent !== undefined) parent.text += withoutEntities(between);
    else if (between.trim() !== '') return null;
    if (open < 0) break;
    const skipped = skip(text, open);
    if (skipped !== null) {
      if (skipped < 0) return null;
      at = skipped;
      continue;
    }
    if (text.startsWith('<![CDATA[', open)) {
      const end = text.indexOf(']]>', open);
      if (end < 0 || parent === undefined) return null;
      parent.text += text.slice(open + 9, end);
      at = end + 3;
      continue;
    }
    const close = text.indexOf('>', open);
    if (close < 0) return null;
    const tag = text.slice(open + 1, close);
    at = close + 1;
    if (tag.startsWith('/')) {
      const ended = stack.pop();
      if (ended === undefined || ended.name !== tag.slice(1).trim()) return null;
      const outer = stack.at(-1);
      if (outer === undefined) root = ended;
      else outer.children.push(ended);
      continue;
    }
    const element = startedBy(tag);
    if (element === null || root !== null || ++elements > MOST_ELEMENTS || stack.length >= MOST_DEPTH) return null;
    if (!tag.endsWith('/')) stack.push(element);
    else if (parent === undefined) root = element;
    else parent.children.push(element);
  }
  return stack.length === 0 ? root : null;
}

/** The position after a comment or instruction that begins at `open`; below 0 where it does not end; else `null`. */
function skip(text: string, open: number): number | null {
  const end = text.startsWith('<?', open) ? '?>' : text.startsWith('<!--', open) ? '-->' : null;
  if (end === null) return null;
  const found = text.indexOf(end, open);
  return found < 0 ? -1 : found + end.length;
}

const namePattern = /^[\w.:-]+/;

function startedBy(tag: string): OpenElement | null {
  const name = namePattern.exec(tag)?.[0];
  if (name === undefined) return null;
  const rest = tag.slice(name.length).replace(/\/$/, '');
  return { name, attributes: attributesOf(rest), children: [], text: '' };
}

/** `x="1" y='2'`, one after the other, up to what is no attribute. */
function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  const start = /\s*([\w.:-]{1,64})\s*=\s*(["'])/y;
  for (;;) {
    const [, name, quoteSign] = start.exec(text) ?? [];
    if (name === undefined || quoteSign === undefined) return attributes;
    const close = text.indexOf(quoteSign, start.lastIndex);
    if (close < 0) return attributes;
    attributes[name] = withoutEntities(text.slice(start.lastIndex, close));
    start.lastIndex = close + 1;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return ENTITIES[name.toLowerCase()] ?? whole;
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
  });
}

/** The first child of that name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}
