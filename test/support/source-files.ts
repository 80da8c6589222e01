import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * One import, re-export or dynamic import: as written, and as a path from the project's root when it is one of ours.
 */
export interface Import {
  readonly specifier: string;
  readonly target: string | null;
}

/** A TypeScript source file of the project. */
export interface SourceFile {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text without comments and without what stands in strings and regular expressions; same line numbers. */
  readonly code: string;
  /** Every import, of types too. */
  readonly imports: readonly Import[];
}

/** Every `.ts` file under the folders, in order of path. Empty for a folder that does not exist yet. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => filesUnder(folder)).map(readSource);
}

/** Paths of every `.ts` file under a folder, from the project's root. */
function filesUnder(folder: string): string[] {
  try {
    return readdirSync(join(PROJECT_ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(PROJECT_ROOT, join(entry.parentPath, entry.name)))
      .toSorted();
  } catch {
    return [];
  }
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(PROJECT_ROOT, path), 'utf8');
  return { path, ...scanSource(path, text) };
}

/** What the architecture tests ask of a source text; `path` says what relative imports are relative to. */
export function scanSource(path: string, text: string): Omit<SourceFile, 'path'> {
  return {
    text,
    code: blank(text, 'comments-and-strings'),
    imports: importsIn(path, text),
  };
}

const STATIC_IMPORT = /^[ \t]*(?:import|export)\b(?:[^'";()]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*(['"])([^'"\n]+)\1/g;

function importsIn(path: string, text: string): Import[] {
  const code = blank(text, 'comments');
  return [...code.matchAll(STATIC_IMPORT), ...code.matchAll(DYNAMIC_IMPORT)].map(([, , specifier = '']) => ({
    specifier,
    target: specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : null,
  }));
}

const REGEX_MAY_FOLLOW = /(?:^|[=(,:;[!&|?{}+\-*%<>~^]|\breturn|\btypeof|\bcase)\s*$/;

/** The text with comments (and what stands in strings, templates and regular expressions) turned into spaces. */
function blank(text: string, what: 'comments' | 'comments-and-strings'): string {
  let out = '';
  let at = 0;
  /** Depth of braces at which each open template substitution ends. */
  const substitutions: number[] = [];
  let depth = 0;
  const keep = (end: number) => {
    out += text.slice(at, end);
    at = end;
  };
  const wipe = (end: number) => {
    out += text.slice(at, end).replace(/[^\n]/g, ' ');
    at = end;
  };
  const quoted = (end: number) => {
    if (what === 'comments') return keep(end);
    keep(at + 1);
    wipe(end - 1);
    keep(end);
  };
  while (at < text.length) {
    const here = text[at];
    if (text.startsWith('//', at)) wipe(endOf(text, at, /\n|$/g));
    else if (text.startsWith('/*', at)) wipe(endOf(text, at + 2, /\*\/|$/g, true));
    else if (here === "'" || here === '"') quoted(endOfQuoted(text, at + 1, here));
    else if (here === '/' && REGEX_MAY_FOLLOW.test(out.slice(-40))) quoted(endOf(text, at + 1, REGEX_END, true));
    else if (here === '`' || (here === '}' && substitutions.at(-1) === depth)) {
      if (here === '}') substitutions.pop();
      const end = endOf(text, at + 1, /\\[^]|`|\$\{|$/g, true, (found) => !found.startsWith('\\'));
      if (text.slice(at, end).endsWith('${')) substitutions.push(depth);
      quoted(end);
    } else {
      if (here === '{') depth += 1;
      if (here === '}') depth -= 1;
      keep(at + 1);
    }
  }
  return out;
}

/** A regular expression ends at a slash that is neither escaped nor in a class; it never spans lines. */
const REGEX_END = /(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])*(?:\/|$)/gy;

function endOfQuoted(text: string, from: number, quote: string): number {
  return endOf(text, from, /\\[^]|['"]|\n|$/g, true, (found) => found === quote || found === '\n' || found === '');
}

/** Where the first match from `from` on begins, or ends if `through`; only matches that `ends` accepts count. */
function endOf(
  text: string,
  from: number,
  pattern: RegExp,
  through = false,
  ends: (found: string) => boolean = () => true,
): number {
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (ends(match[0])) return through ? match.index + match[0].length : match.index;
  }
  return text.length;
}
