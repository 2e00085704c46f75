import { HeadwaterError, unreachable } from '../data/errors.ts';
import type * as ast from '../sql/ast.ts';
import { bindView, type QueryEnv } from './bind-from.ts';
import { bindInsert, type BoundInsert } from './bind-insert.ts';
import { illegalNull } from './bind-operators.ts';
import { bindQuery } from './bind-query.ts';
import { Catalog, simpleName } from './catalog.ts';
import { applySet, type Config } from './config.ts';
import type { ConnectorRegistry } from './connector.ts';
import { explainJson, explainPlan } from './explain.ts';
import type { HistoryRange } from './history.ts';
import type { LogicalNode } from './logical.ts';
import { stripAttribute } from '../data/types.ts';
import type { PhysicalPlan } from './physical.ts';
import { buildPlan, type PlanRoot } from './physical-builder.ts';
import { unsupported } from './problem.ts';
import type { Settings } from './settings.ts';

export interface PlanEnv {
  readonly registry: ConnectorRegistry;
  /** Values for `${NAME}` in options and SET: from --set and the environment. */
  readonly settings: Settings;
  /** Job name when the script does not set pipeline.name. */
  readonly defaultName: string;
  /** Sources read this range of history, wherever their tables say that they begin and end. */
  readonly history?: HistoryRange | undefined;
}

export interface ScriptPlan {
  /** All INSERTs of the file as one job. */
  readonly plan: PhysicalPlan | undefined;
  /** One plan for each SELECT at the top level; its sink's connector is `collect`. */
  readonly queries: readonly PhysicalPlan[];
  /** The answers of EXPLAIN statements. */
  readonly explains: readonly string[];
  /** All values set with SET. */
  readonly config: Config;
}

/** Name of the sink table of a SELECT. */
export const COLLECT = 'collect';

/** Plans a script statement by statement. Throws HeadwaterError with a position for everything that is wrong in it. */
export function planScript(statements: readonly ast.Statement[], env: PlanEnv): ScriptPlan {
  const script = new Script(env);
  for (const statement of statements) script.run(statement);
  return script.result();
}

export interface CheckedScript {
  /** Undefined when there are errors. */
  readonly script: ScriptPlan | undefined;
  readonly errors: readonly HeadwaterError[];
}

/**
 * Plans a script and gathers what is wrong in each of its statements. What only follows from an earlier error is left
 * out: a table that is not found because its definition is wrong. `broken`: names whose definition did not even parse.
 */
export function checkScript(
  statements: readonly ast.Statement[],
  env: PlanEnv,
  broken: Iterable<string> = [],
): CheckedScript {
  const script = new Script(env);
  const missing = new Set(broken);
  const errors: HeadwaterError[] = [];
  const attempt = <T>(action: () => T, names: readonly string[]): T | undefined => {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof HeadwaterError)) throw error;
      const follows =
        error.code === 'unknown-table' && [...missing].some((name) => error.message.includes(`'${name}'`));
      if (!follows) errors.push(error);
      for (const name of names) missing.add(name);
      return undefined;
    }
  };
  for (const statement of statements) {
    const declares = statement.kind === 'create-table' || statement.kind === 'create-view';
    attempt(() => script.run(statement), declares ? [simpleName(statement.name)] : []);
  }
  const plan = errors.length === 0 && missing.size === 0 ? attempt(() => script.result(), []) : undefined;
  return { script: errors.length === 0 ? plan : undefined, errors };
}

class Script {
  private readonly env: PlanEnv;
  private readonly query: QueryEnv;
  private readonly roots: PlanRoot[] = [];
  private readonly queries: PhysicalPlan[] = [];
  private readonly explains: string[] = [];
  private config: Config = {};

  constructor(env: PlanEnv) {
    this.env = env;
    this.query = { catalog: new Catalog(env), common: new Map() };
  }

