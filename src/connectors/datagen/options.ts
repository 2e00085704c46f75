import { HeadwaterError } from '../../data/errors.ts';
import { type Field, formatType } from '../../data/types.ts';
import type { ConnectorTable } from '../../planner/connector.ts';

/** How one field is generated (Flink's `fields.<name>.*` options). */
export type FieldGenerator =
  | { readonly kind: 'sequence'; readonly start: number; readonly end: number }
  | {
      readonly kind: 'random';
      readonly min: number;
      readonly max: number;
      readonly length: number;
      readonly maxPast: number;
      readonly nullRate: number;
    };

export interface DatagenOptions {
  readonly rowsPerSecond: number;
  /** Infinity: unbounded. */
  readonly rows: number;
  readonly fields: readonly FieldGenerator[];
}

const FIELD_OPTIONS = ['kind', 'min', 'max', 'max-past', 'length', 'start', 'end', 'null-rate'];

/** Reads and checks the options of a datagen table. Errors: `invalid-option`, `unknown-option`, `unsupported`. */
export function datagenOptions(table: ConnectorTable): DatagenOptions {
  checkNames(table);
  const fields = table.columns.map((field) => fieldGenerator(table, field));
  const declared = table.options['number-of-rows'];
  const shortest = Math.min(
    Infinity,
    ...fields.map((field) => (field.kind === 'sequence' ? field.end - field.start + 1 : Infinity)),
  );
  const rows = Math.min(declared === undefined ? Infinity : number('number-of-rows', declared, 0), shortest);
  return { rowsPerSecond: number('rows-per-second', table.options['rows-per-second'] ?? '10000', 1), rows, fields };
}

function checkNames(table: ConnectorTable): void {
  const names = new Set(table.columns.map((column) => column.name));
  for (const key of Object.keys(table.options)) {
    const match = /^fields\.(.+)\.([a-z-]+)$/.exec(key);
    if (match === null) continue;
    if (!names.has(match[1]) || !FIELD_OPTIONS.includes(match[2])) {
      throw new HeadwaterError(
        'unknown-option',
        `table ${table.name}: option '${key}' is not known; expected fields.<column>.<${FIELD_OPTIONS.join(' | ')}> ` +
          `with a column of ${[...names].join(', ')}`,
      );
    }
  }
}

function fieldGenerator(table: ConnectorTable, field: Field): FieldGenerator {
  const option = (name: string): string | undefined => table.options[`fields.${field.name}.${name}`];
  const kind = option('kind') ?? 'random';
  if (kind === 'sequence') {
    const start = option('start');
    const end = option('end');
    if (start === undefined || end === undefined) {
      throw new HeadwaterError(
        'missing-option',
        `field ${field.name} is a sequence: expected fields.${field.name}.start and .end`,
      );
    }
    return { kind, start: number('start', start, -Infinity), end: number('end', end, -Infinity) };
  }
  if (kind !== 'random') {
    throw new HeadwaterError('invalid-option', `fields.${field.name}.kind is '${kind}', expected random or sequence`);
  }
  const [low, high] = defaultRange(field);
  return {
    kind: 'random',
    min: number('min', option('min') ?? String(low), -Infinity),
    max: number('max', option('max') ?? String(high), -Infinity),
    length: number('length', option('length') ?? '100', 0),
    maxPast: number('max-past', option('max-past') ?? '0', 0),
    nullRate: number('null-rate', option('null-rate') ?? '0', 0),
  };
}

function defaultRange(field: Field): readonly [number, number] {
  switch (field.type.kind) {
    case 'TINYINT':
      return [-128, 127];
    case 'SMALLINT':
      return [-32768, 32767];
    case 'INT':
      return [-2147483648, 2147483647];
    case 'BIGINT':
      return [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
      return [0, 1];
    case 'BOOLEAN':
    case 'CHAR':
    case 'VARCHAR':
    case 'DATE':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return [0, 0];
    default:
      throw new HeadwaterError(
        'unsupported',
        `datagen cannot generate field ${field.name} of type ${formatType(field.type)}: expected a scalar type`,
      );
  }
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least) {
    throw new HeadwaterError(
      'invalid-option',
      `option ${name} is '${text}', expected a number${least > -Infinity ? ` of at least ${least}` : ''}`,
    );
  }
  return value;
}
