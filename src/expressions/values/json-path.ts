import { HeadwaterError } from '../../data/errors.ts';
import { filterAt, filtered, type FilterPath } from './json-path-filter.ts';
import { PATH_FUNCTIONS } from './json-path-functions.ts';
import { JsonObject, type JsonNode } from './json-text.ts';

/** A compiled path of SQL/JSON, and whether structural errors count (`strict`, which is the default as in Flink). */
export interface JsonPath {
  readonly strict: boolean;
  /** What the path leads to in the node; undefined when it leads nowhere. */
  readonly read: (root: JsonNode) => JsonNode | undefined;
}

/** `undefined`: the step does not apply to such a value; a path that led to one value so far then leads nowhere. */
type Step = (node: JsonNode, root: JsonNode) => readonly JsonNode[] | undefined;

/**
 * `[strict | lax] $.name['name'][n][*].*..name[a,b][from:to][?(filter)]`, with `.length()` and the like at the end of a path
 * that leads to one value; throws `invalid-json-path` for anything else.
 */
export function compileJsonPath(path: string): JsonPath {
  const mode = /^\s*(strict|lax)\s+/i.exec(path);
  const strict = mode?.[1].toLowerCase() !== 'lax';
  const text = (mode === null ? path : path.slice(mode[0].length)).trim();
  const steps: Step[] = [];
  /** How many steps come before the first one that may lead to several values. */
  let prefix = 0;
  let definite = true;
  let at = 0;
  if (text[0] !== '$') throw invalid(path);
  for (at = 1; at < text.length;) {
    const found: FoundStep | undefined =
      (definite ? functionAt(text.slice(at)) : undefined) ??
      filterStep(text.slice(at), strict) ??
      stepAt(text.slice(at));
    if (found === undefined) throw invalid(path);
    steps.push(found.step);
    definite &&= found.definite;
    if (definite) prefix += 1;
    at += found.length;
  }
  const read = (root: JsonNode): JsonNode | undefined => {
    const start = follow(steps.slice(0, prefix), [root], root);
    if (definite || (strict && start.length === 0)) return start[0];
    if (start.length > 0 && steps[prefix](start[0], root) === undefined) return undefined;
    return follow(steps.slice(prefix), start, root);
  };
  return { strict, read };
}

function follow(steps: readonly Step[], from: readonly JsonNode[], root: JsonNode): readonly JsonNode[] {
  return steps.reduce((nodes, step) => nodes.flatMap((node) => step(node, root) ?? []), from);
}

/** `[?(...)]`, also behind a point. */
function filterStep(text: string, strict: boolean): FoundStep | undefined {
  const point = text.startsWith('.[') ? 1 : 0;
  const found = filterAt(text.slice(point), (steps, orNull) => filterPath(steps, orNull && !strict));
  if (found === undefined) return undefined;
  const step: Step = (node, root) => filtered(node, found.test, root);
  return { step, length: point + found.length, definite: false };
}

/** A path to one value inside a filter. `orNull`: it finds NULL where something is missing. */
function filterPath(text: string, orNull: boolean): FilterPath | undefined {
  const steps: Step[] = [];
  for (let at = 0; at < text.length;) {
    const found = stepAt(text.slice(at));
    if (found === undefined || !found.definite) return undefined;
    steps.push(found.step);
    at += found.length;
  }
  return (node, root) => {
    const found = follow(steps, [node], root);
    return found.length === 0 && orNull ? null : found[0];
  };
}

function invalid(path: string): HeadwaterError {
  return new HeadwaterError(
    'invalid-json-path',
    `'${path}' is no supported JSON path: it is [strict|lax] $ and .name, ['name'], [n], [*], .*, ..name, [a,b], [from:to], [?(@.a == 1 && @.b > $.c)], and behind a path to one value ${[...PATH_FUNCTIONS.keys()].map((name) => `.${name}()`).join(', ')}`,
  );
}

interface FoundStep {
  readonly step: Step;
  readonly length: number;
  readonly definite: boolean;
}

/** A function is the last step. */
function functionAt(text: string): FoundStep | undefined {
  const apply = PATH_FUNCTIONS.get(/^\.(\w+)\(\s*\)$/.exec(text)?.[1] ?? '');
  if (apply === undefined) return undefined;
  const step: Step = (node) => {
    const result = apply(node);
    return result === undefined ? [] : [result];
  };
  return { step, length: text.length, definite: true };
}

function stepAt(text: string): FoundStep | undefined {
  const deep = /^\.\.(?:(\*)|([^.[\]()*\s]+))/.exec(text);
  if (deep !== null) {
    const inner = deep[1] === '*' ? children : member(deep[2]);
    return {
      step: (node) => everywhere(node).flatMap((found) => inner(found, node) ?? []),
      length: deep[0].length,
      definite: false,
    };
  }
  const all = /^(?:\.\*|\[\s*\*\s*\])/.exec(text);
  if (all !== null) return { step: children, length: all[0].length, definite: false };
  const name = /^(?:\.([^.[\]()*\s]+)|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\])/.exec(text);
  if (name !== null) {
    const wanted = (name[1] ?? name[2] ?? name[3]).replace(/\\(.)/g, '$1');
    return { step: member(wanted), length: name[0].length, definite: true };
  }
  const slice = /^\[\s*(-?\d*)\s*:\s*(-?\d*)\s*\]/.exec(text);
  if (slice !== null) {
    const [from, to] = [slice[1], slice[2]].map((bound) => (bound === '' ? undefined : Number(bound)));
    const step: Step = (node) => (Array.isArray(node) ? (node as readonly JsonNode[]).slice(from, to) : []);
    return { step, length: slice[0].length, definite: false };
  }
  const indexes = /^\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]/.exec(text);
  if (indexes === null) return undefined;
  const wanted = indexes[1].split(',').map(Number);
  return { step: elements(wanted), length: indexes[0].length, definite: wanted.length === 1 };
}

function member(name: string): Step {
  return (node) => {
    const found = node instanceof JsonObject ? node.members.get(name) : undefined;
    return found === undefined ? [] : [found];
  };
}

function elements(wanted: readonly number[]): Step {
  return (node) => {
    if (!Array.isArray(node)) return [];
    const array = node as readonly JsonNode[];
    return wanted.flatMap((index) => {
      const found = array.at(index);
      return found === undefined ? [] : [found];
    });
  };
}

function children(node: JsonNode): readonly JsonNode[] {
  if (node instanceof JsonObject) return [...node.members.values()];
  return Array.isArray(node) ? (node as readonly JsonNode[]) : [];
}

/** The node and all below it. */
function everywhere(node: JsonNode): readonly JsonNode[] {
  return [node, ...children(node).flatMap(everywhere)];
}
