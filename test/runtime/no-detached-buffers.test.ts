import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/headwater.js', import.meta.url));
const SQL = `
SET 'execution.checkpointing.interval' = '20 ms';
CREATE TABLE clicks (k INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen', 'number-of-rows' = '20000', 'rows-per-second' = '40000', 'fields.k.min' = '0', 'fields.k.max' = '500');
CREATE TABLE totals (k INT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
INSERT INTO totals SELECT k, COUNT(*) FROM clicks GROUP BY k;
`;

describe('array buffers', () => {
  // V8 says once when a thread gives its first buffer away, and is slower there from then on: see PortSender.
  it('are never given to another thread, by exchanges and checkpoints of two engine threads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'headwater-detach-'));
    try {
      const file = join(folder, 'job.sql');
      writeFileSync(file, SQL);
      const args = [
        '--trace-protector-invalidation',
        BIN,
        'run',
        file,
        '--threads',
        '2',
        '--port',
        '0',
        '--data-dir',
        join(folder, 'd'),
      ];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, expect.anything()]);
      expect(stdout + stderr).not.toContain('ArrayBufferDetaching');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
