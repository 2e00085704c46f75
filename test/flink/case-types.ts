import type { JsonValue } from '../harness/json-values.ts';

/** Tables as a case file gives them: columns as in CREATE TABLE, rows in the order of their arrival. */
export interface CaseTable {
  readonly columns: string;
  readonly rows: readonly (readonly JsonValue[])[];
}

interface CaseBase {
  readonly topic: string;
  /** Unique within the topic. */
  readonly id: string;
  readonly zone: string;
  readonly options: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, CaseTable>>;
}

/** One query with its whole changelog. */
export interface QueryCase extends CaseBase {
  readonly kind: 'query';
  /** Run before the query: views. */
  readonly statements: readonly string[];
  readonly sql: string;
  /** Flink must drop at least one late row. */
  readonly late: boolean;
  /** Why only the final rows are compared; undefined: the whole changelog is. */
  readonly final: string | undefined;
  /** Why Flink's updates to an equal row do not count; undefined: they do. */
  readonly unchanged: string | undefined;
  /** Why the order of rows between tasks would change the answer; undefined: it does not. */
  readonly order: string | undefined;
}

/** One expression over the rows of one table. */
export interface ExpressionCase extends CaseBase {
  readonly kind: 'expression';
  readonly table: string;
  readonly expression: string;
}

export type Case = QueryCase | ExpressionCase;

/** What went wrong in Flink. */
export interface CaseError {
  readonly kind: 'parse' | 'validation' | 'planning' | 'runtime' | 'internal';
  readonly message: string;
}

/** A recorded answer. `input` is the digest of the case that it answers. */
export type Answer =
  | { readonly input: string; readonly error: CaseError }
  /** `[op, ...values]` in the form of `--output changelog`. */
  | { readonly input: string; readonly types: readonly string[]; readonly rows: JsonValue[][]; readonly late: number }
  /** An expression: its value for each row of the table. */
  | { readonly input: string; readonly type: string; readonly values: JsonValue[] };
