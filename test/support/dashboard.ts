import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PROJECT_ROOT } from './source-files.ts';

const dataSource = z.object({ type: z.literal('prometheus'), uid: z.string() });
const panel = z.object({
  id: z.int().min(1),
  type: z.enum(['row', 'stat', 'table', 'timeseries']),
  title: z.string().min(1),
  gridPos: z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) }),
  datasource: dataSource.optional(),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string().optional() }) }).optional(),
  targets: z.array(z.object({ refId: z.string(), expr: z.string().min(1), datasource: dataSource })).default([]),
});
const dashboard = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.literal(41),
  templating: z.object({ list: z.array(z.object({ name: z.string(), current: z.object({ value: z.string() }) })) }),
  panels: z.array(panel),
});

export type Dashboard = z.infer<typeof dashboard>;

/** Grafana's dashboard, as far as we reckon with it. */
export const DASHBOARD: Dashboard = dashboard.parse(
  JSON.parse(readFileSync(join(PROJECT_ROOT, 'ops/grafana/dashboards/fairtally.json'), 'utf8')),
);

export function panelsOf({ panels }: Dashboard): Dashboard['panels'] {
  return panels;
}

/** Panel and expression of each question that the dashboard asks, with a span of time in place of Grafana's. */
export function dashboardExpressions(): [string, string][] {
  return panelsOf(DASHBOARD).flatMap(({ title, targets }) =>
    targets.map(({ expr }): [string, string] => [title, expr.replaceAll('$__rate_interval', '1m')]),
  );
}
