import { afterEach, beforeEach, expect, it } from 'vitest';
import { Command, Workspace } from '../cli/command.ts';
import { until } from '../harness/test-platform.ts';
import { SocketClient } from '../server/socket-client.ts';

const ROWS = 60_000;
const KEYS = 50;
const LIVES = 4;

const SQL = `
SET 'execution.checkpointing.interval' = '100 ms';
SET 'execution.checkpointing.min-pause' = '20 ms';
CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '${ROWS}', 'rows-per-second' = '15000',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '${ROWS}');
CREATE TABLE sums (k BIGINT, c BIGINT, s BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
INSERT INTO sums SELECT MOD(n, ${KEYS}) AS k, COUNT(*), SUM(n) FROM numbers GROUP BY MOD(n, ${KEYS});
`;

interface Change {
  readonly seq: readonly [number, number, number];
  readonly op: string;
  readonly key: string;
  readonly features: { readonly c: string; readonly s: string };
}

let space: Workspace;
beforeEach(() => (space = new Workspace()));
afterEach(() => space.remove());

it('a subscriber goes on over SIGKILLs of the server: no change lost, none told twice, and the rows are those of the table', async () => {
  const file = space.file('sums.sql', SQL);
  const run = (): Command => new Command(['run', file, '--data-dir', space.dataDir, '--port', '0', '--keep-serving']);
  const seen: Change[] = [];
  let position: unknown;
  for (let life = 1; life <= LIVES; life++) {
    const command = run();
    const { port } = new URL(await command.url());
    await command.until('/health/ready', (answer) => answer.includes('"status":"ready"'));
    const client = await SocketClient.connect(Number(port));
    client.say({ type: 'subscribe', id: 's', table: 'sums', from: position ?? 'latest' });
    const isDone = (): boolean =>
      life < LIVES
        ? client.messages.filter(({ type }) => type === 'changes').length > 5
        : [...latest(seen, client)].reduce((sum, [, { features }]) => sum + Number(features.c), 0) === ROWS;
    await until(isDone);
    const { code } = await command.kill(life < LIVES ? 'SIGKILL' : 'SIGINT');
    expect(code).toBe(life < LIVES ? 'SIGKILL' : 0);
    await client.closed;
    expect(client.messages.map(({ type }) => type)).not.toContain('snapshot-begin');
    seen.push(...changesOf(client));
    position = client.messages.findLast((message) => 'position' in message)?.position;
  }
  seen.forEach(({ seq }, i) => {
    if (i > 0) expect(isAfter(seq, seen[i - 1].seq), `${seq.join()} after ${seen[i - 1].seq.join()}`).toBe(true);
  });
  // Counts of a key only grow: by each change of an epoch, and to exactly the sum of the key's numbers.
  const counts = new Map<string, number>();
  for (const { key, features } of seen) {
    expect(Number(features.c)).toBeGreaterThan(counts.get(key) ?? 0);
    counts.set(key, Number(features.c));
  }
  const rows = new Map(seen.map(({ key, features }) => [key, [features.c, features.s]]));
  expect(rows).toEqual(
    new Map(Array.from({ length: KEYS }, (_, k) => [String(k), [String(ROWS / KEYS), String(sumOf(k))]])),
  );
});

function changesOf(client: SocketClient): Change[] {
  return client.messages.flatMap((message) => (message.type === 'changes' ? (message.changes as Change[]) : []));
}

function latest(seen: readonly Change[], client: SocketClient): Map<string, Change> {
  return new Map([...seen, ...changesOf(client)].map((change) => [change.key, change]));
}

function isAfter(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((part, k) => part !== b[k]);
  return i >= 0 && a[i] > b[i];
}

/** Of the numbers from 1 to ROWS that leave k. */
function sumOf(k: number): number {
  let sum = 0;
  for (let n = k === 0 ? KEYS : k; n <= ROWS; n += KEYS) sum += n;
  return sum;
}
