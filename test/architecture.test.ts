import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONDITIONS, CONDITION_IDS, CallFlag, type Offer, conditionById, isFindingCondition } from '../rules/index.ts';
import { PROJECT_ROOT, scanSource, sourceFiles, type SourceFile } from './support/source-files.ts';

const PURE = ['tariffs', 'rules', 'rater'];
const UP_TO_ENGINE = [...PURE, 'formats', 'ledger', 'operating', 'engine'];
const ALL_BUT_PROGRAMS = [...UP_TO_ENGINE, 'kafka', 'ingest', 'services', 'relay'];

/** What each room may import of the others: one direction, from the pure core outwards. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  tariffs: [],
  rules: ['tariffs'],
  rater: ['tariffs', 'rules'],
  formats: PURE,
  traffic: ['tariffs'],
  ledger: PURE,
  operating: ['ledger'],
  kafka: ['operating'],
  engine: UP_TO_ENGINE,
  ingest: [...UP_TO_ENGINE, 'kafka'],
  services: UP_TO_ENGINE,
  relay: [...UP_TO_ENGINE, 'kafka', 'services'],
  api: ALL_BUT_PROGRAMS,
  // Its pages know the API's types.
  console: ['api'],
  // `fairtally serve` starts the API and serves the console, and knows no more of them.
  bin: [...ALL_BUT_PROGRAMS, 'traffic', 'api', 'console'],
  bench: [...ALL_BUT_PROGRAMS, 'traffic', 'bin', 'console'],
};

/** npm packages at the edge of `tariffs`; `rules` and `rater` have none. */
const TARIFFS_PACKAGES = ['decimal.js', 'csv-parse/sync', 'zod'];
/** Folders of programs, without an `index.ts`: any of their files may be imported by those that may import them. */
const WITHOUT_INDEX = ['bin'];
/** Benchmarks time single steps of a folder, which its index.ts has no reason to show to others. */
const MAY_LOOK_INSIDE = ['bench'];
/**
 * The only imports against the direction: benchmarks run on the servers that tests start, and leave as little behind.
 */
const AGAINST_THE_DIRECTION = [
  'bench/child-command.ts imports test/support/servers/reaper.ts',
  'bench/console.ts imports test/console/support/browser.ts',
  'bench/console.ts imports test/console/support/opened-console.ts',
  'bench/console.ts imports test/console/support/served.ts',
  'bench/kafka.ts imports test/support/kafka.ts',
  'bench/postgres-server.ts imports test/support/postgres.ts',
  'bench/registrations.ts imports test/support/kafka.ts',
  'bench/served.ts imports test/support/servers/free-port.ts',
];

