/**
 * A text as JSON, the same as `JSON.stringify` makes of it. Nearly all texts of records need no escape, and looking
 * through a short one costs less than a call of `JSON.stringify`.
 */
export function jsonString(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Control characters, quotes and backslashes are escaped; so is half of a surrogate pair.
    if (code < 32 || code === 34 || code === 92 || (code >= 0xd8_00 && code <= 0xdf_ff)) return JSON.stringify(text);
  }
  return `"${text}"`;
}
