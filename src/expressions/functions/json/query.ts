import { HeadwaterError } from '../../../data/errors.ts';
import { BOOLEAN, DOUBLE, INT, type SqlType, STRING } from '../../../data/types.ts';
import type { Call, Expr } from '../../typed.ts';
import { isString, withNullable } from '../../types/common-type.ts';
import { compileJsonPath, type JsonPath } from '../../values/json-path.ts';
import {
  isScalar,
  type JsonNode,
  JsonNumber,
  JsonObject,
  parseJson,
  shownJson,
  writeJson,
} from '../../values/json-text.ts';
import type { FunctionDefinition, Resolution } from '../definition.ts';
import { plain, plainWithNulls } from '../kernel.ts';
import { never, signature } from '../signature.ts';

/** What a path led to. */
type Found = { readonly kind: 'error' | 'empty' } | { readonly kind: 'value'; readonly node: JsonNode };

const FAILED: Found = { kind: 'error' };
const EMPTY: Found = { kind: 'empty' };

/** Each takes: JSON text, path, clauses (a constant text, as the grammar has it), then for JSON_VALUE two defaults. */
export const jsonQueryFunctions: readonly FunctionDefinition[] = [
  {
    name: 'IS JSON',
    syntax: ['text IS [NOT] JSON [VALUE | SCALAR | ARRAY | OBJECT]'],
    signatures: [
      signature(
        ['text', 'kind'].map((name) => ({ name, accept: (type: SqlType) => (isString(type) ? type : undefined) })),
        never(BOOLEAN),
      ),
    ],
    constants: [1],
    kernel: plainWithNulls(() => (text: string | null, kind: string) => text !== null && isJson(text, kind)),
    doc: 'Whether the text is JSON, of that kind; FALSE of NULL.',
    examples: [
      ["'1' IS JSON", true],
      ["'[1' IS JSON", false],
      ["'{}' IS JSON ARRAY", false],
      ["'{}' IS NOT JSON SCALAR", true],
    ],
  },
  {
    name: 'JSON_EXISTS',
    syntax: ['JSON_EXISTS(json, path [{TRUE | FALSE | UNKNOWN | ERROR} ON ERROR])'],
    signatures: [{ shown: 'json, path', resolve: (args) => queried(args, BOOLEAN) }],
    constants: [1, 2],
    kernel: plain((call) => {
      const path = pathOf(call);
      const onError = /^(\w+) ON ERROR$/.exec(clausesOf(call.args))?.[1] ?? 'FALSE';
      return (json: string) => {
        const found = find(json, path);
        if (found.kind !== 'error') return found.kind === 'value';
        if (onError === 'ERROR') throw failure('JSON_EXISTS', json);
        return onError === 'UNKNOWN' ? null : onError === 'TRUE';
      };
    }),
    check: checkPath,
    doc: 'Whether the path leads to a value. A path without `lax` counts as `strict`: where the structure lacks something it is an error.',
    examples: [
      [`JSON_EXISTS('{"a": true}', '$.a')`, true],
      [`JSON_EXISTS('{"a": true}', '$.b')`, false],
      [`JSON_EXISTS('{"a": true}', 'strict $.b' TRUE ON ERROR)`, true],
    ],
  },
  {
    name: 'JSON_VALUE',
    syntax: [
      'JSON_VALUE(json, path [RETURNING type] [{NULL | ERROR | DEFAULT value} ON EMPTY] [{NULL | ERROR | DEFAULT value} ON ERROR])',
    ],
    signatures: [{ shown: 'json, path', resolve: resolveValue }],
    constants: [2],
    kernel: plainWithNulls((call) => {
      const pathFor = pathsOf(call);
      const [onEmpty, onError] = ['EMPTY', 'ERROR'].map((event) => behaviour(clausesOf(call.args), event));
      const convert = converter(call.type);
      return (
        json: string | null,
        path: string | null,
        _clauses: string,
        emptyDefault: unknown,
        errorDefault: unknown,
      ) => {
        if (json === null || path === null) return null;
        const found = scalarAt(json, pathFor(path));
        const value = found.kind === 'value' ? convert(found.node) : undefined;
        if (value !== undefined) return value;
        const isEmpty = found.kind === 'empty';
        const then = isEmpty ? onEmpty : onError;
        if (then === 'ERROR') throw failure('JSON_VALUE', json);
        return then === 'DEFAULT' ? (isEmpty ? emptyDefault : errorDefault) : null;
      };
    }),
    check: checkPath,
    doc: 'The scalar that the path leads to, as STRING or RETURNING BOOLEAN, INTEGER, DOUBLE. What it says ON EMPTY and ON ERROR is NULL if nothing else is said. A path without `lax` counts as `strict`: something missing is an error there, and empty with `lax`.',
    examples: [
      [`JSON_VALUE('{"a": {"b": [1, 2.5]}}', '$.a.b[1]')`, '2.5'],
      [`JSON_VALUE('{"a": true}', '$.a' RETURNING BOOLEAN)`, true],
      [`JSON_VALUE('{"a": [1, 2]}', '$.a.length()')`, '2'],
      [`JSON_VALUE('{}', 'lax $.x' DEFAULT 'none' ON EMPTY)`, 'none'],
      [`JSON_VALUE('{}', '$.x' DEFAULT 'none' ON EMPTY)`, null],
      [`JSON_VALUE('no json', '$.x' DEFAULT 'bad' ON ERROR)`, 'bad'],
    ],
  },
  {
    name: 'JSON_QUERY',
    syntax: [
      'JSON_QUERY(json, path [RETURNING {STRING | ARRAY<STRING>}] [{WITHOUT | WITH [CONDITIONAL | UNCONDITIONAL]} [ARRAY] WRAPPER] [{NULL | EMPTY ARRAY | EMPTY OBJECT | ERROR} ON EMPTY] [.. ON ERROR])',
    ],
    signatures: [{ shown: 'json, path', resolve: resolveQuery }],
    constants: [2],
    kernel: plain((call) => {
      const pathFor = pathsOf(call);
      const clauses = clausesOf(call.args);
      const [onEmpty, onError] = ['EMPTY', 'ERROR'].map((event) => behaviour(clauses, event));
      const wrapper = wrapperOf(clauses);
      const asArray = call.type.kind === 'ARRAY';
      return (json: string, pathText: string) => {
        const path = pathFor(pathText);
        const found = wrapped(find(json, path), wrapper, path.strict);
        if (found.kind === 'value') return asArray ? textElements(found.node) : writeJson(found.node);
        const then = found.kind === 'empty' ? onEmpty : onError;
        if (then === 'ERROR') throw failure('JSON_QUERY', json);
        if (then === 'EMPTY ARRAY') return asArray ? [] : '[]';
        return then === 'EMPTY OBJECT' && !asArray ? '{}' : null;
      };
    }),
    check: checkPath,
    doc: 'The object or array that the path leads to, as JSON text without blanks; a scalar only in a wrapper. RETURNING ARRAY<STRING> gives the elements of an array, those that are no text as JSON.',
    examples: [
      [`JSON_QUERY('{"a": {"b": 1}}', '$.a')`, '{"b":1}'],
      [`JSON_QUERY('{"a": 1}', '$.a' WITH WRAPPER)`, '[1]'],
      [`JSON_QUERY('{"a": 1}', '$.a')`, null],
      [`JSON_QUERY('{"a": [1, 2]}', '$.a' RETURNING ARRAY<STRING>)[2]`, '2'],
      [`JSON_QUERY('[{"k": 1}, {"k": 2}]', '$[?(@.k > 1)]')`, '[{"k":2}]'],
      [`JSON_QUERY('[{"k": 1}, {"s": 2}]', 'lax $[?(@.k && !@.s)]')`, '[{"k":1}]'],
      [`JSON_QUERY('[9007199254740993, 9007199254740992.5]', '$[?(@ > 9007199254740992.75)]')`, '[9007199254740993]'],
      [`JSON_QUERY('{}', '$.a' EMPTY ARRAY ON ERROR)`, '[]'],
    ],
  },
];

