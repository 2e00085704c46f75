import { functionNamed } from '../expressions/functions/registry.ts';
import type { Expr } from '../expressions/typed.ts';
import { bindCall, bindJsonValue } from './bind-function.ts';
import type * as ast from '../sql/ast.ts';
import { textLiteral } from './literals.ts';
import { problem, unsupported } from './problem.ts';

const CLAUSES: Readonly<Record<string, RegExp>> = {
  JSON_EXISTS: /^(?:TRUE|FALSE|UNKNOWN|ERROR) ON ERROR$/,
  JSON_VALUE:
    /^(?:RETURNING \w+ ?)?(?:(?:NULL|ERROR|DEFAULT \? ?) ?ON EMPTY ?)?(?:(?:NULL|ERROR|DEFAULT \? ?) ?ON ERROR)?$/,
  JSON_QUERY:
    /^(?:RETURNING (?:STRING|VARCHAR|ARRAY ?< ?(?:STRING|VARCHAR) ?>) ?)?(?:(?:WITHOUT|WITH(?: CONDITIONAL| UNCONDITIONAL)?)(?: ARRAY)? WRAPPER ?)?(?:(?:NULL|ERROR|EMPTY ARRAY|EMPTY OBJECT) ON EMPTY ?)?(?:(?:NULL|ERROR|EMPTY ARRAY|EMPTY OBJECT) ON ERROR)?$/,
};

/** A JSON function with clauses behind its arguments; `DEFAULT value` takes a constant. */
export function bindJson(node: ast.OtherExpr, bind: (expression: ast.Expression) => Expr): Expr {
  const { position, words = [] } = node;
  const [name, text] = words;
  if (name === 'JSON_ARRAY' && /^(NULL|ABSENT) ON NULL$/i.test(text)) {
    const internal = /^NULL/i.test(text) ? 'JSON_ARRAY NULL ON NULL' : 'JSON_ARRAY';
    const args = node.args.map((arg) => bindJsonValue(arg, bind));
    return bindCall(functionNamed(internal), args, { name, position });
  }
  const allowed = CLAUSES[name];
  if (allowed === undefined) throw unsupported(node.feature, position);
  const defaults = new Map<string, Expr>();
  const clauses = text
    .replace(
      /DEFAULT ('(?:[^']|'')*'|[-\w.]+(?: \d[\w.]*)?) ON (EMPTY|ERROR)/gi,
      (_all, value: string, event: string) => {
        defaults.set(event.toUpperCase(), bind(constant(value, position)));
        return `DEFAULT ? ON ${event}`;
      },
    )
    .toUpperCase();
  if (!allowed.test(clauses)) throw problem('sql-syntax', `${name} has no clauses such as '${text}'`, position);
  if (/^RETURNING ARRAY.*EMPTY OBJECT ON/.test(clauses)) {
    throw problem('sql-syntax', `${name} RETURNING an ARRAY can be an EMPTY ARRAY, no EMPTY OBJECT`, position);
  }
  const args = [...node.args.map(bind), textLiteral(clauses)];
  if (name === 'JSON_VALUE') args.push(...['EMPTY', 'ERROR'].map((event) => defaults.get(event) ?? NOTHING));
  return bindCall(functionNamed(name), args, { name, position });
}

const NOTHING: Expr = { kind: 'literal', value: null, type: { kind: 'NULL', nullable: true } };

function constant(text: string, position: ast.OtherExpr['position']): ast.Expression {
  if (text.startsWith("'")) {
    return { kind: 'literal', type: 'string', text: text.slice(1, -1).replaceAll("''", "'"), position };
  }
  if (/^(TRUE|FALSE)$/i.test(text)) return { kind: 'literal', type: 'boolean', text: text.toUpperCase(), position };
  if (/^NULL$/i.test(text)) return { kind: 'literal', type: 'null', text: 'NULL', position };
  if (!/^-? ?\.?\d/.test(text)) {
    throw problem('sql-syntax', `DEFAULT of JSON_VALUE takes a constant, '${text}' is none`, position);
  }
  const number = { kind: 'literal' as const, type: 'number' as const, text: text.replace(/^- ?/, ''), position };
  return text.startsWith('-') ? { kind: 'unary', op: '-', arg: number, position } : number;
}
