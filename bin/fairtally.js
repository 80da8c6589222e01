#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node.js must be able to read it, and hand over to the one the project installs.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');

if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
  await import(main);
} else {
  // Ctrl-C goes to the whole group: the child settles its batch and ends, and only then do we.
  process.on('SIGINT', () => {});
  const run = spawnSync(bundledRuntime(), [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
}

function bundledRuntime() {
  const require = createRequire(import.meta.url);
  const { platform, arch } = process;
  for (const name of [`node-${platform}-${arch}`, `node-bin-${platform}-${arch}`]) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
    } catch {
      continue;
    }
  }
  console.error(`fairtally needs Node.js ${NEEDED_MAJOR} or later, this is ${process.versions.node}`);
  console.error(`no bundled runtime for ${platform}-${arch}: install Node.js ${NEEDED_MAJOR} and run again`);
  process.exit(1);
}
