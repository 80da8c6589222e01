import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from './support/source-files.ts';

const LONGEST = 120;
const COMMENT = /^\s*(?:\/\/|\/?\*|--|#)/;
/** A message, a fixture or a pattern may stand in one piece, so that it can be searched for. */
const HOLDS_TEXT = /['"`]|\/.+\//;

const files = globSync('**/*.{ts,js,md,yml,sql}', {
  cwd: PROJECT_ROOT,
  exclude: (path) => /(?:^|\/)(?:node_modules|coverage|dist[.\d]*)(?:\/|$)/.test(path),
}).concat('.ci/run', 'Dockerfile');

/** Made by a program, or kept as it is: a ledger knows each of its migrations by the hash of its text. */
const isFixed = (path: string): boolean => path === 'test/schema.sql' || path.startsWith('ledger/migrations/');

/** `path:line` of what is too long, where `mayBe` does not allow it. */
function tooLong(paths: readonly string[], mayBe: (line: string) => boolean): string[] {
  return paths.flatMap((path) =>
    readFileSync(join(PROJECT_ROOT, path), 'utf8')
      .split('\n')
      .flatMap((line, index) => ([...line].length > LONGEST && !mayBe(line) ? [`${path}:${index + 1}`] : [])),
  );
}

describe(`lines of more than ${LONGEST} characters`, () => {
  it('are in no page but as rows of tables', () => {
    const pages = files.filter((path) => path.endsWith('.md'));
    expect(pages).toContain('README.md');
    expect(tooLong(pages, (line) => /^\s*\|/.test(line))).toEqual([]);
  });

  it('are in no code, but for text that stands in one piece; never in a comment', () => {
    const code = files.filter((path) => !path.endsWith('.md') && !isFixed(path));
    expect(code).toContain('ledger/index.ts');
    expect(tooLong(code, (line) => !COMMENT.test(line) && HOLDS_TEXT.test(line))).toEqual([]);
  });
});
