import fc, { type Arbitrary } from 'fast-check';
import type {
  ColumnDef,
  Expression,
  Identifier,
  OptionDef,
  OrderItem,
  Query,
  SelectItem,
  Statement,
  TableAlias,
  TableExpression,
} from '../../src/sql/ast.ts';
import type { SqlType } from '../../src/data/types.ts';

/** Any tree the parser can make; positions are all the same, comparisons ignore them. */
const position = { line: 1, column: 1, length: 1 };

const name: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'Abc',
    'key',
    'order',
    'SELECT',
    'tumble',
    'e',
    'x',
    'date',
    'map',
    'first',
    'user',
    'count',
    'of',
  ),
  fc.string({ minLength: 1, maxLength: 6 }),
  fc.constantFrom('`', 'a`b', '1a', 'a b', 'ü', '😀', '--', '/*'),
);
const text: Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom("'", "''", "it's", ';', '--', '/*', '\n', '`', '"', '${A:-b}', '\\'),
);
const ident: Arbitrary<Identifier> = name.map((one) => ({ kind: 'identifier', parts: [one], position }));
const path: Arbitrary<Identifier> = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((parts) => ({ kind: 'identifier', parts, position }));
const maybe = <T>(arb: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(arb, { nil: undefined });
const few = <T>(arb: Arbitrary<T>, minLength = 0): Arbitrary<T[]> => fc.array(arb, { minLength, maxLength: 3 });
const option: Arbitrary<OptionDef> = fc.record({ key: text, value: text }).map((one) => ({ ...one, position }));

export const type: Arbitrary<SqlType> = fc.letrec<{ type: SqlType }>((tie) => {
  const nullable = fc.boolean();
  const simple = fc.constantFrom('BOOLEAN', 'TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'DATE');
  return {
    type: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      simple.chain((kind) => nullable.map((n): SqlType => ({ kind: kind as 'INT', nullable: n }))),
      fc.record({
        kind: fc.constantFrom('CHAR', 'VARCHAR'),
        length: fc.integer({ min: 1, max: 2147483647 }),
        nullable,
      }),
      fc.record({
        kind: fc.constantFrom('BINARY', 'VARBINARY'),
        length: fc.integer({ min: 1, max: 2147483647 }),
        nullable,
      }),
      fc
        .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(), nullable)
        .map(([precision, s, n]): SqlType => ({ kind: 'DECIMAL', precision, scale: s % (precision + 1), nullable: n })),
      fc.record({
        kind: fc.constantFrom('TIME', 'TIMESTAMP', 'TIMESTAMP_LTZ'),
        precision: fc.integer({ min: 0, max: 9 }),
        nullable,
      }) as Arbitrary<SqlType>,
      fc.record({ kind: fc.constantFrom('INTERVAL_YEAR_MONTH', 'INTERVAL_DAY_TIME'), nullable }),
      fc.record({ kind: fc.constantFrom('ARRAY', 'MULTISET'), element: tie('type'), nullable }),
      fc.record({ kind: fc.constant('MAP' as const), key: tie('type'), value: tie('type'), nullable }),
      fc.record({
        kind: fc.constant('ROW' as const),
        fields: few(fc.record({ name, type: tie('type') }), 1),
        nullable,
      }),
    ) as Arbitrary<SqlType>,
  };
}).type;

const at = { position: fc.constant(position) };
const kind = <K extends string>(value: K): { kind: Arbitrary<K> } => ({ kind: fc.constant(value) });
const unit = fc.constantFrom('YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND');

interface Trees {
  expr: Expression;
  query: Query;
  table: TableExpression;
  order: OrderItem;
}