const BANNED_IN_PURE: readonly (readonly [string, RegExp])[] = [
  ['process', /(?<![.\w$])process\b/],
  ['Date.now', /\bDate\.now\b/],
  ['new Date()', /\bnew Date\b\s*(?:\(\s*\)|(?!\s*\())/],
  ['Date() as a function', /(?<!new )\bDate\(/],
  ['Math.random', /\bMath\.random\b/],
  ['performance', /(?<![.\w$])performance\b/],
  ['fetch', /(?<![.\w$])fetch\b/],
  ['a timer', /(?<![.\w$])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/],
  ['console', /(?<![.\w$])console\b/],
  ['globalThis', /\bglobalThis\b/],
  ['require', /(?<![.\w$])require\(/],
];

const product = sourceFiles(...Object.keys(MAY_IMPORT));
const pure = product.filter(({ path }) => PURE.includes(folderOf(path)));
const tests = sourceFiles('test');

function folderOf(path: string): string {
  return path.split('/')[0] ?? '';
}

/** `path:line` of every match in the code of the files, for a message that can be clicked. */
function placesOf(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, code }) =>
    code.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

describe('imports between folders', () => {
  it('go one way: tariffs <- rules <- rater <- ledger <- engine <- ingest, services, relay <- api, bin', () => {
    const wrong = product.flatMap(({ path, imports }) => {
      const folder = folderOf(path);
      const allowed = [folder, ...(MAY_IMPORT[folder] ?? [])];
      return imports.flatMap(({ target }) =>
        target === null || allowed.includes(folderOf(target)) ? [] : [`${path} imports ${target}`],
      );
    });
    expect(wrong).toEqual(AGAINST_THE_DIRECTION);
  });

  it('name nothing but the index.ts of another folder', () => {
    const bound = product.filter(({ path }) => !MAY_LOOK_INSIDE.includes(folderOf(path)));
    const wrong = bound.flatMap(({ path, imports }) =>
      imports.flatMap(({ target }) => {
        if (target === null || folderOf(target) === folderOf(path)) return [];
        if (target === `${folderOf(target)}/index.ts` || WITHOUT_INDEX.includes(folderOf(target))) return [];
        return [`${path} imports ${target}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('name kafkajs in kafka/ alone', () => {
    const wrong = product.filter(
      ({ path, imports }) =>
        !['kafka', 'bench'].includes(folderOf(path)) && imports.some(({ specifier }) => /^kafkajs\b/.test(specifier)),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('are named by no index.ts but that of the folder itself', () => {
    const barrels = product.filter(({ path }) => basename(path) === 'index.ts' && path.split('/').length > 2);
    expect(barrels.map(({ path }) => path)).toEqual([]);
    const inside = product.flatMap(({ path, imports }) =>
      imports.flatMap(({ target }) => (target === `${folderOf(path)}/index.ts` ? [path] : [])),
    );
    expect(inside).toEqual([]);
  });
});

describe('the fast lane', () => {
  it('is used by no other file of rater/ than its index.ts, and by offers, which ask whether the lane knows them', () => {
    const users = product.flatMap(({ path, imports }) =>
      imports.flatMap(({ target }) =>
        path.startsWith('rater/fast/') || !target?.startsWith('rater/fast/') ? [] : [`${path} imports ${target}`],
      ),
    );
    expect(users.filter((text) => !text.startsWith('rater/index.ts '))).toEqual([
      'rater/rate/compiled-offer.ts imports rater/fast/known-to-fast-lane.ts',
    ]);
  });
});

describe('every room', () => {
  it('has a README.md', () => {
    const rooms = Object.keys(MAY_IMPORT).filter((room) => existsSync(join(PROJECT_ROOT, room)));
    expect(rooms.filter((room) => !existsSync(join(PROJECT_ROOT, room, 'README.md')))).toEqual([]);
  });
});

describe('files', () => {
  it('import each other in no cycle, not even types', () => {
    const imported = new Map(product.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])]));
    expect(cyclesIn(imported)).toEqual([]);
  });
});

/** One path for each import that leads back to a file on the way to it. */
function cyclesIn(imported: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) cycles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    if (way.includes(path) || done.has(path)) return;
    for (const target of imported.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of imported.keys()) visit(path, []);
  return cycles;
}

describe('the pure folders tariffs, rules and rater', () => {
  it('import nothing of node, and no package but those at the edge of tariffs', () => {
    const wrong = pure.flatMap(({ path, imports }) => {
      const allowed = folderOf(path) === 'tariffs' ? TARIFFS_PACKAGES : [];
      return imports.flatMap(({ specifier, target }) =>
        target !== null || allowed.includes(specifier) ? [] : [`${path} imports ${specifier}`],
      );
    });
    expect(wrong).toEqual([]);
  });

  it.each(BANNED_IN_PURE)('never use %s', (_, pattern) => {
    expect(placesOf(pure, pattern)).toEqual([]);
  });

  it('use Intl in tariffs alone, where civil time is compiled', () => {
    expect(placesOf(pure, /(?<![.\w$])Intl\b/).filter((place) => !place.startsWith('tariffs/civil-time.ts:'))).toEqual(
      [],
    );
  });

  it('use Buffer as a type alone', () => {
    expect(placesOf(pure, /\bBuffer[.(]/)).toEqual([]);
  });
});

describe('packages', () => {
  const manifest: Readonly<Record<'dependencies' | 'devDependencies', Record<string, string>>> = JSON.parse(
    readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'),
  );
  const shipped = product.filter(({ path }) => !['bench', 'console'].includes(folderOf(path)));
  const used = packagesOf(shipped);

  it('of the console are packages of development: they are built into its pages', () => {
    const built = packagesOf(product.filter(({ path }) => folderOf(path) === 'console'));
    expect(built.filter(({ name }) => !(name in manifest.devDependencies))).toEqual([]);
  });

  it('are all named in package.json', () => {
    expect(used.filter(({ name }) => !(name in manifest.dependencies))).toEqual([]);
  });

  it('are all used, those that package.json names', () => {
    const names = new Set(used.map(({ name }) => name));
    expect(Object.keys(manifest.dependencies).filter((name) => !names.has(name))).toEqual([]);
  });
});

function packagesOf(files: readonly SourceFile[]): { readonly path: string; readonly name: string }[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, target }) =>
      target !== null || specifier.startsWith('node:') ? [] : [{ path, name: packageName(specifier) }],
    ),
  );
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

describe('every source file', () => {
  const all = [...product, ...tests];

  it('has no any', () => {
    expect(placesOf(all, /(?<![.\w$'])any\b(?!\s*[:(])/)).toEqual([]);
  });

  it('has no default export', () => {
    // vite wants one.
    const asked = all.filter(({ path }) => path !== 'console/vite.config.ts');
    expect(placesOf(asked, /^\s*export\s+default\b|\bas\s+default\b/)).toEqual([]);
  });

  it('has no enum and no namespace', () => {
    expect(placesOf(all, /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s|^\s*(?:export\s+)?namespace\s/)).toEqual(
      [],
    );
  });

  it('is named in kebab-case, for what it holds: no utils, helpers, common or lib', () => {
    const wrong = all.filter(({ path }) =>
      path.split('/').some((part) => /^(?:utils?|helpers?|common|lib|misc)(?:\.ts)?$/.test(part)),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
    expect(all.filter(({ path }) => !/^[a-z0-9./-]+$/.test(path)).map(({ path }) => path)).toEqual([]);
  });

  it('has at most 400 lines, outside tests', () => {
    const long = product.filter(({ text }) => text.split('\n').length > 401);
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length - 1} lines`)).toEqual([]);
  });
});

/** Where else ids of conditions may stand in the code: made-up traffic plans its breaches apart from the rules. */
const MAY_NAME_CONDITIONS = /^traffic\//;
/** `equipment` is also a fact of a line: its column, and its type. */
const NAMES_THE_FACT: Readonly<Record<string, RegExp>> = {
  equipment: /\['equipment'\]|'mobility', 'equipment'|readChoice\(row, 'equipment'/,
};

function read(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8');
}

describe('each condition of rules/conditions.ts', () => {
  const offers = readdirSync(join(PROJECT_ROOT, 'rules/offers')).map((name): Offer =>
    JSON.parse(read(`rules/offers/${name}`)),
  );
  const oracle = tests.filter(({ path }) => path.startsWith('test/support/oracle/'));
  const oracleFile = (name: string): string => oracle.find(({ path }) => path.endsWith(`/${name}`))?.text ?? '';

  it('is in an offer of rules/offers, and no other is', () => {
    const used = new Set(offers.flatMap(({ conditions }) => conditions.map(({ id }) => id)));
    expect([...used].toSorted()).toEqual(CONDITION_IDS.toSorted());
  });

  it.each(CONDITION_IDS)('%s has a module in rules/ and tests that bear its id', (id) => {
    expect(product.map(({ path }) => path)).toContain(`rules/${id}.ts`);
    const titles = tests
      .filter(({ path }) => path === `test/rules/${id}.test.ts`)
      .flatMap(({ text }) => [...text.matchAll(/\b(?:describe|it|test)\(\s*(['"`])(.*?)\1/g)].map((match) => match[2]));
    expect(titles.filter((title) => title?.includes('article 7') && title.includes(id))).not.toEqual([]);
  });

  it.each(CONDITION_IDS)('%s is known to the oracle, to its figures and to its histories', (id) => {
    const without = ['evidence.ts', 'history-offers.ts'].filter((name) => !oracleFile(name).includes(`case '${id}'`));
    expect(without).toEqual([]);
    expect(oracleFile('oracle.test.ts')).toContain(`'${id}'`);
  });

  it.each(CONDITION_IDS)('%s is explained in docs/reference/reasons.md', (id) => {
    expect(read('docs/reference/reasons.md')).toMatch(new RegExp(`^- \`${id}\`: .+`, 'm'));
  });

  it.each(CONDITION_IDS.filter(isFindingCondition))('%s has evidence in the events of cases', (id) => {
    const events = ['case.opened', 'case.decided', 'case.withdrawn'];
    expect(events.filter((name) => !read(`docs/reference/schemas/${name}.json`).includes(`"${id}"`))).toEqual([]);
  });

  it.each(CONDITION_IDS)('%s is named by its id in its module alone', (id) => {
    const named = product.flatMap(({ path, text }) => {
      // The console has a word for each in two languages, and their completion.
      if (path === `rules/${id}.ts` || MAY_NAME_CONDITIONS.test(path) || folderOf(path) === 'console') return [];
      return text.split('\n').flatMap((line, index) => {
        const isNamed = line.includes(`'${id}'`) && NAMES_THE_FACT[id]?.test(line) !== true;
        return isNamed && !/^\s*(?:\*|\/[/*])/.test(line) ? [`${path}:${index + 1}`] : [];
      });
    });
    expect(named).toEqual([]);
  });

  it.each(CONDITION_IDS)('%s shares no flag with another', (id) => {
    const others = CONDITIONS.filter((other) => other.id !== id);
    const { flags } = conditionById(id);
    expect(others.filter((other) => (other.flags & flags) !== 0).map((other) => other.id)).toEqual([]);
  });
});

it('no flag of a call has a bit of another, or more bits than the ledger keeps', () => {
  const flags = Object.values(CallFlag);
  expect(flags.reduce((sum: number, flag) => sum + flag, 0)).toBe(2 ** flags.length - 1);
  expect(Math.max(...flags)).toBeLessThan(2 ** 15);
});

/** The imports of a text that would be rater/month/holds.ts. */
function importsOf(text: string): string[] {
  return scanSource('rater/month/holds.ts', text).imports.map(({ target, specifier }) => target ?? specifier);
}

describe('scanSource(), on which all of this stands', () => {
  it('sees every kind of import, over several lines too', () => {
    const text = `import type { A } from './a.ts';
import {
  b,
  type B,
} from '../../rules/index.ts';
export { c } from "zod";
export * from './d.ts';
import './e.ts';
const f = await import('node:fs');
`;
    expect(importsOf(text)).toEqual([
      'rater/month/a.ts',
      'rules/index.ts',
      'zod',
      'rater/month/d.ts',
      'rater/month/e.ts',
      'node:fs',
    ]);
  });

  it('sees none in comments and strings', () => {
    const text = `// import './a.ts';
/* import './b.ts';
import './c.ts'; */
const d = "import './d.ts'";
`;
    expect(importsOf(text)).toEqual([]);
  });

  it('blanks comments, strings, templates and regular expressions, and nothing else', () => {
    const text = [
      "const a = 'process'; // process",
      'const b = `process ${Date.now()} process ${`${{ c: 1 }.c} process`} process`;',
      'const d = /process["\'`]/.test(a) ? 8 / 2 : 1 / 2; process.exit();',
      "const e = 'it\\'s'; fetch(e);",
    ].join('\n');
    const { code } = scanSource('rater/month/holds.ts', text);
    expect(code.match(/process/g)).toEqual(['process']);
    expect(code).toContain('Date.now()');
    expect(code).toContain('{ c: 1 }.c');
    expect(code).toContain('8 / 2 : 1 / 2; process.exit();');
    expect(code).toContain('fetch(e);');
    expect(code.split('\n')).toHaveLength(4);
  });

  it('finds every file there is', () => {
    expect(product.length).toBeGreaterThan(80);
    expect(pure.map(({ path }) => path)).toContain('rater/month/holds.ts');
  });
});
