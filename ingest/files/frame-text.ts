import { frameBetween, isBlank, isPosted, isSpace, lineEndAfter, skipFieldName } from './frame-records.ts';

const LF = 10;
const CR = 13;

const XML_END = Buffer.from('</cdr>');
const XML_HEAD = Buffer.from('<?xml');
const XML_ROOTS = ['<cdr>', '<cdr '].map((text) => Buffer.from(text));
const LESS_THAN = 0x3c;

/**
 * One XML document of mod_xml_cdr a record, on one line or many, or as it is posted. A document that is broken off
 * ends before a line that begins the next one; bytes between documents make a record of their own, which is refused.
 */
export const frameXml = frameBetween(skipToXml, (buffer, start, used) =>
  isPosted(buffer, start, used) ? lineEndAfter(buffer, start, used) : xmlEnd(buffer, start, used),
);

function skipToXml(buffer: Buffer, from: number, used: number): number {
  return skipFieldName(buffer, skipSpace(buffer, from, used), used, LESS_THAN);
}

function skipSpace(buffer: Buffer, from: number, used: number): number {
  let at = from;
  while (at < used && isSpace(buffer[at])) at++;
  return at;
}

/** The position after the document's end, or where the next one begins before it; -1 when neither is there yet. */
function xmlEnd(buffer: Buffer, start: number, used: number): number {
  // The head of a document, `<?xml …?>`, and its `<cdr>` may stand on two lines: what begins anew is a second head.
  let hasRoot = !begins(XML_HEAD, buffer, start, used);
  for (let at = start; at < used; at++) {
    const byte = buffer[at];
    if (byte === LESS_THAN) {
      if (begins(XML_END, buffer, at, used)) return at + XML_END.length;
    } else if (byte === LF && at > start) {
      if (begins(XML_HEAD, buffer, at + 1, used) || isPosted(buffer, at + 1, used)) return at + 1;
      if (!beginsAny(XML_ROOTS, buffer, at + 1, used)) continue;
      if (hasRoot) return at + 1;
      hasRoot = true;
    }
  }
  return -1;
}

function beginsAny(texts: readonly Buffer[], buffer: Buffer, start: number, used: number): boolean {
  return texts.some((text) => begins(text, buffer, start, used));
}

function begins(text: Buffer, buffer: Buffer, start: number, used: number): boolean {
  return start + text.length <= used && text.compare(buffer, start, start + text.length) === 0;
}

/**
 * Lines up to a blank line are a record, as events are sent as text. A `Content-Length: n` among them adds n bytes of a
 * body after the blank line, as on the event socket, where another header or the end follows it; else it is not
 * believed, so that a wrong length swallows no events.
 */
export const frameBlocks = frameBetween(skipSpace, blockEnd);

/** The position after the block that begins at `start`; -1 when more bytes are needed to tell. */
function blockEnd(buffer: Buffer, start: number, used: number, isEnd: boolean): number {
  let bodyBytes = 0;
  for (let lineStart = start; ;) {
    const lineEnd = buffer.indexOf(LF, lineStart);
    if (lineEnd < 0 || lineEnd >= used) return isEnd ? used : -1;
    const isLast = lineEnd === lineStart || (lineEnd === lineStart + 1 && buffer[lineStart] === CR);
    if (isLast) return bodyBytes === 0 ? lineEnd + 1 : bodyEnd(buffer, lineEnd + 1, bodyBytes, used, isEnd);
    bodyBytes = contentLength(buffer, lineStart, lineEnd) ?? bodyBytes;
    lineStart = lineEnd + 1;
  }
}

const CONTENT_LENGTH = Buffer.from('content-length:');
/** The longest body that is waited for: longer records are refused. */
const MOST_BODY_BYTES = 1_048_576;

function contentLength(buffer: Buffer, lineStart: number, lineEnd: number): number | null {
  if (lineEnd - lineStart < CONTENT_LENGTH.length || lineEnd - lineStart > 64) return null;
  const line = buffer.toString('latin1', lineStart, lineEnd).toLowerCase();
  const digits = /^content-length:[ \t]*(\d{1,7})[ \t\r]*$/.exec(line)?.[1];
  const bytes = Number(digits ?? 0);
  return bytes > 0 && bytes <= MOST_BODY_BYTES ? bytes : null;
}

function bodyEnd(buffer: Buffer, from: number, bytes: number, used: number, isEnd: boolean): number {
  const end = from + bytes;
  if (end > used) return isEnd ? from : -1;
  // What follows must be seen: 256 bytes hold the first header of an event, or all that there is.
  if (end + 256 > used && !isEnd) return -1;
  const seenTo = Math.min(used, end + 256);
  const next = skipSpace(buffer, end, seenTo);
  if (next === used) return end;
  const isHeader = /^[A-Za-z][\w-]*:/.test(buffer.toString('latin1', next, Math.min(used, next + 128)));
  return isHeader && !isBlank(buffer, from, end) ? end : from;
}
