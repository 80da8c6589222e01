import { randomBytes } from 'node:crypto';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Letters and digits that nobody can foresee, each as likely as any other. */
export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    const value = randomBytes(1)[0]! & 63;
    if (value < LETTERS.length) text += LETTERS[value];
  }
  return text;
}
