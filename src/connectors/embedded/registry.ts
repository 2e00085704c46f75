import { join } from 'node:path';
import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import { checkSchema } from '../../formats/avro/compatibility.ts';
import type { RegistryClient } from '../registry/client.ts';
import { type CompatibilityLevel, DEFAULT_LEVEL, incompatibilities, levelNamed } from './compatibility-level.ts';
import { logFolder, openForReading, openForWriting, reading, type Sqlite } from './files.ts';

const FORMAT = 2;
const TABLES = `
  CREATE TABLE schemas (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE);
  CREATE TABLE versions (
    subject TEXT NOT NULL, version INTEGER NOT NULL, schema_id INTEGER NOT NULL REFERENCES schemas (id),
    deleted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (subject, version)
  ) WITHOUT ROWID;
  CREATE TABLE levels (subject TEXT PRIMARY KEY, level TEXT NOT NULL) WITHOUT ROWID;
`;
/** Subject under which the level of all others is kept. */
const GLOBAL = '';

export interface SubjectVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
}

/**
 * The registry of the embedded log, `<data-dir>/log/registry.db`: subjects, versions, ids, schema texts, compatibility
 * levels. A deleted version is only marked: what was written with it stays readable by its id.
 */
export class EmbeddedRegistry implements RegistryClient {
  private readonly folder: string;
  private readonly file: string;

  constructor(dataDir: string) {
    this.folder = logFolder(dataDir);
    this.file = join(this.folder, 'registry.db');
  }

  async schemaById(id: number): Promise<string> {
    const text = this.textById(id);
    if (text !== undefined) return text;
    throw runtimeError('unknown-schema-id', `schema id ${id} is not in the embedded registry (${this.file})`);
  }

  textById(id: number): string | undefined {
    return this.read((db) => {
      const find = (): { text: string } | undefined =>
        db.prepare<[number], { text: string }>('SELECT text FROM schemas WHERE id = ?').get(id);
      const row = reading(this.file, find);
      if (row !== undefined) checkText(db, id, row.text, this.file);
      return row?.text;
    }, undefined);
  }

  /** Errors: `schema-refused` for what is no Avro schema, `schema-incompatible` by the subject's compatibility level. */
  async register(subject: string, schemaText: string): Promise<number> {
    return this.registerSchema(subject, schemaText);
  }

  registerSchema(subject: string, schemaText: string): number {
    const text = canonical(schemaText);
    return this.write((db) => {
      const known = findVersion(db, subject, text);
      if (known !== undefined) return known.id;
      checkCompatible(db, subject, text);
      db.prepare('INSERT OR IGNORE INTO schemas (text) VALUES (?)').run(text);
      const found = db.prepare<[string], { id: number }>('SELECT id FROM schemas WHERE text = ?').get(text);
      if (found === undefined) throw new Error('a schema just written is not there');
      db.prepare(
        `INSERT INTO versions (subject, version, schema_id)
         SELECT ?, COALESCE(MAX(version), 0) + 1, ? FROM versions WHERE subject = ?`,
      ).run(subject, found.id, subject);
      return found.id;
    });
  }

  /** The version of a subject that has this schema. Errors: `schema-refused`. */
  lookUp(subject: string, schemaText: string): SubjectVersion | undefined {
    const text = canonical(schemaText);
    return this.read((db) => findVersion(db, subject, text), undefined);
  }

  /** Versions of a subject, oldest first. */
  versions(subject: string, deletedToo = false): SubjectVersion[] {
    return this.read((db) => versionsOf(db, subject, deletedToo), []);
  }

  subjects(deletedToo = false): string[] {
    const sql = `SELECT DISTINCT subject FROM versions WHERE deleted <= ? ORDER BY subject`;
    return this.read(
      (db) =>
        db
          .prepare<[number], { subject: string }>(sql)
          .all(deletedToo ? 1 : 0)
          .map((row) => row.subject),
      [],
    );
  }

  /** Every version of every subject that has the schema of this id. */
  usesOf(id: number): SubjectVersion[] {
    const sql = `${VERSIONS} WHERE v.schema_id = ? AND v.deleted = 0 ORDER BY v.subject, v.version`;
    return this.read((db) => db.prepare<[number], SubjectVersion>(sql).all(id), []);
  }

  /** Why the schema could not be registered after these versions, by the subject's level. Errors: `schema-refused`. */
  incompatibilities(subject: string, earlier: readonly SubjectVersion[], schemaText: string): string[] {
    const texts = earlier.map((version) => version.schema);
    return incompatibilities(this.level(subject) ?? this.level() ?? DEFAULT_LEVEL, texts, canonical(schemaText));
  }

