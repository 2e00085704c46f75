import { describe, expect, it } from 'vitest';
import type { JsonValue } from './json-values.ts';
import { materialize, runVariant, SEED, sortedRows, VARIANTS } from './variants.ts';

/**
 * A query test: tables in, SQL, rows out, written by hand. Each runs with batches of 1, 2, 7 and 1000 rows, at
 * parallelism 1 and 2, and with the runtime dropped without shutdown at a random barrier and reopened from its files,
 * at the same and at the other parallelism.
 */
export interface TableTest {
  /** CREATE TABLE statements (connector 'values' for the inputs), SET statements. */
  readonly ddl: string;
  readonly rows: Readonly<Record<string, readonly (readonly JsonValue[])[]>>;
  /** One SELECT: its whole changelog is compared. Or one INSERT into a feature table: its final rows are. */
  readonly sql: string;
  /** `[op, ...values]`; for a feature table rows without op. */
  readonly expected: readonly (readonly JsonValue[])[];
  /** Compare what the changelog adds up to, where the order between keys decides about the steps in between. */
  readonly final?: boolean;
  /** Splits of the inputs; 1 unless order between splits does not matter to the result. */
  readonly splits?: number;
  /** An error that the job must fail with. */
  readonly error?: string;
}

export function tableTest(name: string, test: TableTest): void {
  describe(name, () => {
    for (const variant of VARIANTS) {
      it(variant.name, async () => {
        const result = await runVariant(test, variant);
        const hint = `seed ${SEED} (set HEADWATER_TEST_SEED), ${variant.name}`;
        if (test.error !== undefined) {
          expect(result.error, hint).toBe(test.error);
          return;
        }
        expect(result.errorMessage, hint).toBeUndefined();
        expect(sortedRows(test.final === true ? materialize(result.rows) : result.rows), hint).toEqual(
          sortedRows(test.expected),
        );
      });
    }
  });
}
