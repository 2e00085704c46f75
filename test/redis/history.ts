import { makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { BIGINT, DOUBLE, notNull, type Schema, STRING } from '../../src/data/types.ts';
import { ChangeBuffer } from '../../src/store/change-buffer.ts';

/** What a job wrote, made up from a seed: the same in the process that writes it and in the test that knows the answer. */
export const SCHEMA: Schema = [
  { name: 'id', type: notNull(STRING) },
  { name: 'n', type: BIGINT },
  { name: 'x', type: DOUBLE },
  { name: 's', type: STRING },
];
export const TABLE = 'f';
const KEYS = 3000;
const CHANGES = 700;

interface Change {
  readonly id: string;
  /** NULL: deleted. */
  readonly values: readonly [bigint, number | null, string | null] | null;
}

/** The net changes of one task in one epoch: distinct keys, which the other task does not have. */
export function changesOf(seed: number, epoch: number, task: number): readonly Change[] {
  const changes = new Map<number, Change>();
  let random = (seed * 7919 + epoch * 104729 + task * 31) >>> 0;
  const next = (): number => (random = (Math.imul(random, 1664525) + 1013904223) >>> 0) >>> 8;
  while (changes.size < CHANGES) {
    const key = (next() % (KEYS / 2)) * 2 + task;
    const kind = next() % 8;
    const n = BigInt(epoch) * 1_000_000n + BigInt(changes.size) + BigInt(seed) * 1_000_000_000_000n;
    const values = [n, kind % 3 === 1 ? null : epoch / 7, kind % 3 === 2 ? null : `v${epoch}:${key}é`] as const;
    changes.set(key, { id: `k${key}`, values: kind === 0 ? null : values });
  }
  return [...changes.values()];
}

/** The chunks of an epoch, two tasks with one or more each. */
export function chunksOf(seed: number, epoch: number): { table: string; index: number; bytes: Uint8Array }[] {
  return [0, 1].flatMap((task) => {
    const buffer = new ChangeBuffer(SCHEMA, [0]);
    const changes = changesOf(seed, epoch, task);
    const columns = SCHEMA.map(({ type }, c) =>
      columnFromValues(
        c === 0 ? type : { ...type, nullable: true },
        changes.map(({ id, values }) => (c === 0 ? id : (values?.[c - 1] ?? null))),
      ),
    );
    const kinds = Uint8Array.from(changes, ({ values }) => (values === null ? 3 : 0));
    buffer.add(makeBatch(columns, changes.length, kinds));
    return buffer.take(epoch).map((bytes, i) => ({ table: TABLE, index: task * 1_000_000 + i, bytes }));
  });
}

/** Every key of the table after an epoch, with the fields that Redis has to hold and the epoch that wrote them. */
export function oracle(seed: number, epoch: number): Map<string, { fields: Record<string, string>; epoch: number }> {
  const keys = new Map<string, { fields: Record<string, string>; epoch: number }>();
  for (let e = 1; e <= epoch; e++) {
    for (const { id, values } of [...changesOf(seed, e, 0), ...changesOf(seed, e, 1)]) {
      if (values === null) {
        keys.delete(`${TABLE}:${id}`);
        continue;
      }
      const [n, x, s] = values;
      const fields = {
        id,
        n: String(n),
        ...(x === null ? {} : { x: String(x) }),
        ...(s === null ? {} : { s }),
      };
      keys.set(`${TABLE}:${id}`, { fields, epoch: e });
    }
  }
  return keys;
}
