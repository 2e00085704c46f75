import { HeadwaterError } from '../../data/errors.ts';
import { formatType } from '../../data/types.ts';
import { callableNames } from '../../expressions/functions/registry.ts';
import { AGGREGATES } from '../../planner/function-names.ts';
import { didYouMean } from '../../planner/problem.ts';
import type { SinkNode } from '../../planner/physical.ts';
import { defineTable } from '../../planner/table-definition.ts';
import { printExpression, printStatement } from '../../sql/index.ts';
import type { CreateTable } from '../../sql/ast.ts';
import { knownNames, plainName } from './names.ts';
import type { Outcome, Session } from './session.ts';

const LIKE = /^(.*?)(?: (NOT )?I?LIKE '((?:[^']|'')*)')?$/is;

/** SHOW .. and DESCRIBE, given with one blank between their tokens; undefined for those that are not supported. */
export function answerShow(words: string, session: Session): Outcome | undefined {
  const [, what, not, pattern] = LIKE.exec(words) ?? [];
  const wanted = (name: string): boolean => pattern === undefined || likeMatches(name, pattern) !== (not !== undefined);
  const list = (column: string, names: readonly string[]): Outcome => ({
    kind: 'table',
    columns: [column],
    rows: names
      .filter(wanted)
      .sort()
      .map((name) => [name]),
  });
  const declared = [...session.tables];
  switch (what.toUpperCase()) {
    case 'SHOW TABLES':
      return list(
        'table name',
        declared.map(([name]) => name),
      );
    case 'SHOW VIEWS':
      return list(
        'view name',
        declared.filter(([, one]) => one.statement.kind === 'create-view').map(([name]) => name),
      );
    case 'SHOW FUNCTIONS':
      return list('function name', functionNames());
  }
  const create = /^SHOW CREATE (TABLE|VIEW) (.+)$/i.exec(what);
  if (create !== null) return { kind: 'text', text: `${printStatement(find(session, plainName(create[2])))};` };
  const columns =
    /^(?:SHOW COLUMNS (?:FROM|IN)|DESCRIBE(?: EXTENDED)?|DESC(?: EXTENDED)?) ((?!CATALOG |JOB |MODEL |FUNCTION |DATABASE ).+)$/i.exec(
      what,
    );
  if (columns === null) return undefined;
  const table = describe(session, plainName(columns[1]));
  return { kind: 'table', columns: COLUMNS, rows: table.filter(([name]) => wanted(name)) };
}

export function functionNames(): readonly string[] {
  return [...new Set([...callableNames(), ...AGGREGATES])].sort();
}

const COLUMNS = ['name', 'type', 'null', 'key', 'extras', 'watermark'];

function describe(session: Session, name: string): string[][] {
  const statement = find(session, name);
  if (statement.kind === 'create-table') return describeTable(statement, name);
  const sink = session.viewPlan(name).nodes.find((node): node is SinkNode => node.op === 'sink');
  return (sink?.schema ?? []).map(({ name: column, type }) => [
    column,
    withoutNull(formatType(type)),
    yes(type.nullable),
    '',
    '',
    '',
  ]);
}

function describeTable(statement: CreateTable, name: string): string[][] {
  const { columns, primaryKey } = defineTable(statement, name);
  const key = primaryKey.length === 0 ? '' : `PRI(${primaryKey.join(', ')})`;
  return columns.map((column, i) => {
    const written = statement.columns[i];
    const extras = written.kind === 'computed' ? `AS ${printExpression(written.expr)}` : '';
    const { watermark } = statement;
    const mark = watermark?.column.parts.join('.') === column.name ? printExpression(watermark.expr) : '';
    const { type } = column;
    return [
      column.name,
      withoutNull(formatType(type)),
      yes(type.nullable),
      primaryKey.includes(column.name) ? key : '',
      extras,
      mark,
    ];
  });
}

function withoutNull(type: string): string {
  return type.replace(/ NOT NULL$/, '');
}

function yes(nullable: boolean): string {
  return nullable ? 'TRUE' : 'FALSE';
}

function find(session: Session, name: string) {
  const declared = session.tables.get(name);
  if (declared !== undefined) return declared.statement;
  const near = didYouMean(name, session.tables.keys());
  throw new HeadwaterError(
    'unknown-table',
    `there is no table or view '${name}'${near === '' ? knownNames(session.tables.keys()) : `.${near}`}`,
  );
}

/** SQL's LIKE without an escape. */
function likeMatches(name: string, pattern: string): boolean {
  const source = pattern
    .replaceAll("''", "'")
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, 'is').test(name);
}