const trees = fc.letrec<Trees>((tie) => {
  const expr = tie('expr');
  const query = tie('query');
  const literal = fc.oneof(
    fc.record({
      ...kind('literal'),
      type: fc.constant('number'),
      text: fc.constantFrom('0', '123', '1.50', '.5', '5.', '1e3'),
      ...at,
    }),
    fc.record({ ...kind('literal'), type: fc.constant('string'), text, ...at }),
    fc.record({ ...kind('literal'), type: fc.constant('binary'), text: fc.constantFrom('', '0aFF'), ...at }),
    fc.record({
      ...kind('literal'),
      type: fc.constant('boolean'),
      text: fc.constantFrom('TRUE', 'FALSE', 'UNKNOWN'),
      ...at,
    }),
    fc.record({ ...kind('literal'), type: fc.constant('null'), text: fc.constant('NULL'), ...at }),
    fc.record({ ...kind('literal'), type: fc.constantFrom('date', 'time', 'timestamp'), text, ...at }),
  ) as Arbitrary<Expression>;
  const column = fc.record({ ...kind('column'), parts: fc.array(name, { minLength: 1, maxLength: 3 }), ...at });
  const interval = fc.record({
    ...kind('interval'),
    text,
    negative: fc.boolean(),
    from: unit,
    fromPrecision: maybe(fc.integer({ min: 0, max: 9 })),
    to: maybe(unit),
    ...at,
  });
  const anyUnit: Arbitrary<Expression> = fc.record({
    ...kind('time-unit'),
    unit: fc.oneof(unit, fc.constantFrom('MILLISECOND', 'EPOCH', 'DOW')),
    ...at,
  });
  const unitCall = fc
    .tuple(
      fc.constantFrom('EXTRACT', 'FLOOR', 'CEIL', 'TIMESTAMPADD'),
      anyUnit,
      expr as Arbitrary<Expression>,
      expr as Arbitrary<Expression>,
    )
    .map(([name, one, a, b]): Expression => {
      const args: Expression[] = name === 'EXTRACT' ? [one, a] : name === 'TIMESTAMPADD' ? [one, a, b] : [a, one];
      return { kind: 'function', name, args, star: false, distinct: false, filter: undefined, over: false, position };
    });
  const difference = fc.record({
    ...kind('time-difference'),
    left: expr,
    right: expr,
    from: fc.constantFrom('YEAR', 'MONTH', 'DAY', 'SECOND'),
    to: maybe(unit),
    ...at,
  });
  const call = fc
    .record({
      ...kind('function'),
      name: fc.constantFrom(
        'COUNT',
        'SUM',
        'COALESCE',
        'MY_FUNC',
        'myFunc',
        'LEFT',
        'IF',
        'select',
        'CURRENT_DATE',
        'PI',
        'TRIM',
      ),
      args: few(expr, 1),
      distinct: fc.boolean(),
      filter: maybe(expr),
      over: fc.boolean(),
      window: fc.record({
        partitionBy: few(expr),
        orderBy: few(tie('order')),
        frame: maybe(
          fc.record({
            unit: fc.constantFrom('ROWS', 'RANGE'),
            start: fc.oneof(
              fc.record({ ...kind('unbounded'), side: fc.constant('PRECEDING') }),
              fc.record({ ...kind('bounded'), side: fc.constant('PRECEDING'), value: expr }),
            ),
            end: maybe(fc.record(kind('current-row'))),
          }),
        ),
      }),
      star: fc.boolean(),
      ...at,
    })
    .map((one) => {
      const bare = one.name === 'CURRENT_DATE' || one.name === 'PI';
      const plain = bare || one.name === 'TRIM';
      const star = one.star && !plain;
      return {
        ...one,
        bare: bare ? one.name.toLowerCase() : undefined,
        star,
        args: bare || star ? [] : plain ? one.args.slice(0, 1) : one.args,
        distinct: one.distinct && !star && !plain,
        filter: plain ? undefined : one.filter,
        over: one.over && !plain,
        window: one.over && !plain ? one.window : undefined,
      };
    }) as Arbitrary<Expression>;
  const branches = (most: number) =>
    few(fc.record({ when: fc.array(expr, { minLength: 1, maxLength: most }), then: expr }), 1);
  const nested = fc.oneof(
    fc.record({ ...kind('unary'), op: fc.constantFrom('-', '+', 'NOT'), arg: expr, ...at }),
    fc.record({
      ...kind('binary'),
      op: fc.constantFrom('+', '-', '*', '/', '%', '||', '=', '<>', '<', '<=', '>', '>=', 'AND', 'OR'),
      left: expr,
      right: expr,
      ...at,
    }),
    fc.record({
      ...kind('case'),
      operand: fc.constant(undefined),
      branches: branches(1),
      otherwise: maybe(expr),
      ...at,
    }),
    fc.record({ ...kind('case'), operand: expr, branches: branches(2), otherwise: maybe(expr), ...at }),
    fc.record({ ...kind('cast'), tryCast: fc.boolean(), arg: expr, type, ...at }),
    call,
    fc.record({
      ...kind('between'),
      negated: fc.boolean(),
      symmetric: fc.boolean(),
      arg: expr,
      low: expr,
      high: expr,
      ...at,
    }),
    fc.record({ ...kind('in'), negated: fc.boolean(), arg: expr, list: fc.oneof(few(expr, 1), query), ...at }),
    fc.record({
      ...kind('like'),
      op: fc.constantFrom('LIKE', 'SIMILAR TO'),
      negated: fc.boolean(),
      arg: expr,
      pattern: expr,
      escape: maybe(expr),
      ...at,
    }),
    fc.record({
      ...kind('is'),
      negated: fc.boolean(),
      test: fc.constantFrom('NULL', 'TRUE', 'FALSE', 'UNKNOWN'),
      arg: expr,
      other: fc.constant(undefined),
      ...at,
    }),
    fc.record({
      ...kind('is'),
      negated: fc.boolean(),
      test: fc.constant('DISTINCT FROM'),
      arg: expr,
      other: expr,
      ...at,
    }),
  ) as Arbitrary<Expression>;

  const alias: Arbitrary<TableAlias> = fc.record({ name, columns: few(name) });
  const tableRef = fc.record({ ...kind('table'), name: path, hints: few(option), alias: maybe(alias), ...at });
  const item = fc.oneof(
    fc.record({ ...kind('star'), qualifier: maybe(path), ...at }),
    fc.record({ ...kind('expression'), expr, alias: maybe(name), ...at }),
  ) as Arbitrary<SelectItem>;
  const select = fc.record({
    ...kind('select'),
    distinct: fc.boolean(),
    items: few(item, 1),
    from: maybe(tie('table')),
    where: maybe(expr),
    groupBy: maybe(few(expr)),
    having: maybe(expr),
    ...at,
  });
  const join = fc
    .record({
      ...kind('join'),
      type: fc.constantFrom('INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS'),
      left: tie('table'),
      right: tie('table'),
      on: maybe(expr),
      using: few(ident),
      ...at,
    })
    .map((one) => (one.on === undefined ? one : { ...one, using: [] }));
  const windowTable = fc
    .record({
      ...kind('window-table'),
      function: fc.constantFrom('TUMBLE', 'HOP', 'CUMULATE', 'SESSION'),
      input: fc.oneof(
        tableRef.map((table) => ({ ...table, alias: undefined })),
        fc.record({ ...kind('derived'), query, alias: fc.constant(undefined), ...at }),
      ),
      partitionBy: few(ident),
      timeColumn: ident,
      args: fc.array(interval, { minLength: 3, maxLength: 3 }),
      alias: maybe(alias),
      ...at,
    })
    .chain((one) => {
      const least = one.function === 'HOP' || one.function === 'CUMULATE' ? 2 : 1;
      const most = one.function === 'SESSION' ? 1 : least + 1;
      return fc.integer({ min: least, max: most }).map((count) => ({ ...one, args: one.args.slice(0, count) }));
    });
  const small = { depthSize: 'small', maxDepth: 4 } as const;
  return {
    expr: fc.oneof(small, column, literal, interval, unitCall, difference, nested) as Arbitrary<Expression>,
    order: fc.record({
      expr,
      descending: fc.boolean(),
      nulls: maybe(fc.constantFrom('first', 'last')),
    }) as Arbitrary<OrderItem>,
    table: fc.oneof(
      small,
      tableRef,
      fc.record({ ...kind('derived'), query, alias: maybe(alias), ...at }),
      windowTable,
      join,
    ) as Arbitrary<TableExpression>,
    query: fc.oneof(
      small,
      fc.record({ ...kind('values'), rows: few(few(expr, 1), 1), ...at }),
      select,
      fc.record({
        ...kind('set-operation'),
        op: fc.constantFrom('UNION', 'INTERSECT', 'EXCEPT'),
        all: fc.boolean(),
        left: query,
        right: query,
        ...at,
      }),
      fc.record({
        ...kind('with'),
        items: few(fc.record({ name: ident, columns: few(ident), query }), 1),
        body: query,
        ...at,
      }),
      fc.record({
        ...kind('ordered'),
        body: query,
        orderBy: few(tie('order'), 1),
        limit: maybe(expr),
        offset: maybe(expr),
        ...at,
      }),
    ) as Arbitrary<Query>,
  };
});

