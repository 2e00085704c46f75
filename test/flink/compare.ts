import { materialize, sortedRows } from '../harness/variants.ts';
import type { JsonValue } from '../harness/json-values.ts';
import type { ExpressionReply } from './ask-cases.ts';
import type { Answer } from './case-types.ts';
import type { HeadwaterReply } from './headwater.ts';

/** How Headwater's answer relates to Flink's. */
export type Outcome =
  | { readonly status: 'same' }
  /** Flink answers, Headwater says that it cannot yet. */
  | { readonly status: 'unsupported'; readonly message: string }
  | { readonly status: 'different'; readonly message: string };

const SAME: Outcome = { status: 'same' };
/** Codes by which Headwater says that a feature is missing, rather than that the query is wrong. */
const UNSUPPORTED = ['unsupported', 'unsupported-type', 'unknown-setting'];

type Rows = readonly (readonly JsonValue[])[];

export function compareExpression(answer: Answer, ours: ExpressionReply): Outcome {
  if ('error' in answer) return compareError(answer.error.message, ours);
  if (ours.error !== undefined) return failed(ours.error, shown(answer));
  if (!('values' in answer)) throw new Error('not the answer of an expression');
  if (plainType(ours.type) !== plainType(answer.type)) {
    return different(`type ${answer.type}`, `type ${ours.type}`);
  }
  const single = plainType(answer.type).startsWith('FLOAT');
  const text = (value: JsonValue) => JSON.stringify(single && typeof value === 'number' ? Math.fround(value) : value);
  const wrong = answer.values.findIndex((value, i) => text(value) !== text(ours.values[i]));
  if (wrong < 0 && answer.values.length === ours.values.length) return SAME;
  return different(
    `${answer.type} ${JSON.stringify(answer.values)}`,
    `${JSON.stringify(ours.values)}, first at row ${wrong}`,
  );
}

export interface Comparison {
  /** Only what the changelog adds up to is compared. */
  readonly final: boolean;
  /** Flink's updates to an equal row do not count. */
  readonly unchanged: boolean;
  /** The count of late rows is compared too; `at least`: Flink may count several that its first phase merged as one. */
  readonly late: boolean | 'at least';
}

export function compareQuery(answer: Answer, ours: HeadwaterReply, { final, unchanged, late }: Comparison): Outcome {
  if ('error' in answer) return compareError(answer.error.message, ours);
  if (!('rows' in answer)) throw new Error('not the answer of a query');
  if (ours.error !== undefined) return failed(ours.error, JSON.stringify(answer.rows));
  const types = (list: readonly string[]) => JSON.stringify(list.map(plainType));
  if (types(ours.types) !== types(answer.types)) return different(answer.types.join(', '), ours.types.join(', '));
  const form = (rows: Rows) => sortedRows(final ? materialize(rows) : rows);
  const [expected, actual] = [form(unchanged ? withoutEqualUpdates(answer.rows) : answer.rows), form(ours.rows)];
  // A -U and its +U may also be equal because a filter took out what was between them; both engines have these.
  const isEqual = (rows: readonly string[]): boolean => JSON.stringify(rows) === JSON.stringify(actual);
  if (isEqual(expected) || (unchanged && isEqual(form(answer.rows)))) {
    if (late === false || ours.late === answer.late) return SAME;
    if (late === 'at least' && ours.late > answer.late && answer.late > 0) return SAME;
    return different(`${answer.late} late rows`, `${ours.late} late rows`);
  }
  const missing = without(expected, actual);
  const extra = without(actual, expected);
  return different(`${missing.join(' ')} (${expected.length} rows)`, `${extra.join(' ')} (${actual.length} rows)`);
}

/** Without each -U that a +U of the same values follows. */
function withoutEqualUpdates(rows: Rows): Rows {
  const values = (row: readonly JsonValue[] | undefined) => JSON.stringify(row?.slice(1));
  const dropped = rows.map(
    (row, i) => row[0] === '-U' && rows[i + 1]?.[0] === '+U' && values(row) === values(rows[i + 1]),
  );
  return rows.filter((_, i) => !dropped[i] && !(i > 0 && dropped[i - 1]));
}

function compareError(flink: string, ours: { readonly error?: unknown }): Outcome {
  return ours.error === undefined ? different(`error: ${flink}`, `an answer: ${JSON.stringify(ours)}`) : SAME;
}

function failed(error: { readonly message: string; readonly code?: string }, flink: string): Outcome {
  if (UNSUPPORTED.includes(error.code ?? '')) return { status: 'unsupported', message: error.message };
  return different(flink, `error ${error.code}: ${error.message}`);
}

function different(flink: string, ours: string): Outcome {
  return { status: 'different', message: `Flink: ${short(flink)}\n  Headwater: ${short(ours)}` };
}

/** Intervals are of two kinds; Flink's texts keep the fields of the literal as well. */
function plainType(type: string): string {
  return type
    .replace(
      /INTERVAL (DAY|HOUR|MINUTE|SECOND)(\(\d\))?( TO (HOUR|MINUTE|SECOND)(\(\d\))?)?/g,
      'INTERVAL DAY TO SECOND',
    )
    .replace(/INTERVAL (YEAR|MONTH)(\(\d\))?( TO MONTH)?/g, 'INTERVAL YEAR TO MONTH');
}

function without(rows: readonly string[], taken: readonly string[]): string[] {
  const left = [...taken];
  return rows.filter((row) => {
    const at = left.indexOf(row);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function shown(answer: Answer): string {
  return 'values' in answer ? `${answer.type} ${JSON.stringify(answer.values)}` : JSON.stringify(answer);
}

function short(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 1000)} ...` : text;
}
