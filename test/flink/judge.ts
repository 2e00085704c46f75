import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { JsonValue } from '../harness/json-values.ts';
import type { CaseError, CaseTable } from './case-types.ts';
import { flinkJars } from './jars.ts';

const SOURCES = 'test/flink/java';
const CASES_AT_ONCE = 4;

/** What Flink is asked. */
export interface Question {
  readonly zone: string;
  readonly options: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, CaseTable>>;
  readonly statements: readonly string[];
  readonly sql: string;
}

export type Reply =
  | { readonly error: CaseError }
  | { readonly error?: undefined; readonly types: string[]; readonly rows: JsonValue[][]; readonly late: number };

/** Flink in a process of its own. Several questions may be asked at once. */
export class Judge {
  private readonly child: ChildProcess;
  private readonly classes: string;
  private readonly waiting = new Map<string, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  private asked = 0;
  private log = '';

  private constructor(child: ChildProcess, classes: string) {
    this.child = child;
    this.classes = classes;
    child.stderr?.on('data', (text: Buffer) => (this.log = (this.log + text.toString()).slice(-4000)));
    child.once('exit', (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`Flink ended with ${code}:\n${this.log}`));
    });
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.receive(line));
  }

  /** Fetches Flink if need be, compiles the Java side and starts it. */
  static async start(): Promise<Judge> {
    const jars = join(await flinkJars(), '*');
    const classes = mkdtempSync(join(tmpdir(), 'headwater-judge-'));
    const files = readdirSync(join(SOURCES, 'judge')).map((file) => join(SOURCES, 'judge', file));
    await promisify(execFile)('javac', ['-nowarn', '-d', classes, '-cp', jars, ...files]);
    const opens = ['java.util', 'java.lang', 'java.time', 'java.nio'].map(
      (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
    );
    const path = [classes, SOURCES, jars].join(':');
    // Programs of Flink are many and short-lived here: the second compiler costs more than it gains.
    const lean = [
      '-Xmx2g',
      '-XX:TieredStopAtLevel=1',
      '-XX:ReservedCodeCacheSize=400m',
      '-XX:+UseSerialGC',
      '-Xlog:disable',
    ];
    const options = [...lean, '-Duser.timezone=UTC', ...opens, '-cp', path];
    return new Judge(spawn('java', [...options, 'judge.Judge', String(CASES_AT_ONCE)]), classes);
  }

  ask(question: Question): Promise<Reply> {
    this.asked += 1;
    const id = String(this.asked);
    const tables = Object.fromEntries(Object.entries(question.tables).map(([name, table]) => [name, table.rows]));
    const ddl = Object.entries(question.tables).map(([name, table]) => createTable(name, table));
    const { zone, options, sql } = question;
    const line = JSON.stringify({ id, zone, options, tables, statements: [...ddl, ...question.statements], sql });
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.stdin?.write(`${line}\n`);
    });
  }

  stop(): void {
    this.child.kill('SIGKILL');
    rmSync(this.classes, { recursive: true, force: true });
  }

  private receive(line: string): void {
    const { id, ...reply } = JSON.parse(line) as Reply & { id: string };
    this.waiting.get(id)?.resolve(reply);
    this.waiting.delete(id);
  }
}

/** The DDL of a table, the same in both engines. */
export function createTable(name: string, table: CaseTable): string {
  return `CREATE TABLE ${name} (${table.columns.trim()}) WITH ('connector' = 'values')`;
}
