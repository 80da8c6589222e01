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