  run(statement: ast.Statement): void {
    switch (statement.kind) {
      case 'create-table':
        this.query.catalog.addTable(statement);
        return;
      case 'create-view':
        bindView(statement, this.query);
        this.query.catalog.addView(statement);
        return;
      case 'set':
        this.set(statement);
        return;
      case 'insert':
      case 'statement-set':
        this.roots.push(...this.inserts(statement));
        return;
      case 'explain':
        this.explains.push(this.explain(statement));
        return;
      case 'other':
        throw unsupported(statement.feature, statement.position);
      case 'select':
      case 'set-operation':
      case 'values':
      case 'with':
      case 'ordered':
        this.queries.push(this.planOf(statement));
        return;
      default:
        unreachable(statement);
    }
  }

  result(): ScriptPlan {
    const plan = this.roots.length === 0 ? undefined : this.plan(mergeTargets(this.roots));
    return { plan, queries: this.queries, explains: this.explains, config: this.config };
  }

  /** One zone for a file: expressions of its plans read it when they run. */
  private set(statement: ast.SetOption): void {
    const config = applySet(this.config, statement, this.env.settings);
    const changes = config[ZONE] !== this.config[ZONE];
    if (changes && this.roots.length + this.queries.length > 0) {
      throw unsupported(`SET '${ZONE}' behind a query`, statement.position, 'SET it at the beginning of the file');
    }
    this.config = config;
  }

  private explain({ details, statement, position }: ast.Explain): string {
    const refused = details.find((detail) => !EXPLAIN_DETAILS.includes(detail));
    if (refused !== undefined)
      throw unsupported(`EXPLAIN ${refused}`, position, 'the plan is chosen by rules, without costs');
    const plan = this.planOf(statement);
    const text = explainPlan(plan);
    return details.includes('JSON_EXECUTION_PLAN') ? `${text}\n\n${JSON.stringify(explainJson(plan), null, 2)}` : text;
  }

  private planOf(statement: ast.Explain['statement']): PhysicalPlan {
    if (statement.kind === 'insert' || statement.kind === 'statement-set') {
      return this.plan(mergeTargets(this.inserts(statement)));
    }
    const insert = collectInsert(bindQuery(statement, this.query), statement);
    return this.plan([{ insert, config: this.config }]);
  }

  private inserts(statement: ast.Insert | ast.StatementSet): readonly PlanRoot[] {
    const inserts = statement.kind === 'insert' ? [statement] : statement.inserts;
    return inserts.map((insert) => ({ insert: bindInsert(insert, this.query), config: this.config }));
  }

  private plan(roots: readonly PlanRoot[]): PhysicalPlan {
    return buildPlan(this.config['pipeline.name'] ?? this.env.defaultName, roots, this.config);
  }
}

const ZONE = 'table.local-time-zone';
/** The first two are what an EXPLAIN shows anyway. */
const EXPLAIN_DETAILS = ['CHANGELOG_MODE', 'PLAN_ADVICE', 'JSON_EXECUTION_PLAN'];

/** A table has one writer: several INSERTs into it are one INSERT of their union. */
function mergeTargets(roots: readonly PlanRoot[]): readonly PlanRoot[] {
  const merged = new Map<string, PlanRoot>();
  for (const root of roots) {
    const known = merged.get(root.insert.target);
    if (known === undefined) merged.set(root.insert.target, root);
    else merged.set(root.insert.target, { ...known, insert: unionOf(known.insert, root.insert) });
  }
  return [...merged.values()];
}

function unionOf(a: BoundInsert, b: BoundInsert): BoundInsert {
  const inputs = [...(a.query.kind === 'union' ? a.query.inputs : [a.query]), b.query];
  const schema = a.query.schema.map((field, i) => ({
    name: field.name,
    type: { ...stripAttribute(field.type), nullable: inputs.some((input) => input.schema[i].type.nullable) },
  }));
  return { ...a, query: { kind: 'union', inputs, schema } };
}

function collectInsert(query: LogicalNode, statement: ast.Query): BoundInsert {
  if (query.schema.some((field) => field.type.kind === 'NULL')) throw illegalNull(statement.position);
  const columns = query.schema.map(({ name, type }) => ({ name, type: stripAttribute(type) }));
  return {
    target: COLLECT,
    query,
    table: { name: COLLECT, columns, primaryKey: [], options: { connector: COLLECT } },
    side: { name: COLLECT, accepts: 'retract', primaryKey: [], primaryKeyNames: [], position: statement.position },
  };
}
