import { type ReactNode, Fragment, createElement } from 'react';

/** A text for one and for many; which, the language says. */
export interface Plural {
  readonly one: string;
  readonly other: string;
}

/** A text with its places filled: `fill('{count} calls', { count: '3' })`. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The same with nodes in its places: texts and nodes in turn. */
export function fillNodes(template: string, values: Readonly<Record<string, ReactNode>>): ReactNode[] {
  return template.split(/(\{\w+\})/).map((part, index) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name === undefined ? part : createElement(Fragment, { key: index }, values[name] ?? part);
  });
}

/** What turns the direction of what follows, and what is not printed at all: a name can pass for another by them. */
const HIDDEN = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/** A text of others with what is hidden in it made visible: `[U+202E]`. */
export function visibleText(text: string): string {
  return text.replaceAll(HIDDEN, (sign) => `[U+${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`);
}
