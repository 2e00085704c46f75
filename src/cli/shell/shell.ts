import { performance } from 'node:perf_hooks';
import { createInterface, type Interface } from 'node:readline';
import { HeadwaterError } from '../../data/errors.ts';
import { SETTING_NAMES } from '../../planner/config.ts';
import { builtinConnectors } from '../../runtime/builtin-connectors.ts';
import type { CliOptions } from '../arguments.ts';
import { stateFile } from '../environment.ts';
import { settingsOf } from '../plan-file.ts';
import { ServerClient } from '../server-client.ts';
import { complete, type Names } from './complete.ts';
import { History } from './history.ts';
import { QueryRunner } from './runner.ts';
import { type Outcome, Session } from './session.ts';
import { ShownQuery } from './shown-query.ts';
import { functionNames } from './show.ts';
import { splitInput } from './split-input.ts';
import { textTable } from './text-table.ts';

const HELP = `Statements end with ';' and may have several lines.
  CREATE TABLE | VIEW ..       kept in this session
  DROP TABLE | VIEW name
  SELECT ..                    shows its rows, on a terminal while they change (q or Ctrl-C ends it)
  INSERT INTO ..               submitted to the server of the data directory, else run here to its end
  EXPLAIN ..                   the plan
  SET ['key' = 'value'], RESET ['key']
  SHOW TABLES | VIEWS | FUNCTIONS [LIKE '..%'], SHOW CREATE TABLE | VIEW name
  SHOW COLUMNS FROM name, DESCRIBE name
  help, clear, quit`;
const PROMPT = 'headwater> ';
const CONTINUED = '        -> ';

/** The interactive shell: over a terminal with prompt, history and completion; over a pipe the same without them. */
export class Shell {
  private readonly cli: CliOptions;
  private readonly write: (text: string) => void;
  private readonly terminal: boolean;
  private readonly session: Session;
  private readonly runner: QueryRunner;
  private buffer = '';
  private statements = 0;
  private failures = 0;
  private shown: ShownQuery | undefined;

  constructor(cli: CliOptions, write: (text: string) => void, terminal: boolean) {
    this.cli = cli;
    this.write = write;
    this.terminal = terminal;
    this.session = new Session(builtinConnectors().registry, cli.settings);
    this.runner = new QueryRunner(cli);
  }

  /** Until `quit` or the end of the input. Over a pipe, throws `statements-failed` at the end when some did. */
  async run(): Promise<void> {
    const history = new History(stateFile('history'));
    const lines = createInterface({
      input: process.stdin,
      ...(this.terminal ? { output: process.stdout, completer: (line: string) => complete(line, this.names()) } : {}),
      history: history.lines,
      historySize: 1000,
      terminal: this.terminal,
    });
    this.listenForStop(lines);
    try {
      this.say(this.terminal ? "Headwater SQL; 'help;' shows what there is\n" : '');
      this.prompt(lines);
      for await (const line of lines) {
        if (this.terminal && line.trim() !== '') history.add(line);
        if (await this.take(line)) break;
        this.prompt(lines);
      }
      if (!this.terminal && this.buffer.trim() !== '') await this.execute(this.buffer.trim());
    } finally {
      lines.close();
      await this.runner.close();
    }
    if (!this.terminal) this.checkPiped();
  }

  private checkPiped(): void {
    if (this.statements === 0)
      throw new HeadwaterError(
        'bad-arguments',
        'headwater sql expects -f FILE or -e SQL, a terminal or statements on its input',
      );
    if (this.failures > 0)
      throw new HeadwaterError('statements-failed', `${this.failures} of ${this.statements} statements failed`);
  }

  private say(text: string): void {
    this.write(text);
  }

  private prompt(lines: Interface): void {
    if (!this.terminal) return;
    lines.setPrompt(this.buffer.trim() === '' ? PROMPT : CONTINUED);
    lines.prompt();
  }