  /** Marks versions as deleted; gives those that were not yet. */
  markDeleted(subject: string, version?: number): number[] {
    return this.write((db) => {
      const live = versionsOf(db, subject, false).filter((one) => version === undefined || one.version === version);
      const mark = db.prepare('UPDATE versions SET deleted = 1 WHERE subject = ? AND version = ?');
      for (const one of live) mark.run(subject, one.version);
      return live.map((one) => one.version);
    });
  }

  /** Removes versions that were marked as deleted; gives them. */
  purge(subject: string, version?: number): number[] {
    return this.write((db) => {
      const live = new Set(versionsOf(db, subject, false).map((one) => one.version));
      const gone = versionsOf(db, subject, true)
        .map((one) => one.version)
        .filter((one) => !live.has(one) && (version === undefined || one === version));
      const remove = db.prepare('DELETE FROM versions WHERE subject = ? AND version = ?');
      for (const one of gone) remove.run(subject, one);
      return gone;
    });
  }

  /** The level of a subject, or of all others; undefined where none was set. */
  level(subject: string = GLOBAL): CompatibilityLevel | undefined {
    return this.read((db) => levelOf(db, subject), undefined);
  }

  setLevel(level: CompatibilityLevel, subject: string = GLOBAL): void {
    this.write((db) => db.prepare('INSERT OR REPLACE INTO levels VALUES (?, ?)').run(subject, level));
  }

  clearLevel(subject: string = GLOBAL): void {
    this.write((db) => db.prepare('DELETE FROM levels WHERE subject = ?').run(subject));
  }

  async check(): Promise<void> {
    openForReading(this.file, FORMAT)?.close();
  }

  close(): void {
    // Connections are opened per call: registrations and first sights of a schema are rare.
  }

  private read<T>(work: (db: Sqlite) => T, missing: T): T {
    const db = openForReading(this.file, FORMAT);
    if (db === undefined) return missing;
    try {
      return work(db);
    } finally {
      db.close();
    }
  }

  private write<T>(work: (db: Sqlite) => T): T {
    const db = openForWriting(this.file, this.folder, FORMAT, TABLES);
    try {
      return db.transaction(() => work(db)).immediate();
    } finally {
      db.close();
    }
  }
}

const VERSIONS = `SELECT v.subject, v.version, s.id, s.text AS schema
  FROM versions v JOIN schemas s ON s.id = v.schema_id`;

function versionsOf(db: Sqlite, subject: string, deletedToo: boolean): SubjectVersion[] {
  const sql = `${VERSIONS} WHERE v.subject = ? AND v.deleted <= ? ORDER BY v.version`;
  return db.prepare<[string, number], SubjectVersion>(sql).all(subject, deletedToo ? 1 : 0);
}

function findVersion(db: Sqlite, subject: string, text: string): SubjectVersion | undefined {
  return versionsOf(db, subject, false).find((version) => version.schema === text);
}

function levelOf(db: Sqlite, subject: string): CompatibilityLevel | undefined {
  const row = db.prepare<[string], { level: string }>('SELECT level FROM levels WHERE subject = ?').get(subject);
  return row === undefined ? undefined : levelNamed(row.level);
}

function checkCompatible(db: Sqlite, subject: string, text: string): void {
  const level = levelOf(db, subject) ?? levelOf(db, GLOBAL) ?? DEFAULT_LEVEL;
  const earlier = versionsOf(db, subject, false).map((version) => version.schema);
  const [problem] = incompatibilities(level, earlier, text);
  if (problem === undefined) return;
  throw new HeadwaterError(
    'schema-incompatible',
    `the schema cannot follow the earlier versions of subject ${subject} (compatibility level ${level}): ${problem}`,
  );
}

/** The unique index holds every text a second time: a text that it does not find was changed by nobody who may. */
function checkText(db: Sqlite, id: number, text: string, file: string): void {
  const found = reading(file, () =>
    db.prepare<[string], { id: number }>('SELECT id FROM schemas WHERE text = ?').get(text),
  );
  if (found?.id === id) return;
  throw runtimeError('log-file-corrupt', `${file} is damaged: the text of schema id ${id} is not what was registered`);
}

/** One text for schemas that differ in white space only. */
function canonical(text: string): string {
  const json = parsed(text);
  try {
    checkSchema(json);
  } catch (error) {
    throw new HeadwaterError(
      'schema-refused',
      `the schema is not Avro: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return json;
}

function parsed(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    // A bare primitive name such as `string` is a schema too.
    if (/^[A-Za-z]+$/.test(text.trim())) return JSON.stringify(text.trim());
    throw new HeadwaterError('schema-refused', 'the schema is not JSON');
  }
}
