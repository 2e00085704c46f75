import { unreachable } from '../../data/errors.ts';
import type {
  Expression,
  GroupingItem,
  OrderedQuery,
  Query,
  Select,
  SelectItem,
  SetOperation,
  TableAlias,
  TableExpression,
  WindowTable,
} from '../ast.ts';
import { printExpression, printOrder } from './expression.ts';
import { name, names, optionList, path } from './names.ts';

export function printQuery(query: Query): string {
  switch (query.kind) {
    case 'select':
      return select(query);
    case 'values':
      return `VALUES ${query.rows.map((row) => `(${row.map(printExpression).join(', ')})`).join(', ')}`;
    case 'set-operation':
      return `${operand(query, query.left, 0)} ${query.op}${query.all ? ' ALL' : ''} ${operand(query, query.right, 1)}`;
    case 'with':
      return `WITH ${query.items.map(withItem).join(', ')} ${query.body.kind === 'with' ? `(${printQuery(query.body)})` : printQuery(query.body)}`;
    case 'ordered':
      return ordered(query);
    default:
      return unreachable(query);
  }
}

function withItem(item: {
  name: { parts: readonly string[] };
  columns: readonly { parts: readonly string[] }[];
  query: Query;
}): string {
  const columns =
    item.columns.length === 0 ? '' : ` (${item.columns.map((column) => name(column.parts[0])).join(', ')})`;
  return `${name(item.name.parts[0])}${columns} AS (${printQuery(item.query)})`;
}

/** INTERSECT binds more tightly than UNION and EXCEPT; all are left-associative. */
function operand(parent: SetOperation, query: Query, extra: 0 | 1): string {
  const level = (op: SetOperation['op']): number => (op === 'INTERSECT' ? 2 : 1);
  const bare =
    query.kind === 'select' ||
    query.kind === 'values' ||
    (query.kind === 'set-operation' && level(query.op) >= level(parent.op) + extra);
  return bare ? printQuery(query) : `(${printQuery(query)})`;
}

function ordered(query: OrderedQuery): string {
  const nested = query.body.kind === 'ordered' || query.body.kind === 'with';
  const parts = [nested ? `(${printQuery(query.body)})` : printQuery(query.body)];
  if (query.orderBy.length > 0) parts.push(`ORDER BY ${printOrder(query.orderBy)}`);
  if (query.limit !== undefined) parts.push(`LIMIT ${printExpression(query.limit)}`);
  if (query.offset !== undefined) parts.push(`OFFSET ${printExpression(query.offset)}`);
  return parts.join(' ');
}

function select(query: Select): string {
  const parts = [`SELECT ${query.distinct ? 'DISTINCT ' : ''}${query.items.map(selectItem).join(', ')}`];
  if (query.from !== undefined) parts.push(`FROM ${printTable(query.from)}`);
  if (query.where !== undefined) parts.push(`WHERE ${printExpression(query.where)}`);
  if (query.groupBy !== undefined) parts.push(`GROUP BY ${groupBy(query.groupBy, query.grouping)}`);
  if (query.having !== undefined) parts.push(`HAVING ${printExpression(query.having)}`);
  return parts.join(' ');
}

function groupBy(items: readonly Expression[], grouping: readonly GroupingItem[] | undefined): string {
  if (grouping !== undefined) return grouping.map((item) => groupingItem(item, items)).join(', ');
  return items.length === 0 ? '()' : items.map(printExpression).join(', ');
}

function groupingItem(item: GroupingItem, items: readonly Expression[]): string {
  if (item.kind !== 'set') return `${item.kind} (${item.items.map((one) => groupingItem(one, items)).join(', ')})`;
  const set = item.places.map((place) => printExpression(items[place])).join(', ');
  return item.places.length === 1 ? set : `(${set})`;
}

function selectItem(item: SelectItem): string {
  if (item.kind === 'star') return item.qualifier === undefined ? '*' : `${path(item.qualifier)}.*`;
  return item.alias === undefined ? printExpression(item.expr) : `${printExpression(item.expr)} AS ${name(item.alias)}`;
}

function printTable(table: TableExpression): string {
  switch (table.kind) {
    case 'table':
      return `${path(table.name)}${hints(table.hints)}${alias(table.alias)}`;
    case 'derived':
      return `(${printQuery(table.query)})${alias(table.alias)}`;
    case 'window-table':
      return windowTable(table);
    case 'join': {
      const right = table.right.kind === 'join' ? `(${printTable(table.right)})` : printTable(table.right);
      const type = table.type === 'INNER' ? '' : `${table.type} `;
      const on = table.on === undefined ? '' : ` ON ${printExpression(table.on)}`;
      const using = table.using.length === 0 ? '' : ` USING ${names(table.using)}`;
      return `${printTable(table.left)} ${type}JOIN ${right}${on}${using}`;
    }
    case 'unnest':
      return `UNNEST(${printExpression(table.expr)})${table.ordinality ? ' WITH ORDINALITY' : ''}${alias(table.alias)}`;
    case 'other-table':
      return table.text ?? table.feature;
    default:
      return unreachable(table);
  }
}

function windowTable(table: WindowTable): string {
  const partition = table.partitionBy.length === 0 ? '' : ` PARTITION BY ${names(table.partitionBy)}`;
  const args = [
    `TABLE ${printTable(table.input)}${partition}`,
    `DESCRIPTOR(${path(table.timeColumn)})`,
    ...table.args.map(printExpression),
  ];
  return `TABLE(${table.function}(${args.join(', ')}))${alias(table.alias)}`;
}

function hints(options: Parameters<typeof optionList>[0]): string {
  return options.length === 0 ? '' : ` /*+ OPTIONS${optionList(options)} */`;
}

function alias(given: TableAlias | undefined): string {
  if (given === undefined) return '';
  const columns = given.columns.length === 0 ? '' : ` (${given.columns.map(name).join(', ')})`;
  return ` AS ${name(given.name)}${columns}`;
}
