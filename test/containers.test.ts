import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT, sourceFiles } from './support/source-files.ts';

const textOf = (file: string): string => readFileSync(join(PROJECT_ROOT, file), 'utf8');
const compose = textOf('docker-compose.yml');

describe('docker-compose.yml', () => {
  it('opens ports to this machine alone', () => {
    const ports = [...compose.matchAll(/^ {4}ports:\n((?: {6}- .*\n)+)/gm)].flatMap(([, list = '']) =>
      list.trim().split('\n'),
    );
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.trim().startsWith('- 127.0.0.1:'))).toEqual([]);
  });

  it('has every setting explained in docs/operations.md, and no other is', () => {
    const settings = new Set([...compose.matchAll(/\$\{([A-Z_]+):-/g)].map(([, name]) => name));
    const section = /^## Docker compose$(.*?)^## /ms.exec(textOf('docs/operations.md'))?.[1] ?? '';
    const names = [...section.matchAll(/^- (`[A-Z_]{2,}`(?:, `[A-Z_]{2,}`)*) \(default/gm)];
    const explained = names.flatMap(([, list = '']) => [...list.matchAll(/[A-Z_]{2,}/g)].map(([name]) => name));
    expect(new Set(explained)).toEqual(settings);
  });

  it('runs the servers that the tests run', () => {
    const images = [...compose.matchAll(/^ {4}image: (\S+)$/gm)].map(([, image]) => image);
    expect(images).toEqual([
      'apache/kafka:4.3.1',
      'postgres:18',
      'prom/prometheus:v3.5.0',
      'prom/alertmanager:v0.28.1',
      'grafana/grafana:12.1.1',
    ]);
    expect(textOf('test/support/postgres.ts')).toContain(`'postgres:18'`);
    expect(textOf('test/support/kafka.ts')).toContain(`'4.3.1'`);
  });
});

describe('the image', () => {
  it('holds whatever its files import', () => {
    const kept = [...textOf('.dockerignore').matchAll(/^!([\w-]+)$/gm)].map(([, folder = '']) => folder);
    expect(kept).toContain('bin');
    const missing = sourceFiles(...kept).flatMap(({ path, imports }) =>
      imports.flatMap(({ target }) =>
        target === null || kept.includes(target.split('/')[0] ?? '') ? [] : [`${path} imports ${target}`],
      ),
    );
    expect(missing).toEqual([]);
  });
});
