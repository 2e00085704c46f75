import { HeadwaterError } from '../../data/errors.ts';
import { planScript, type ScriptPlan } from '../../planner/index.ts';
import type { ConnectorRegistry } from '../../planner/connector.ts';
import type { PhysicalPlan } from '../../planner/physical.ts';
import { formatSqlError, parseScript } from '../../sql/index.ts';
import type { CreateTable, CreateView, SetOption, Statement } from '../../sql/ast.ts';
import { knownNames, plainName } from './names.ts';
import { answerShow } from './show.ts';

/** What a statement of the shell comes to. */
export type Outcome =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'table'; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'select'; readonly plan: PhysicalPlan }
  | { readonly kind: 'insert'; readonly plan: PhysicalPlan; readonly script: string };

export interface Declared {
  readonly statement: CreateTable | CreateView;
  readonly text: string;
}

interface Setting {
  readonly value: string;
  readonly text: string;
}

/** The tables, views and settings of a session, and what each statement makes of them. Runs nothing itself. */
export class Session {
  private readonly declared = new Map<string, Declared>();
  private readonly settings = new Map<string, Setting>();
  private readonly registry: ConnectorRegistry;
  private readonly values: ReadonlyMap<string, string>;

  /** `values`: of `${NAME}` in options. */
  constructor(registry: ConnectorRegistry, values: ReadonlyMap<string, string>) {
    this.registry = registry;
    this.values = values;
  }

  get tables(): ReadonlyMap<string, Declared> {
    return this.declared;
  }

  /** Takes one statement. Throws HeadwaterError, whose message shows the place in the statement. */
  run(text: string): Outcome {
    const [statement, more] = parseScript(text);
    if (statement === undefined || more !== undefined) {
      throw new HeadwaterError('bad-arguments', 'expected one statement');
    }
    switch (statement.kind) {
      case 'create-table':
      case 'create-view':
        return this.declare(statement, text);
      case 'set':
        return this.set(statement, text);
      case 'insert':
      case 'statement-set': {
        const { plan } = this.plan(text);
        if (plan === undefined) throw new Error('an INSERT has a plan');
        return { kind: 'insert', plan, script: this.script(text) };
      }
      case 'explain':
        return { kind: 'text', text: this.plan(text).explains.join('\n') };
      case 'other':
        return this.other(statement.feature, statement.text, text);
      default: {
        const [plan] = this.plan(text).queries;
        return { kind: 'select', plan };
      }
    }
  }

  /** The columns of a table or view with their types; throws where a view has become wrong. */
  viewPlan(name: string): PhysicalPlan {
    return this.plan(`SELECT * FROM \`${name.replaceAll('`', '``')}\``).queries[0];
  }

  private declare(statement: CreateTable | CreateView, text: string): Outcome {
    const name = statement.name.parts.join('.');
    const what = statement.kind === 'create-table' ? 'table' : 'view';
    const known = this.declared.has(name);
    this.plan(text);
    if (known) return { kind: 'text', text: `${what} ${name} is there already` };
    this.declared.set(name, { statement, text });
    return { kind: 'text', text: `${what} ${name} created` };
  }

  private set({ key, value }: SetOption, text: string): Outcome {
    if (key === undefined) {
      const rows = [...this.settings].map(([name, setting]) => [name, setting.value]);
      return { kind: 'table', columns: ['key', 'value'], rows };
    }
    if (value === undefined) {
      return { kind: 'text', text: this.settings.delete(key) ? `${key} reset` : `${key} was not set` };
    }
    this.plan(text);
    this.settings.set(key, { value, text });
    return { kind: 'text', text: `${key} = ${value}` };
  }

  private other(feature: string, words: string, text: string): Outcome {
    if (feature === 'RESET') {
      this.settings.clear();
      return { kind: 'text', text: 'all settings reset' };
    }
    const drop = /^DROP (?:TEMPORARY )?(TABLE|VIEW) (IF EXISTS )?(.+)$/i.exec(words);
    if (drop !== null) return this.drop(drop[1].toLowerCase(), plainName(drop[3]), drop[2] !== undefined);
    const shown = answerShow(words, this);
    if (shown !== undefined) return shown;
    this.plan(text);
    throw new Error(`${feature} is refused by the planner`);
  }

  private drop(what: string, name: string, ifExists: boolean): Outcome {
    const declared = this.declared.get(name);
    const is = declared?.statement.kind === 'create-view' ? 'view' : 'table';
    if (declared === undefined) {
      if (ifExists) return { kind: 'text', text: `there is no ${what} ${name}` };
      throw new HeadwaterError('unknown-table', `there is no ${what} '${name}'${knownNames(this.declared.keys())}`);
    }
    if (is !== what)
      throw new HeadwaterError('unknown-table', `'${name}' is a ${is}: expected DROP ${is.toUpperCase()}`);
    this.declared.delete(name);
    return { kind: 'text', text: `${what} ${name} dropped` };
  }

  private script(text: string): string {
    return [
      ...[...this.settings.values()].map((one) => one.text),
      ...[...this.declared.values()].map((one) => one.text),
      text,
    ]
      .map((one) => `${one};\n`)
      .join('');
  }

  /** Plans the statement behind all that is declared. An error's position is in the statement itself. */
  private plan(text: string): ScriptPlan {
    const script = this.script(text);
    const before = script.slice(0, script.length - text.length - 2).split('\n').length - 1;
    const statements: readonly Statement[] = parseScript(script);
    try {
      return planScript(statements, { registry: this.registry, settings: this.values, defaultName: 'sql' });
    } catch (error) {
      if (!(error instanceof HeadwaterError) || error.position === undefined) throw error;
      const { position, kind } = error;
      const inside = position.line > before;
      const moved = new HeadwaterError(error.code, error.message, {
        kind,
        position: inside ? { ...position, line: position.line - before } : position,
      });
      // A table that was declared earlier turns out to be wrong when it is used: the place is there.
      throw new HeadwaterError(error.code, formatSqlError(moved, inside ? text : script), {
        kind,
        position: moved.position,
        cause: error,
      });
    }
  }
}
