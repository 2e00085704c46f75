import { unreachable } from '../data/errors.ts';
import type { ColumnDef, CreateTable, CreateView, Insert, Statement } from './ast.ts';
import { printExpression } from './print/expression.ts';
import { name, names, optionList, path, quote } from './print/names.ts';
import { printQuery } from './print/query.ts';
import { printType } from './print/type.ts';

export { printExpression, printQuery };

/** SQL whose parse gives the same AST but for positions; without `;`. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'create-table':
      return createTable(statement);
    case 'create-view':
      return createView(statement);
    case 'insert':
      return insert(statement);
    case 'statement-set':
      return `EXECUTE STATEMENT SET BEGIN\n${statement.inserts.map((one) => `${insert(one)};\n`).join('')}END`;
    case 'explain': {
      const details = statement.details.length === 0 ? '' : `${statement.details.join(', ')} `;
      return `EXPLAIN ${details}${printStatement(statement.statement)}`;
    }
    case 'set':
      if (statement.key === undefined) return 'SET';
      return statement.value === undefined
        ? `RESET ${quote(statement.key)}`
        : `SET ${quote(statement.key)} = ${quote(statement.value)}`;
    case 'other':
      return statement.text;
    default:
      return printQuery(statement);
  }
}

function createTable(table: CreateTable): string {
  const lines = table.columns.map(column);
  if (table.watermark !== undefined) {
    lines.push(`WATERMARK FOR ${path(table.watermark.column)} AS ${printExpression(table.watermark.expr)}`);
  }
  if (table.primaryKey !== undefined) {
    lines.push(`PRIMARY KEY ${names(table.primaryKey.columns)}${table.primaryKey.enforced ? '' : ' NOT ENFORCED'}`);
  }
  const like = table.like === undefined ? '' : ` LIKE ${path(table.like)}`;
  return [
    `CREATE ${table.temporary ? 'TEMPORARY ' : ''}TABLE ${table.ifNotExists ? 'IF NOT EXISTS ' : ''}${path(table.name)}`,
    lines.length === 0 ? '' : ` (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)`,
    table.comment === undefined ? '' : ` COMMENT ${quote(table.comment)}`,
    table.partitionedBy.length === 0 ? '' : ` PARTITIONED BY ${names(table.partitionedBy)}`,
    table.options.length === 0 ? '' : ` WITH ${optionList(table.options)}`,
    like + (table.likeOptions === undefined ? '' : ` (${table.likeOptions.join(' ')})`),
    table.asQuery === undefined ? '' : ` AS ${printQuery(table.asQuery)}`,
  ].join('');
}

function column(def: ColumnDef): string {
  return `${name(def.name)} ${columnBody(def)}${def.comment === undefined ? '' : ` COMMENT ${quote(def.comment)}`}`;
}

function columnBody(def: ColumnDef): string {
  switch (def.kind) {
    case 'physical':
      return printType(def.type);
    case 'computed':
      return `AS ${printExpression(def.expr)}`;
    case 'metadata': {
      const from = def.from === undefined ? '' : ` FROM ${quote(def.from)}`;
      return `${printType(def.type)} METADATA${from}${def.virtual ? ' VIRTUAL' : ''}`;
    }
    default:
      return unreachable(def);
  }
}

function createView(view: CreateView): string {
  const columns = view.columns.length === 0 ? '' : ` ${names(view.columns)}`;
  const comment = view.comment === undefined ? '' : ` COMMENT ${quote(view.comment)}`;
  const head = `CREATE ${view.temporary ? 'TEMPORARY ' : ''}VIEW ${view.ifNotExists ? 'IF NOT EXISTS ' : ''}`;
  return `${head}${path(view.name)}${columns}${comment} AS ${printQuery(view.query)}`;
}

function insert(statement: Insert): string {
  const columns = statement.columns.length === 0 ? '' : ` ${names(statement.columns)}`;
  return `INSERT ${statement.overwrite ? 'OVERWRITE' : 'INTO'} ${path(statement.target)}${columns} ${printQuery(statement.query)}`;
}
