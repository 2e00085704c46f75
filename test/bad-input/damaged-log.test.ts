import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HeadwaterError } from '../../src/data/errors.ts';
import { BOUNDED, OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';
import { openEngine, submitText, tableRows } from './engine.ts';

const SEED = Number(process.env.HEADWATER_TEST_SEED ?? Math.floor(Math.random() * 1e9));
// topic-not-found: the header says that the file is a new one.
const REFUSALS = ['corrupt-batch', 'log-file-corrupt', 'newer-format', 'topic-not-found', 'unknown-schema-id'];

let folder = '';
let original = '';
let truth: string | HeadwaterError;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-damaged-log-'));
  original = join(folder, 'original');
  const topic = await OrdersTopic.create(original, 2);
  for (let i = 0; i < 20; i++) {
    for (const partition of [0, 1]) {
      topic.append(
        Array.from({ length: 50 }, (_, j) => [`c${(i * 50 + j) % 31}`, j, i]),
        { partition },
      );
    }
  }
  topic.close();
  truth = await totals(original);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function totals(dataDir: string): Promise<string | HeadwaterError> {
  const { platform } = openEngine(dataDir, mkdtempSync(join(folder, 'state-')));
  try {
    const job = await submitText(platform, ordersTable(BOUNDED) + TOTALS);
    const end = await job.done;
    if (end.error !== undefined) return end.error;
    await platform.tables.get('totals')?.image.settled();
    return JSON.stringify([...tableRows(platform, 'totals')].sort());
  } catch (error) {
    if (error instanceof HeadwaterError) return error;
    throw error;
  } finally {
    await platform.shutdown();
  }
}

describe('a damaged file of the embedded log', () => {
  it.each(['topic-orders.db', 'registry.db'])(
    'one flipped bit anywhere in %s: an error with a code, or no effect; never a wrong result',
    async (file) => {
      expect(typeof truth).toBe('string');
      const size = readFileSync(join(original, 'log', file)).length;
      const outcomes = new Map<string, number>();
      let random = SEED;
      for (let i = 0; i < 40; i++) {
        random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
        // Every fourth hits the first bytes of a page, where the file's structure lies.
        const place = Math.floor((random / 2 ** 32) * size);
        const at = i % 4 === 0 ? place - (place % 4096) + (i % 100) : place;
        const dataDir = join(folder, 'flipped');
        cpSync(original, dataDir, { recursive: true });
        const path = join(dataDir, 'log', file);
        const bytes = readFileSync(path);
        bytes[at] ^= 1 << (i % 8);
        writeFileSync(path, bytes);
        const result = await totals(dataDir);
        const hint = `seed ${SEED} (set HEADWATER_TEST_SEED), bit ${i % 8} of byte ${at}`;
        if (typeof result === 'string') expect(result === truth, hint).toBe(true);
        else expect(REFUSALS, `${hint}: ${result.code} ${result.message}`).toContain(result.code);
        const outcome = typeof result === 'string' ? 'right' : result.code;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        rmSync(dataDir, { recursive: true });
      }
      if (file === 'topic-orders.db')
        expect(outcomes.get('corrupt-batch'), JSON.stringify([...outcomes])).toBeGreaterThan(2);
    },
    60_000,
  );
});
