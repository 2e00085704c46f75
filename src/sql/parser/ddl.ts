import type { IToken } from 'chevrotain';
import type { SourcePosition } from '../../data/errors.ts';
import type { ColumnDef, CreateTable, CreateView, Expression, Identifier } from '../ast.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { position, valueOf, type Rule } from './base.ts';
import { QueriesParser } from './queries.ts';

type Watermark = NonNullable<CreateTable['watermark']>;
type PrimaryKey = NonNullable<CreateTable['primaryKey']>;

/** What a column list holds, gathered while it is parsed. */
interface Columns {
  columns: ColumnDef[];
  watermark: Watermark | undefined;
  primaryKey: PrimaryKey | undefined;
}

interface Creation {
  readonly first: IToken;
  readonly temporary: boolean;
}

/** CREATE TABLE and CREATE VIEW. */
export abstract class DdlParser extends QueriesParser {
  readonly create: Rule<CreateTable | CreateView> = this.RULE('create', () => {
    const first = this.CONSUME(K.CREATE);
    this.OPTION(() => {
      const or = this.CONSUME(K.OR);
      this.CONSUME(K.REPLACE);
      this.make(() => {
        throw this.unsupported('CREATE OR REPLACE', or);
      });
    });
    const temporary = this.OPTION1(() => this.CONSUME(K.TEMPORARY)) !== undefined;
    return this.OR<CreateTable | CreateView>([
      { ALT: () => this.SUBRULE(this.createTable, { ARGS: [{ first, temporary }] }) },
      { ALT: () => this.SUBRULE(this.createView, { ARGS: [{ first, temporary }] }) },
    ]);
  });

  private readonly createTable = this.RULE('createTable', (creation: Creation): CreateTable => {
    this.CONSUME(K.TABLE);
    const ifNotExists = this.SUBRULE(this.ifNotExists);
    const name = this.SUBRULE(this.path);
    const columns = this.OPTION1(() => this.SUBRULE(this.columnList)) ?? NO_COLUMNS;
    const comment = this.consumeComment();
    this.OPTION2(() => {
      const distributed = this.CONSUME(K.DISTRIBUTED);
      this.make(() => {
        throw this.unsupported('DISTRIBUTED BY', distributed);
      });
    });
    const partitionedBy = this.OPTION3(() => {
      this.CONSUME(K.PARTITIONED);
      this.CONSUME(K.BY);
      return this.SUBRULE(this.identifierList);
    });
    const options = this.OPTION4(() => {
      this.CONSUME(K.WITH);
      return this.SUBRULE(this.options);
    });
    let like: { source: Identifier; options: string[] } | undefined;
    const asQuery = this.OPTION5(() =>
      this.OR([
        { ALT: () => ((like = this.SUBRULE(this.likeClause)), undefined) },
        {
          ALT: () => {
            this.CONSUME(K.AS);
            return this.SUBRULE(this.query);
          },
        },
      ]),
    );
    return this.make((): CreateTable => ({
      kind: 'create-table',
      temporary: creation.temporary,
      ifNotExists,
      name,
      ...columns,
      comment,
      partitionedBy: partitionedBy ?? [],
      options: options ?? [],
      like: like?.source,
      ...(like === undefined || like.options.length === 0 ? {} : { likeOptions: like.options }),
      asQuery,
      position: position(creation.first),
    }));
  });

  private readonly createView = this.RULE('createView', (creation: Creation): CreateView => {
    this.CONSUME(K.VIEW);
    const ifNotExists = this.SUBRULE(this.ifNotExists);
    const name = this.SUBRULE(this.path);
    const columns = this.OPTION(() => this.SUBRULE(this.identifierList)) ?? [];
    const comment = this.consumeComment();
    this.CONSUME(K.AS);
    const query = this.SUBRULE(this.query);
    return this.make((): CreateView => ({
      kind: 'create-view',
      temporary: creation.temporary,
      ifNotExists,
      name,
      columns,
      ...(comment === undefined ? {} : { comment }),
      query,
      position: position(creation.first),
    }));
  });

  private readonly ifNotExists: Rule<boolean> = this.RULE('ifNotExists', () => {
    const given = this.OPTION({
      GATE: () => this.ahead(K.IF, K.NOT),
      DEF: () => {
        this.CONSUME(K.IF);
        this.CONSUME(K.NOT);
        this.CONSUME(K.EXISTS);
        return true;
      },
    });
    return given === true;
  });

  private readonly columnList: Rule<Columns> = this.RULE('columnList', () => {
    const list: Columns = { columns: [], watermark: undefined, primaryKey: undefined };
    this.CONSUME(P.LParen);
    this.AT_LEAST_ONE_SEP({
      SEP: P.Comma,
      DEF: () => {
        this.OR([
          { ALT: () => this.SUBRULE(this.watermark, { ARGS: [list] }) },
          { ALT: () => this.SUBRULE(this.tableKey, { ARGS: [list] }) },
          { ALT: () => this.SUBRULE(this.column, { ARGS: [list] }) },
        ]);
      },
    });
    this.CONSUME(P.RParen);
    return list;
  });

  private readonly watermark = this.RULE('watermark', (list: Columns): void => {
    const first = this.CONSUME(K.WATERMARK);
    this.CONSUME(K.FOR);
    const column = this.SUBRULE(this.path);
    this.CONSUME(K.AS);
    const expr = this.SUBRULE(this.expression);
    this.make(() => {
      if (list.watermark !== undefined)
        throw this.fail('sql-duplicate-clause', 'a table has at most one WATERMARK', first);
      list.watermark = { column, expr, position: position(first) };
    });
  });

