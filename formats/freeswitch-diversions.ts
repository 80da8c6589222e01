/**
 * Who diverted a call, oldest first, from the SIP headers that FreeSWITCH keeps as variables: numbers or user names.
 * History-Info tells the whole path; Diversion (RFC 5806) is newest first; a redirection by the phone itself is last.
 */
export function diversionsOf(variable: (name: string) => string): readonly string[] {
  const history = historyDiverters(variable('sip_history_info') || variable('sip_h_History-Info'));
  const diversions = headerEntries(variable('sip_h_Diversion')).map(userOf).toReversed();
  const redirected = headerEntries(variable('sip_redirected_by')).map(userOf);
  const found = [...(history.length > 0 ? history : diversions), ...redirected].filter((user) => user !== '');
  // A phone that forwards to itself, or the same hop told by two headers, is one diversion.
  return found.filter((user, index) => user !== found[index - 1]).slice(-MAX_HOPS);
}

const MAX_HOPS = 32;

/** History-Info (RFC 7044) lists targets in order; one diverted when the next was reached for a cause (RFC 4458). */
function historyDiverters(header: string): string[] {
  const entries = headerEntries(header);
  return entries.filter((_, index) => /[;?&]cause=\d{3}/i.test(entries[index + 1] ?? '')).map(userOf);
}

/**
 * Values of a header that may stand several times, joined by commas: commas inside `<…>` and quotes do not part them.
 */
function headerEntries(header: string): string[] {
  const entries: string[] = [];
  let start = 0;
  // Where a sign is not closed from here on, it is not further on either: each is sought once. It parts values, too.
  const isClosed = { '"': true, '<': true };
  for (let at = 0; at <= header.length; at++) {
    const sign = header[at];
    if (sign === '"' || sign === '<') {
      const close = isClosed[sign] ? header.indexOf(sign === '<' ? '>' : sign, at + 1) : -1;
      isClosed[sign] = close >= 0;
      if (close >= 0) {
        at = close;
        continue;
      }
    } else if (sign !== undefined && sign !== ',') continue;
    entries.push(header.slice(start, at).trim());
    start = at + 1;
  }
  return entries.filter((entry) => entry !== '');
}

/** The user part of the URI in a header value: `"A" <sip:+33123456789@host;user=phone>;reason=…` is `+33123456789`. */
export function userOf(value: string): string {
  const open = value.indexOf('<');
  const close = open < 0 ? -1 : value.indexOf('>', open);
  const uri = close < 0 ? value : value.slice(open + 1, close);
  const user = /^\s*(?:(?:sips?|tel):)?([^@;>\s]*)/i.exec(uri)?.[1] ?? '';
  return percentDecoded(user);
}

/** Decodes percent signs once; text that is not well encoded stays as it is. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
