import { FUZZ_TABLES } from './data.ts';
import { TTL } from './query-cases.ts';
import { render } from './query-sql.ts';
import { type FuzzCase, usedTables } from './shrink-query.ts';

/** The case as a file of cases has it; its tables have the columns that the query speaks of. */
export function caseText({ query, tables, zone, hasTtl }: FuzzCase): string {
  const { statements, sql } = render(query);
  const words = new Set([...statements, sql].join(' ').match(/\w+/g));
  const used = usedTables(query);
  const shown = FUZZ_TABLES.filter(({ name }) => used.has(name)).flatMap(({ name, columns }) => {
    const kept = columns.map((column) => words.has(column.name) || column.isTime === true);
    // The last is the watermark.
    const ddl = tables[name].columns.split(/, (?=\w+ [A-Z]+)/).filter((_, i) => kept[i] ?? true);
    const rows = tables[name].rows.map((row) => `      - ${JSON.stringify(row.filter((_, i) => kept[i]))}`);
    return [`  ${name}:`, `    columns: '${ddl.join(', ').replaceAll("'", "''")}'`, '    rows:', ...rows];
  });
  return [
    'tables:',
    ...shown,
    'queries:',
    '  - name: question',
    ...(zone === 'UTC' ? [] : [`    zone: ${zone}`]),
    ...(hasTtl ? [`    options: { table.exec.state.ttl: ${TTL} }`] : []),
    ...(statements.length === 0 ? [] : ['    statements:', ...statements.map((one) => `      - ${one}`)]),
    `    sql: ${sql}`,
    '',
  ].join('\n');
}