  private readonly tableKey = this.RULE('tableKey', (list: Columns): void => {
    this.OPTION(() => {
      this.CONSUME(K.CONSTRAINT);
      this.SUBRULE(this.identifier);
    });
    const first = this.CONSUME(K.PRIMARY);
    this.CONSUME(K.KEY);
    const columns = this.SUBRULE(this.identifierList);
    const enforced = this.SUBRULE(this.enforced);
    this.make(() => this.setKey(list, columns, enforced, first));
  });

  /** Without a word a key would be enforced; the planner explains why that is refused. */
  private readonly enforced: Rule<boolean> = this.RULE('enforced', () => {
    const not = this.OPTION(() => {
      const token = this.OPTION1(() => this.CONSUME(K.NOT));
      this.CONSUME(K.ENFORCED);
      return token !== undefined;
    });
    return not !== true;
  });

  private setKey(list: Columns, columns: readonly Identifier[], enforced: boolean, first: IToken): void {
    if (list.primaryKey !== undefined) {
      throw this.fail(
        'sql-duplicate-clause',
        'a table has at most one PRIMARY KEY',
        first,
        'list all columns of the key in one PRIMARY KEY (..) NOT ENFORCED',
      );
    }
    list.primaryKey = { columns, enforced, position: position(first) };
  }

  private readonly column = this.RULE('column', (list: Columns): void => {
    const name = this.CONSUME(t.Name);
    const base = this.make(() => ({ name: valueOf(name), position: position(name) }));
    const column = this.OR<(comment: string | undefined) => ColumnDef>([
      { ALT: () => this.SUBRULE(this.computed, { ARGS: [base] }) },
      { ALT: () => this.SUBRULE(this.typed, { ARGS: [base, list] }) },
    ]);
    const comment = this.consumeComment();
    this.make(() => list.columns.push(column(comment)));
  });

  private readonly computed = this.RULE(
    'computed',
    (base: ColumnBase): ((comment: string | undefined) => ColumnDef) => {
      this.CONSUME(K.AS);
      const expr: Expression = this.SUBRULE(this.expression);
      return (comment) => ({ kind: 'computed', ...base, expr, comment });
    },
  );

  private readonly typed = this.RULE(
    'typed',
    (base: ColumnBase, list: Columns): ((comment: string | undefined) => ColumnDef) => {
      const type = this.SUBRULE(this.dataType);
      const metadata = this.OPTION(() => this.SUBRULE(this.metadata));
      this.OPTION1(() => {
        this.OPTION2(() => {
          this.CONSUME(K.CONSTRAINT);
          this.SUBRULE(this.identifier);
        });
        const first = this.CONSUME(K.PRIMARY);
        this.CONSUME(K.KEY);
        const enforced = this.SUBRULE(this.enforced);
        this.make(() => {
          const column: Identifier = { kind: 'identifier', parts: [base.name], position: base.position };
          this.setKey(list, [column], enforced, first);
        });
      });
      return (comment) =>
        metadata === undefined
          ? { kind: 'physical', ...base, type, comment }
          : { kind: 'metadata', ...base, type, ...metadata, comment };
    },
  );

  private readonly metadata: Rule<{ from: string | undefined; virtual: boolean }> = this.RULE('metadata', () => {
    this.CONSUME(K.METADATA);
    const from = this.OPTION(() => {
      this.CONSUME(K.FROM);
      return this.SUBRULE(this.stringValue);
    });
    const virtual = this.OPTION1(() => this.CONSUME(K.VIRTUAL)) !== undefined;
    return { from, virtual };
  });

  private readonly likeClause: Rule<{ source: Identifier; options: string[] }> = this.RULE('likeClause', () => {
    this.CONSUME(K.LIKE);
    const source = this.SUBRULE(this.path);
    const options: string[] = [];
    this.OPTION(() => {
      this.CONSUME(P.LParen);
      this.AT_LEAST_ONE(() => {
        const mode = this.OR([
          { ALT: () => this.CONSUME(K.INCLUDING) },
          { ALT: () => this.CONSUME(K.EXCLUDING) },
          { ALT: () => this.CONSUME(K.OVERWRITING) },
        ]);
        const what = this.OR1([
          { ALT: () => this.CONSUME(K.ALL) },
          { ALT: () => this.CONSUME(t.Name) },
          { ALT: () => this.CONSUME(t.ReservedWord) },
        ]);
        this.make(() => {
          if (!LIKE_PARTS.includes(what.image.toUpperCase())) {
            const hint = `LIKE takes over ${LIKE_PARTS.join(', ')}`;
            throw this.fail('sql-syntax', `unexpected '${what.image}'`, what, hint);
          }
          options.push(`${mode.image} ${what.image}`.toUpperCase());
        });
      });
      this.CONSUME(P.RParen);
    });
    return { source, options };
  });
}

const LIKE_PARTS: readonly string[] =
  'ALL CONSTRAINTS DISTRIBUTION GENERATED METADATA OPTIONS PARTITIONS WATERMARKS'.split(' ');

interface ColumnBase {
  readonly name: string;
  readonly position: SourcePosition;
}

const NO_COLUMNS: Columns = { columns: [], watermark: undefined, primaryKey: undefined };
