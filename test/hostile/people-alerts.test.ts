import { healthGauge } from '../../operating/health-gauge.ts';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Gauge, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { WorkerMetrics } from '../../ingest/kafka/worker-metrics.ts';
import { RelayMetrics } from '../../relay/relay-metrics.ts';
import { promtool } from '../support/promtool.ts';

const exec = promisify(execFile);
const folder = fileURLToPath(new URL('../../ops/prometheus/', import.meta.url));
const rules = readFileSync(`${folder}alerts.yml`, 'utf8');
const cases = readFileSync(`${folder}alerts.test.yml`, 'utf8');
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
    expect(await ask('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
    for (const alert of alerts) {
      const [, comes = ''] = cases.split(`name: ${alert} comes\n`);
      const [, doesNot = ''] = cases.split(`name: ${alert} does not come\n`);
      expect([alert, comes.split('- name:')[0]]).toEqual([alert, expect.stringContaining(`exp_alerts:\n          - `)]);
      expect([alert, doesNot.split('- name:')[0]]).toEqual([alert, expect.stringContaining('exp_alerts: []')]);
    }
  });

  it('names no metric that the code does not have', async () => {
    const named = [...new Set(rules.match(/\bfairtally_\w+/g) ?? [])];
    expect(named.length).toBeGreaterThan(10);
    const known = metricNames();
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('has a section of the runbook for each alert', () => {
    const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const sections = [...operations.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const runbooks = [...rules.matchAll(/runbook: docs\/operations\.md#(\S+)$/gm)].map(([, anchor = '']) => anchor);
    expect(runbooks).toHaveLength(alerts.length);
    expect(runbooks.filter((anchor) => !sections.includes(anchor))).toEqual([]);
  });
});

describe('every metric', () => {
  it('is explained in the reference', () => {
    const pages = ['kafka', 'events'].map((page) =>
      readFileSync(new URL(`../../docs/reference/${page}.md`, import.meta.url), 'utf8'),
    );
    expect(metricNames().filter((name) => !pages.some((page) => page.includes(`\`${name}`)))).toEqual([]);
  });
});

function metricNames(): string[] {
  const health = new Registry();
  health.registerMetric(
    new Gauge({ ...healthGauge(() => ({ isHealthy: true, reasons: [], stopped: [] })), registers: [] }),
  );
  return [new WorkerMetrics().registry, new RelayMetrics().registry, health].flatMap((registry) =>
    registry.getMetricsAsArray().map(({ name }) => name),
  );
}