function isJson(text: string, kind: string): boolean {
  const node = parseJson(text);
  if (node === undefined) return false;
  switch (kind) {
    case 'SCALAR':
      return isScalar(node);
    case 'ARRAY':
      return Array.isArray(node);
    case 'OBJECT':
      return node instanceof JsonObject;
    default:
      return true;
  }
}

function queried(args: readonly Expr[], result: SqlType): Resolution | undefined {
  if (args.length < 2 || args.length > 3 || !args.every((arg) => isString(arg.type))) return undefined;
  return { params: args.map((arg) => arg.type), result: withNullable(result, true) };
}

const RETURNED: Readonly<Record<string, SqlType>> = { BOOLEAN, INTEGER: INT, INT, DOUBLE, STRING, VARCHAR: STRING };

function resolveValue(args: readonly Expr[]): Resolution | undefined {
  if (args.length < 2 || !args.slice(0, 3).every((arg) => isString(arg.type))) return undefined;
  const name = /^RETURNING (\w+)/.exec(clausesOf(args))?.[1] ?? 'STRING';
  const result = RETURNED[name];
  if (result === undefined) return undefined;
  return { params: args.map((arg, i) => (i < 3 ? arg.type : result)), result: withNullable(result, true) };
}

function resolveQuery(args: readonly Expr[]): Resolution | undefined {
  const returned: SqlType = /^RETURNING ARRAY/.test(clausesOf(args))
    ? { kind: 'ARRAY', element: STRING, nullable: true }
    : STRING;
  return queried(args, returned);
}

