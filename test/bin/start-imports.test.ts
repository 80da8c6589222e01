import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const IMPORT = /^(?:import|export)\s+(?!type\b)[^;]*?\sfrom\s+'(\.[^']+)'/gms;
/** Rooms that a command loads only when it is run (`bin/commands-on-demand.ts`). */
const ON_DEMAND = ['api', 'bin/commands', 'engine', 'formats', 'ingest', 'kafka', 'relay', 'services', 'traffic'];

it('a command starts without what other commands need', () => {
  const loaded = filesLoadedBy(join(ROOT, 'bin/main.ts')).map((file) => relative(ROOT, file));
  expect(loaded).toContain('bin/command-line.ts');
  expect(loaded.filter((file) => ON_DEMAND.some((room) => file.startsWith(`${room}/`)))).toEqual([]);
});

/** A file and all that it imports, and they import, as they are loaded; not what is imported on demand. */
function filesLoadedBy(first: string): string[] {
  const files = new Set([first]);
  for (const file of files) {
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) files.add(resolve(dirname(file), path));
  }
  return [...files];
}