export const expression = trees.expr;
export const query = trees.query;

const columnDef = fc.oneof(
  fc.record({ ...kind('physical'), name, type, comment: maybe(text), ...at }),
  fc.record({ ...kind('computed'), name, expr: expression, comment: maybe(text), ...at }),
  fc.record({ ...kind('metadata'), name, type, from: maybe(text), virtual: fc.boolean(), comment: maybe(text), ...at }),
) as Arbitrary<ColumnDef>;
const insert = fc.record({
  ...kind('insert'),
  overwrite: fc.boolean(),
  target: path,
  columns: few(ident),
  query,
  ...at,
});

export const statement = fc.oneof(
  query,
  insert,
  fc.record({ ...kind('statement-set'), inserts: few(insert, 1), ...at }),
  fc.record({
    ...kind('explain'),
    details: fc.subarray(['ESTIMATED_COST', 'CHANGELOG_MODE', 'PLAN_ADVICE']),
    statement: fc.oneof(query, insert),
    ...at,
  }),
  fc.record({ ...kind('set'), key: text, value: maybe(text), ...at }),
  fc.record({
    ...kind('create-view'),
    temporary: fc.boolean(),
    ifNotExists: fc.boolean(),
    name: path,
    columns: few(ident),
    comment: maybe(text),
    query,
    ...at,
  }),
  fc.record({
    ...kind('create-table'),
    temporary: fc.boolean(),
    ifNotExists: fc.boolean(),
    name: path,
    columns: few(columnDef, 1),
    watermark: maybe(fc.record({ column: path, expr: expression, ...at })),
    primaryKey: maybe(fc.record({ columns: few(ident, 1), enforced: fc.boolean(), ...at })),
    comment: maybe(text),
    partitionedBy: few(ident),
    options: few(option),
    like: fc.constant(undefined),
    asQuery: maybe(query),
    ...at,
  }),
) as Arbitrary<Statement>;
