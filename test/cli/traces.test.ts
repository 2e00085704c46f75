import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Command } from './command.ts';

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { key: string; value: Readonly<Record<string, unknown>> }[];
}

/** What OTLP over HTTP brings as JSON: spans, and the service's name beside each. */
async function collector(): Promise<{ url: string; spans: (OtlpSpan & { service: unknown })[]; close: () => void }> {
  const spans: (OtlpSpan & { service: unknown })[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      expect(request.url).toBe('/v1/traces');
      const { resourceSpans } = JSON.parse(text) as {
        resourceSpans: { resource: { attributes: OtlpSpan['attributes'] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
      };
      for (const { resource, scopeSpans } of resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue;
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) spans.push({ ...span, service });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, close: () => server.close() };
}

const SQL = `
SET 'pipeline.name' = 'clicks';
CREATE TABLE clicks (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen', 'number-of-rows' = '100', 'fields.k.min' = '7', 'fields.k.max' = '7');
CREATE TABLE totals (k INT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
INSERT INTO totals SELECT k, COUNT(*) FROM clicks GROUP BY k;
`;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

describe('traces', () => {
  it('of epochs and requests go to the collector that the environment names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headwater-traces-'));
    const { url, spans, close } = await collector();
    try {
      const file = join(folder, 'clicks.sql');
      writeFileSync(file, SQL);
      const command = new Command(['run', file, '--data-dir', join(folder, 'data'), '--port', '0', '--keep-serving'], {
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      });
      await command.printed(/clicks finished/);
      const base = await command.url();
      const headers = { traceparent: `00-${TRACE}-${CALLER}-01` };
      expect((await fetch(`${base}/v1/features/totals/7`, { headers })).status).toBe(200);
      expect((await fetch(`${base}/nothing`)).status).toBe(404);
      command.kill('SIGTERM');
      await command.ended;

      const attributes = (span: OtlpSpan) => Object.fromEntries(span.attributes.map(({ key, value }) => [key, value]));
      const last = spans.filter(({ name }) => name === 'epoch').at(-1);
      if (last === undefined) throw new Error('no epoch was traced');
      expect(last).toMatchObject({ service: 'headwater', kind: 1 });
      expect(attributes(last)).toMatchObject({
        'headwater.job': { stringValue: 'clicks' },
        'headwater.epoch': { intValue: expect.anything() },
        'headwater.output_bytes': { intValue: expect.anything() },
      });
      const parts = spans.filter(({ parentSpanId }) => parentSpanId === last.spanId);
      expect(parts.map(({ name }) => name).sort()).toEqual(['commit', 'snapshot']);
      for (const { startTimeUnixNano, endTimeUnixNano } of [last, ...parts]) {
        expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
        expect(Math.abs(Number(BigInt(endTimeUnixNano) / 1_000_000n) - Date.now())).toBeLessThan(120_000);
      }

      const lookup = spans.find(({ name }) => name === 'GET /v1/features/:table/:key');
      expect(lookup).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, kind: 2 });
      expect(lookup && attributes(lookup)).toMatchObject({ 'http.response.status_code': { intValue: 200 } });
      expect(spans.find(({ name }) => name === 'GET')?.parentSpanId ?? '').toBe('');
    } finally {
      close();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);

  it('are not even begun where it names none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headwater-traces-'));
    const { spans, close } = await collector();
    try {
      const file = join(folder, 'clicks.sql');
      writeFileSync(file, SQL);
      const command = new Command(['run', file, '--data-dir', join(folder, 'data'), '--port', '0']);
      expect((await command.ended).code).toBe(0);
      expect(spans).toEqual([]);
    } finally {
      close();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);

  it('that cannot be sent change nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headwater-traces-'));
    try {
      const file = join(folder, 'clicks.sql');
      writeFileSync(file, SQL);
      const command = new Command(['run', file, '--data-dir', join(folder, 'data'), '--port', '0'], {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      });
      const { code, stdout, stderr } = await command.ended;
      expect([code, stdout]).toEqual([0, expect.stringContaining('clicks finished: read 100 rows')]);
      expect(stderr).toContain('warn: not all traces were sent: ');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
