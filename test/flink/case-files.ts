import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Case, CaseTable, ExpressionCase, QueryCase } from './case-types.ts';

const FOLDER = 'test/flink/cases';
const SHARED = 'tables';

/** A file of cases as it is written; README.md describes it. */
interface CaseFile {
  readonly tables?: Readonly<Record<string, CaseTable>>;
  readonly expressions?: readonly ExpressionBlock[];
  readonly queries?: readonly QueryBlock[];
}

interface ExpressionBlock {
  readonly over: string;
  readonly zone?: string;
  readonly for?: Choices;
  /** One expression a line. */
  readonly list: string;
}

interface QueryBlock {
  readonly name: string;
  readonly zone?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly for?: Choices;
  readonly statements?: readonly string[];
  readonly sql: string;
  readonly late?: boolean;
  readonly final?: string;
  readonly unchanged?: string;
  readonly order?: string;
}

/** Values of `$name`; every combination is a case. A list, or words between spaces. */
type Choices = Readonly<Record<string, readonly (string | number)[] | string>>;

export function topics(): string[] {
  return readdirSync(FOLDER)
    .map((file) => file.replace(/\.yaml$/, ''))
    .filter((name) => name !== SHARED)
    .sort();
}

/** The cases of one file, blocks expanded, in the order of the file. Throws when two have one id. */
export function readTopic(topic: string): Case[] {
  const file = read(topic);
  const tables = { ...read(SHARED).tables, ...file.tables };
  const expressions = (file.expressions ?? []).flatMap((block) => expressionCases(topic, block, tables));
  const cases = [
    // Blocks may overlap: an expression is asked once.
    ...new Map(expressions.map((one) => [one.id, one])).values(),
    ...(file.queries ?? []).flatMap((block) => queryCases(topic, block, tables)),
  ];
  const seen = new Set<string>();
  for (const { id } of cases) {
    if (seen.has(id)) throw new Error(`${topic}.yaml has two cases '${id}'`);
    seen.add(id);
  }
  return cases;
}

/** A table of tables.yaml. */
export function sharedTable(name: string): CaseTable {
  const table = read(SHARED).tables?.[name];
  if (table === undefined) throw new Error(`${SHARED}.yaml has no table '${name}'`);
  return table;
}

/** Changes when the case would have to be recorded anew. */
export function digest(given: Case): string {
  // Of no concern to Flink: the name, and how the answer is compared.
  const compared = { final: undefined, unchanged: undefined, order: undefined };
  const input = { ...given, topic: undefined, id: undefined, ...compared };
  return createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 12);
}

function read(topic: string): CaseFile {
  return (parse(readFileSync(join(FOLDER, `${topic}.yaml`), 'utf8')) ?? {}) as CaseFile;
}

type Tables = Readonly<Record<string, CaseTable>>;

function expressionCases(topic: string, block: ExpressionBlock, tables: Tables): ExpressionCase[] {
  const { over, zone = 'UTC' } = block;
  if (tables[over] === undefined) throw new Error(`${topic}.yaml: no table '${over}'`);
  const lines = block.list.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => combinations(block.for ?? {}).map((choice) => fill(line, choice)))
    .map((expression) => ({
      kind: 'expression',
      topic,
      id: `${over}${zone === 'UTC' ? '' : ` in ${zone}`}: ${expression}`,
      zone,
      options: {},
      tables: { [over]: tables[over] },
      table: over,
      expression,
    }));
}

function queryCases(topic: string, block: QueryBlock, tables: Tables): QueryCase[] {
  return combinations(block.for ?? {}).map((choice) => {
    const statements = (block.statements ?? []).map((statement) => fill(statement, choice).trim());
    const sql = fill(block.sql, choice).trim();
    const words = new Set([...statements, sql].join(' ').match(/\w+/g));
    const named = Object.values(choice).some((value) => !block.name.includes('$') && value !== '');
    return {
      kind: 'query',
      topic,
      id: named ? `${block.name}: ${Object.values(choice).join(', ')}` : fill(block.name, choice),
      zone: fill(block.zone ?? 'UTC', choice),
      options: block.options ?? {},
      tables: Object.fromEntries(Object.entries(tables).filter(([name]) => words.has(name))),
      statements,
      sql,
      late: block.late ?? false,
      final: block.final,
      unchanged: block.unchanged,
      order: block.order,
    };
  });
}

function combinations(choices: Choices): Record<string, string>[] {
  return Object.entries(choices).reduce<Record<string, string>[]>(
    (all, [name, given]) => {
      const values = typeof given === 'string' ? given.trim().split(/\s+/) : given;
      return all.flatMap((one) => values.map((value) => ({ ...one, [name]: String(value) })));
    },
    [{}],
  );
}

function fill(text: string, choice: Record<string, string>): string {
  const names = Object.keys(choice);
  return text.replace(/\$([a-z]\w*)/g, (whole, name: string) => {
    // Without choices it is no template: PRINTF has formats such as $s.
    if (choice[name] === undefined && names.length > 0) throw new Error(`nothing is given for $${name} in: ${text}`);
    return choice[name] ?? whole;
  });
}