/** The elements of an array as text, NULL as it is; of anything else NULL. */
function textElements(node: JsonNode): readonly (string | null)[] | null {
  if (!Array.isArray(node)) return null;
  return (node as readonly JsonNode[]).map((element) =>
    element === null || typeof element === 'string' ? element : writeJson(element),
  );
}

function checkPath(args: readonly Expr[]): void {
  const path = args[1];
  if (path.kind === 'literal' && typeof path.value === 'string') compileJsonPath(path.value);
}

function pathOf({ args }: Call): JsonPath {
  const path = args[1];
  return compileJsonPath(path.kind === 'literal' ? String(path.value) : '');
}

/** Paths that are columns are compiled as they come; so many are kept. */
const MAX_PATHS = 256;

function pathsOf(call: Call): (path: string) => JsonPath {
  if (call.args[1].kind === 'literal') {
    const only = pathOf(call);
    return () => only;
  }
  const compiled = new Map<string, JsonPath>();
  return (text) => {
    let path = compiled.get(text);
    if (path === undefined) {
      if (compiled.size === MAX_PATHS) compiled.clear();
      path = pathInData(text);
      compiled.set(text, path);
    }
    return path;
  };
}

/** A wrong path in data is an error as a wrong document is: what ON ERROR says. */
function pathInData(text: string): JsonPath {
  try {
    return compileJsonPath(text);
  } catch (error) {
    if (error instanceof HeadwaterError && error.code === 'invalid-json-path') return LEADS_NOWHERE;
    throw error;
  }
}

const LEADS_NOWHERE: JsonPath = { strict: true, read: () => undefined };

function clausesOf(args: readonly Expr[]): string {
  const clauses = args.at(2);
  return clauses?.kind === 'literal' ? String(clauses.value) : '';
}

/** What the clauses say `ON EMPTY` or `ON ERROR`. */
function behaviour(clauses: string, event: string): string {
  return new RegExp(`(NULL|ERROR|DEFAULT|EMPTY ARRAY|EMPTY OBJECT)(?: \\?)? ON ${event}`).exec(clauses)?.[1] ?? 'NULL';
}

function find(json: string, path: JsonPath): Found {
  const root = parseJson(json);
  if (root === undefined) return path.strict ? FAILED : EMPTY;
  const node = path.read(root);
  if (node === undefined) return path.strict ? FAILED : EMPTY;
  if (node === null) return path.strict ? FAILED : EMPTY;
  return { kind: 'value', node };
}

function scalarAt(json: string, path: JsonPath): Found {
  const found = find(json, path);
  if (found.kind !== 'value' || isScalar(found.node)) return found;
  return path.strict ? FAILED : EMPTY;
}

type Wrapper = 'none' | 'conditional' | 'unconditional';

function wrapperOf(clauses: string): Wrapper {
  if (!/\bWITH\b.*\bWRAPPER\b/.test(clauses)) return 'none';
  return /\bWITH CONDITIONAL\b/.test(clauses) ? 'conditional' : 'unconditional';
}

function wrapped(found: Found, wrapper: Wrapper, strict: boolean): Found {
  if (found.kind !== 'value') return found;
  if (wrapper === 'unconditional' || (wrapper === 'conditional' && !Array.isArray(found.node))) {
    return { kind: 'value', node: [found.node] };
  }
  return isScalar(found.node) ? (strict ? FAILED : EMPTY) : found;
}

/** A scalar as a value of the type; undefined when it is none. */
function converter(type: SqlType): (node: JsonNode) => unknown {
  switch (type.kind) {
    case 'BOOLEAN':
      return (node) => (typeof node === 'boolean' ? node : undefined);
    case 'INT':
      return (node) => {
        const value = node instanceof JsonNumber && node.isInteger ? Number(node.text) : undefined;
        return value === (value ?? 0) << 0 ? value : undefined;
      };
    case 'DOUBLE':
      return (node) => (node instanceof JsonNumber ? Number(node.text) : undefined);
    default:
      return (node) => (node instanceof JsonNumber ? node.text : String(node));
  }
}

function failure(name: string, json: string): HeadwaterError {
  return new HeadwaterError('json-path-failed', `${name}: the path leads to no fitting value in '${shownJson(json)}'`);
}
