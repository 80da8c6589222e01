import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gauge, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ApiMetrics } from '../../api/metrics.ts';
import { WorkerMetrics } from '../../ingest/kafka/worker-metrics.ts';
import { healthGauge } from '../../operating/health-gauge.ts';
import { RelayMetrics } from '../../relay/relay-metrics.ts';
import { PROJECT_ROOT } from '../support/source-files.ts';
import { DASHBOARD, dashboardExpressions, panelsOf } from '../support/dashboard.ts';
import { openEmptyTestDatabase } from '../support/test-database.ts';

const textOf = (file: string): string => readFileSync(join(PROJECT_ROOT, file), 'utf8');
const rules = textOf('ops/prometheus/alerts.yml');

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

/** Every metric that a worker, a relay or the API has at `/metrics`. */
async function exposed(): Promise<readonly Metric[]> {
  const db = await openEmptyTestDatabase('postgres');
  const health = new Registry();
  health.registerMetric(
    new Gauge({ ...healthGauge(() => ({ isHealthy: true, reasons: [], stopped: [] })), registers: [] }),
  );
  try {
    const registries = [new WorkerMetrics().registry, new RelayMetrics().registry, new ApiMetrics(db).registry, health];
    return registries.flatMap((registry) =>
      registry.getMetricsAsArray().map((metric) => ({
        name: metric.name,
        type: metric instanceof Gauge ? 'gauge' : metric.constructor.name.toLowerCase(),
        labelNames: Reflect.get(metric, 'labelNames') as string[],
      })),
    );
  } finally {
    await db.close();
  }
}

/** The labels that Prometheus adds, beside those of a histogram's series. */
const ADDED = ['job', 'instance', 'alertname', 'alertstate'];

/** What is wrong with an expression's names: metrics that nobody exposes, and labels that no metric of it has. */
function faultsOf(expression: string, metrics: readonly Metric[]): string[] {
  const faults: string[] = [];
  const labels = new Set(ADDED);
  for (const [name] of expression.matchAll(/\bfairtally_\w+/g)) {
    const [, base = '', part] = /^(.*?)(_bucket|_sum|_count)?$/.exec(name) ?? [];
    const found = metrics.filter((metric) =>
      metric.type === 'histogram' ? part !== undefined && metric.name === base : metric.name === name,
    );
    if (found.length === 0) faults.push(`nobody exposes ${name}`);
    for (const label of found.flatMap(({ labelNames }) => labelNames)) labels.add(label);
    if (part === '_bucket') labels.add('le');
  }
  const named = [
    ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',')),
    ...[...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) =>
      [...list.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    ),
  ];
  for (const label of named) if (!labels.has(label.trim())) faults.push(`no metric of it has the label '${label}'`);
  return faults;
}

/** Alert and expression of each rule. */
function ruleExpressions(): [string, string][] {
  return rules
    .split(/^ +- alert: /m)
    .slice(1)
    .map((rule) => {
      const [, expression = ''] = /^ +expr: (?:>-\n)?(.*?)\n +(?:for|labels):/ms.exec(rule) ?? [];
      return [rule.slice(0, rule.indexOf('\n')), expression];
    });
}

describe('the alerts and the dashboard', () => {
  it('name metrics and labels that we expose', async () => {
    const metrics = await exposed();
    const all = [...ruleExpressions(), ...dashboardExpressions()];
    expect(all.length).toBeGreaterThan(60);
    expect(all.flatMap(([where, expression]) => faultsOf(expression, metrics).map((f) => `${where}: ${f}`))).toEqual(
      [],
    );
    expect(faultsOf('sum by (nobody) (fairtally_position{nothing="x"}) > fairtally_batch_seconds', metrics)).toEqual([
      'nobody exposes fairtally_batch_seconds',
      "no metric of it has the label 'nobody'",
      "no metric of it has the label 'nothing'",
    ]);
  });

  it('leave no metric unwatched', async () => {
    const shown = dashboardExpressions()
      .map(([, expression]) => expression)
      .join('\n');
    const names = (await exposed()).map(({ name }) => name);
    // How many messages hold no record is no matter of operating.
    const unwatched = names.filter((name) => !shown.includes(name) && !rules.includes(name));
    expect(unwatched).toEqual(['fairtally_empty_messages_total']);
  });

  it('are explained: every metric in the reference, every alert by a summary, a description and a runbook', async () => {
    const pages = ['reference/kafka', 'reference/events', 'operations'].map((page) => textOf(`docs/${page}.md`));
    const names = (await exposed()).map(({ name }) => name);
    expect(names.filter((name) => !pages.some((page) => page.includes(`\`${name}`)))).toEqual([]);
    const sections = [...textOf('docs/operations.md').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const rule of rules.split(/^ +- alert: /m).slice(1)) {
      const annotations = [...rule.matchAll(/^ {10}(\w+): /gm)].map(([, name]) => name);
      expect([rule, annotations]).toEqual([rule, ['summary', 'description', 'runbook']]);
      const [, anchor] = /runbook: docs\/operations\.md#(\S+)$/m.exec(rule) ?? [];
      expect(sections).toContain(anchor);
    }
  });
});

describe('the dashboard', () => {
  it('has a place, a title and a unit for each panel, and none over another', () => {
    const panels = panelsOf(DASHBOARD);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      expect([title, gridPos.x + gridPos.w <= 24, title !== '']).toEqual([title, true, true]);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([x, y, taken.get(`${x} ${y}`) ?? null]).toEqual([x, y, null]);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
    const units = panels.filter(({ type }) => type === 'stat' || type === 'timeseries');
    expect(units.filter(({ fieldConfig }) => fieldConfig?.defaults.unit === undefined)).toEqual([]);
  });

  it('asks the data source that Grafana is given, and asks no other host', () => {
    const provisioned = textOf('ops/grafana/provisioning/datasources/prometheus.yml');
    const [chosen] = DASHBOARD.templating.list;
    expect(provisioned).toContain(`uid: ${chosen?.current.value}\n`);
    expect(DASHBOARD.panels.flatMap(({ datasource }) => datasource?.uid ?? [])).toSatisfy((uids: string[]) =>
      uids.every((uid) => uid === '${datasource}'),
    );
    expect(JSON.stringify(DASHBOARD)).not.toMatch(/https?:/);
  });
});