  /** Ctrl-C ends a running query, else forgets what was typed. */
  private listenForStop(lines: Interface): void {
    lines.on('SIGINT', () => {
      if (this.shown !== undefined) return this.shown.stop();
      this.buffer = '';
      this.say('\n');
      lines.write(null, { ctrl: true, name: 'u' });
      this.prompt(lines);
    });
    if (this.terminal) {
      process.stdin.on('keypress', (_text: unknown, key: { readonly name?: string }) => {
        if (this.shown === undefined || key.name !== 'q') return;
        this.shown.stop();
        lines.write(null, { ctrl: true, name: 'u' });
      });
    }
  }

  /** Whether the shell is to end. */
  private async take(line: string): Promise<boolean> {
    const word = this.buffer.trim() === '' ? commandOf(line) : undefined;
    if (word !== undefined) return this.command(word);
    const { statements, rest } = splitInput(`${this.buffer}${line}\n`);
    this.buffer = rest === '' ? '' : rest.endsWith('\n') ? rest : `${rest}\n`;
    for (const statement of statements) {
      const inner = commandOf(statement);
      if (inner === undefined) await this.execute(statement);
      else if (this.command(inner)) return true;
    }
    return false;
  }

  private command(word: Command): boolean {
    if (word === 'help') this.say(`${HELP}\n`);
    if (word === 'clear') this.say('\x1b[2J\x1b[H');
    this.statements++;
    return word === 'quit' || word === 'exit';
  }

  private async execute(statement: string): Promise<void> {
    this.statements++;
    const started = performance.now();
    try {
      await this.show(this.session.run(statement), started);
    } catch (error) {
      this.failures++;
      this.say(`${errorText(error)}\n`);
    }
  }

  private async show(outcome: Outcome, started: number): Promise<void> {
    const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(2)} s`;
    switch (outcome.kind) {
      case 'text':
        return this.say(`${outcome.text}\n`);
      case 'table': {
        const { columns, rows } = outcome;
        return this.say(`${rows.length === 0 ? '' : `${textTable(columns, rows)}\n`}${countOf(rows.length)}\n`);
      }
      case 'select': {
        const rows = await this.runQuery(outcome.plan);
        return this.say(`${countOf(rows)} in ${seconds()}\n`);
      }
      case 'insert': {
        const { plan, script } = outcome;
        const client = await ServerClient.find(this.cli.dataDir ?? '.headwater');
        if (client !== undefined) {
          const job = await client.submit(script, plan.jobName, settingsOf(script, this.cli.settings));
          return this.say(`job ${job.name} submitted to ${client.url}: ${job.status}\n`);
        }
        await this.runQuery(plan);
        return this.say(`done in ${seconds()}\n`);
      }
    }
  }

  private async runQuery(plan: Extract<Outcome, { kind: 'select' }>['plan']): Promise<number> {
    for (const warning of plan.warnings) this.say(`warning: ${warning}\n`);
    const shown = new ShownQuery(plan, this.runner, this.write, this.terminal ? process.stdout : undefined);
    this.shown = shown;
    try {
      return await shown.run();
    } finally {
      this.shown = undefined;
    }
  }

  private names(): Names {
    const tables = [...this.session.tables];
    const columns = tables.flatMap(([, { statement }]) =>
      statement.kind === 'create-table'
        ? statement.columns.map((column) => column.name)
        : statement.columns.flatMap((column) => column.parts),
    );
    return {
      tables: tables.map(([name]) => name),
      columns: [...new Set(columns)].sort(),
      functions: functionNames(),
      settings: SETTING_NAMES,
    };
  }
}

type Command = 'help' | 'clear' | 'quit' | 'exit';

function commandOf(text: string): Command | undefined {
  const word = text.trim().replace(/;$/, '').trim().toLowerCase();
  return word === 'help' || word === 'clear' || word === 'quit' || word === 'exit' ? word : undefined;
}

/** Errors in SQL begin with their code already. */
function errorText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof HeadwaterError ? error.code : 'internal-error';
  return message.startsWith(`${code} at `) ? `error ${message}` : `error [${code}] ${message}`;
}

function countOf(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
