/** An older and a newer Avro schema, and what makes them differ. */
export interface SchemaPair {
  readonly name: string;
  readonly old: unknown;
  readonly new: unknown;
}

type Field = Readonly<Record<string, unknown>>;

const record = (...fields: Field[]): Field => ({ type: 'record', name: 'R', namespace: 'n', fields });
const id = { name: 'id', type: 'long' };
/** A record with a field `a` of a type. */
const a = (type: unknown, more: object = {}): Field => record(id, { name: 'a', type, ...more });
const b = (type: unknown, more: object = {}): Field => record(id, { name: 'b', type, ...more });
const enumOf = (symbols: string[], more: object = {}): Field => ({ type: 'enum', name: 'E', symbols, ...more });
const fixed = (size: number, name = 'F'): Field => ({ type: 'fixed', name, size });
const decimal = (precision: number, scale: number): Field => ({
  type: 'bytes',
  logicalType: 'decimal',
  precision,
  scale,
});
const nested = (name: string, ...fields: Field[]): Field => ({ type: 'record', name, fields });
const x = (type: unknown): Field => ({ name: 'x', type });
const y = (more: object = {}): Field => ({ name: 'y', type: 'int', ...more });
const logical = (type: string, logicalType: string): Field => ({ type, logicalType });
const list = (value: unknown): Field => ({
  type: 'record',
  name: 'L',
  fields: [
    { name: 'v', type: value },
    { name: 'next', type: ['null', 'L'] },
  ],
});

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'];

/** Every primitive against every other one. */
const primitivePairs: SchemaPair[] = PRIMITIVES.flatMap((from) =>
  PRIMITIVES.map((to) => ({ name: `${from} -> ${to}`, old: a(from), new: a(to) })),
);

const evolutions: readonly (readonly [string, unknown, unknown])[] = [
  ['field added with a default', record(id), a('int', { default: 1 })],
  ['field added without a default', record(id), a('int')],
  ['field with a default removed', a('int', { default: 1 }), record(id)],
  ['field without a default removed', a('int'), record(id)],
  ['field renamed', a('int'), b('int')],
  ['field renamed, with an alias', a('int'), b('int', { aliases: ['a'] })],
  ['field renamed, with a default', a('int'), b('int', { default: 0 })],
  ['fields in another order', record(x('int'), y()), record(y(), x('int'))],
  ['became nullable', a('int'), a(['null', 'int'])],
  ['became nullable, default null', a('int'), a(['null', 'int'], { default: null })],
  ['became not nullable', a(['null', 'int']), a('int')],
  ['union of one', a(['int']), a('int')],
  ['union with one branch more', a(['null', 'int']), a(['null', 'int', 'string'])],
  ['union with one branch fewer', a(['null', 'int', 'string']), a(['null', 'int'])],
  ['union in another order', a(['null', 'int']), a(['int', 'null'])],
  ['union with a wider branch', a(['null', 'int']), a(['null', 'long'])],
  ['type into a union that has a wider one', a('int'), a(['string', 'long'])],
  ['union of records that changed', a(['null', nested('N', x('int'))]), a(['null', nested('N', x('long'))])],
  ['union of records of other names', a(['null', nested('N', x('int'))]), a(['null', nested('M', x('int'))])],
  ['enum symbol added', a(enumOf(['A'])), a(enumOf(['A', 'B']))],
  ['enum symbol removed', a(enumOf(['A', 'B'])), a(enumOf(['A']))],
  ['enum symbol removed, with a default', a(enumOf(['A', 'B'])), a(enumOf(['A'], { default: 'A' }))],
  ['enum symbols in another order', a(enumOf(['A', 'B'])), a(enumOf(['B', 'A']))],
  ['enum renamed', a(enumOf(['A'])), a(enumOf(['A'], { name: 'E2' }))],
  ['enum renamed, with an alias', a(enumOf(['A'])), a(enumOf(['A'], { name: 'E2', aliases: ['E'] }))],
  ['enum to string', a(enumOf(['A'])), a('string')],
  ['fixed', a(fixed(4)), a(fixed(4))],
  ['fixed of another size', a(fixed(4)), a(fixed(8))],
  ['fixed renamed', a(fixed(4)), a(fixed(4, 'G'))],
  ['fixed to bytes', a(fixed(4)), a('bytes')],
  ['array of a wider type', a({ type: 'array', items: 'int' }), a({ type: 'array', items: 'long' })],
  ['array to map', a({ type: 'array', items: 'long' }), a({ type: 'map', values: 'long' })],
  [
    'array of records that changed',
    a({ type: 'array', items: nested('N', x('int')) }),
    a({ type: 'array', items: nested('N', x('int'), y()) }),
  ],
  ['map of a wider type', a({ type: 'map', values: 'int' }), a({ type: 'map', values: 'double' })],
  ['map of another type', a({ type: 'map', values: 'string' }), a({ type: 'map', values: 'double' })],
  ['record renamed', record(id), { ...record(id), name: 'Q' }],
  ['record renamed, with an alias', record(id), { ...record(id), name: 'Q', aliases: ['R'] }],
  ['record in another namespace', record(id), { ...record(id), namespace: 'm' }],
  ['nested field added', a(nested('N', x('int'))), a(nested('N', x('int'), y()))],
  ['nested field added with a default', a(nested('N', x('int'))), a(nested('N', x('int'), y({ default: 3 })))],
  ['nested record renamed', a(nested('N', x('int'))), a(nested('M', x('int')))],
  ['recursive record with a wider value', list('int'), list('long')],
  ['recursive record with another value', list('int'), list('string')],
  ['decimal of more digits', a(decimal(10, 2)), a(decimal(12, 2))],
  ['decimal of another scale', a(decimal(10, 2)), a(decimal(10, 3))],
  ['decimal to bytes', a(decimal(10, 2)), a('bytes')],
  ['timestamp to long', a(logical('long', 'timestamp-millis')), a('long')],
  ['timestamp of another unit', a(logical('long', 'timestamp-millis')), a(logical('long', 'timestamp-micros'))],
  ['date to timestamp', a(logical('int', 'date')), a(logical('long', 'timestamp-millis'))],
  ['documentation', a('int'), a('int', { doc: 'x' })],
  ['another default', a('int', { default: 1 }), a('int', { default: 2 })],
  ['primitive, wider', 'int', 'long'],
  ['primitive, narrower', 'long', 'int'],
  ['enum at the top', enumOf(['A']), enumOf(['A', 'B'])],
  ['record without fields', record(), record()],
];

export const SCHEMA_PAIRS: readonly SchemaPair[] = [
  ...primitivePairs,
  ...evolutions.map(([name, old, changed]) => ({ name, old, new: changed })),
];
