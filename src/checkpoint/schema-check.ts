import Database from 'better-sqlite3';

/**
 * What differs between the tables of a file and those that `schema` (CREATE TABLE statements) makes, as a text;
 * undefined when nothing does. SQLite reads the definition of a table from the file: a bit that flips in a column's
 * name or type would otherwise be noticed by the first statement that uses it, or by none.
 */
export function schemaDifference(db: Database.Database, schema: string): string | undefined {
  const model = new Database(':memory:');
  try {
    model.exec(schema);
    const expected = definitions(model);
    const actual = definitions(db);
    for (const name of new Set([...expected.keys(), ...actual.keys()])) {
      if (actual.get(name) === expected.get(name)) continue;
      return `${name} is defined by ${quoted(actual.get(name))}, expected ${quoted(expected.get(name))}`;
    }
    return undefined;
  } finally {
    model.close();
  }
}

/** By kind, name and table; the indexes that SQLite makes by itself have no text. */
function definitions(db: Database.Database): Map<string, string> {
  const rows = db
    .prepare<[], { name: string; sql: string }>(
      "SELECT type || ' ' || name || ' of ' || tbl_name AS name, COALESCE(sql, 'SQLite') AS sql FROM sqlite_schema",
    )
    .all();
  return new Map(rows.map(({ name, sql }) => [name, sql]));
}

function quoted(sql: string | undefined): string {
  return sql === undefined ? 'nothing' : `'${sql.replace(/\s+/g, ' ')}'`;
}
