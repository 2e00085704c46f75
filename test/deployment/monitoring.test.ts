import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpServer } from '../../src/server/http.ts';
import { startServer } from '../../src/server/server.ts';
import { call } from '../server/client.ts';
import { ServedTables } from '../server/served-tables.ts';
import { requireServices } from '../services/index.ts';
import { alertQueries, compose, dashboard, dashboardQueries, DEPLOYMENT, yaml } from './files.ts';

describe('dashboard and alerts', () => {
  let server: HttpServer;
  const exposed = new Set(['up']);
  beforeAll(async () => {
    server = await startServer(new ServedTables(), {
      host: '127.0.0.1',
      port: 0,
      monotonic: () => performance.now(),
      log: () => undefined,
    });
    const { text } = await call(server.port, '/metrics');
    for (const [, name, type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
      exposed.add(name);
      if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) exposed.add(`${name}_${part}`);
    }
  });
  afterAll(() => server.close());

  it.each([...dashboardQueries(), ...alertQueries()])('$title reads metrics that are there: $expr', ({ expr }) => {
    const names = metricsOf(expr);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !exposed.has(name))).toEqual([]);
  });

  it('the variable reads a metric that is there', () => {
    for (const { query } of dashboard().templating.list) {
      expect(exposed).toContain(/^label_values\((\w+), \w+\)$/.exec(query.query)?.[1]);
    }
  });

  it('panels have ids of their own, do not overlap, and read from the provisioned source', () => {
    const { panels } = dashboard();
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = new Set<string>();
    for (const { title, gridPos } of panels) {
      expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, cells.has(`${x},${y}`)]).toEqual([title, false]);
          cells.add(`${x},${y}`);
        }
      }
    }
    const { datasources } = yaml('deployment/grafana/provisioning/datasources/prometheus.yml') as {
      datasources: { uid: string; url: string }[];
    };
    const uids = panels.flatMap(({ datasource }) => (datasource === undefined ? [] : [datasource.uid]));
    expect([...new Set(uids)]).toEqual([datasources[0].uid]);
    expect(datasources[0].url).toBe('http://prometheus:9090');
  });

  it('Grafana finds the dashboards where they are mounted', () => {
    const { providers } = yaml('deployment/grafana/provisioning/dashboards/headwater.yml') as {
      providers: { options: { path: string } }[];
    };
    expect(compose().services.grafana.volumes).toContain(`./grafana/dashboards:${providers[0].options.path}:ro`);
  });
});

/** Names in PromQL that are followed by neither `(` nor `=`: metrics, once labels in braces and clauses are gone. */
function metricsOf(expr: string): string[] {
  const bare = expr.replace(/\{[^}]*\}/g, ' ').replace(/\[[^\]]*\]/g, ' ');
  const plain = bare.replace(/\b(by|on|without|ignoring)\s*\([^)]*\)/g, ' ');
  return [...plain.matchAll(/[a-z_]\w*(?!\w|\s*\()/gi)].map(([name]) => name).filter((name) => name !== 'and');
}

const available = await requireServices('prometheus');
describe.skipIf(!available)('Prometheus', () => {
  let folder = '';
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'headwater-prometheus-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('accepts its configuration and the rules', () => {
    cpSync(join(DEPLOYMENT, 'prometheus'), folder, { recursive: true });
    const { services } = compose();
    const key = services.prometheus.secrets?.[0].target.replace('/etc/prometheus/', '') ?? '';
    writeFileSync(join(folder, key), 'key\n');
    const output = execFileSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], { encoding: 'utf8' });
    expect(output).toContain('is valid prometheus config file syntax');
    expect(output).toMatch(new RegExp(`${alertQueries().length} rules found`));
  });

  it('scrapes the address that Headwater listens on', () => {
    const [{ targets }] = yaml('deployment/prometheus/targets/headwater.yml') as { targets: string[] }[];
    expect(targets).toEqual(['headwater:8000']);
  });
});
