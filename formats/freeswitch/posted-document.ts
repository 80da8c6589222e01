/** `cdr=`, the field of the form in which mod_json_cdr and mod_xml_cdr post a document. */
const POSTED = /^cdr=/;

/**
 * The text of a document that was posted in a form, `cdr=%7B…` or, with `encode=base64`, `cdr=eyJ…`; any other text is
 * the document itself. What can't be decoded stays as it is, and is refused as no document.
 */
export function unposted(text: string): string {
  if (!POSTED.test(text)) return text;
  const value = (text.slice('cdr='.length).split('&', 1)[0] ?? '').trim();
  const decoded = formDecoded(value);
  if (/^\s*[{<]/.test(decoded)) return decoded;
  return /^[\w+/=\s-]+$/.test(decoded) ? Buffer.from(value, 'base64').toString('utf8') : decoded;
}

/** Whether a text is a posted document, whatever of it there is yet. */
export function isPostedText(text: string): boolean {
  return POSTED.test(text);
}

function formDecoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    // The head of a stream may end within an escape.
    try {
      return decodeURIComponent(value.replaceAll('+', ' ').replace(/%[0-9a-f]?$/i, ''));
    } catch {
      return value;
    }
  }
}
