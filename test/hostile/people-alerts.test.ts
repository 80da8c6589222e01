import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { dashboardExpressions } from '../support/dashboard.ts';
import { promtool } from '../support/promtool.ts';

const exec = promisify(execFile);
const folder = fileURLToPath(new URL('../../ops/prometheus/', import.meta.url));
const rules = readFileSync(`${folder}alerts.yml`, 'utf8');
const CASES = ['alerts.test.yml', 'alerts.days.test.yml'];
const cases = CASES.map((file) => readFileSync(`${folder}${file}`, 'utf8')).join('');
const alerts = [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name = '']) => name);

/** What promtool says of a file; an exit code other than 0 fails the test with it. */
async function ask(...args: readonly string[]): Promise<string> {
  const { stdout } = await exec(await promtool(), [...args], { cwd: folder }).catch((error: unknown) => {
    throw new Error(`promtool ${args.join(' ')}: ${String(Reflect.get(Object(error), 'stdout'))}${String(error)}`);
  });
  return stdout;
}

describe('ops/prometheus/alerts.yml', () => {
  it('is what Prometheus can read', async () => {
    expect(await ask('check', 'rules', 'alerts.yml')).toContain(`SUCCESS: ${alerts.length} rules found`);
  });

  it('has each alert come when it must, and not when it must not', async () => {
    expect(await ask('test', 'rules', ...CASES)).toContain('SUCCESS');
    for (const alert of alerts) {
      const [, comes = ''] = cases.split(`name: ${alert} comes\n`);
      const [, doesNot = ''] = cases.split(`name: ${alert} does not come\n`);
      expect([alert, comes.split('- name:')[0]]).toEqual([alert, expect.stringContaining(`exp_alerts:\n          - `)]);
      expect([alert, doesNot.split('- name:')[0]]).toEqual([alert, expect.stringContaining('exp_alerts: []')]);
    }
  });

  it('and the dashboard ask what Prometheus can read', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'fairtally-dashboard-'));
    try {
      const records = dashboardExpressions().map(
        ([panel, expr], index) =>
          `      - { record: 'q${index}', labels: { panel: ${JSON.stringify(panel)} }, expr: ${JSON.stringify(expr)} }`,
      );
      await writeFile(
        join(temporary, 'rules.yml'),
        ['groups:', '  - name: dashboard', '    rules:', ...records, ''].join('\n'),
      );
      expect(await ask('check', 'rules', join(temporary, 'rules.yml'))).toContain(
        `SUCCESS: ${records.length} rules found`,
      );
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
});
