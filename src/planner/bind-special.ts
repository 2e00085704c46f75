import { functionNamed } from '../expressions/functions/registry.ts';
import type { Expr } from '../expressions/typed.ts';
import type * as ast from '../sql/ast.ts';
import { bindCall, bindJsonValue } from './bind-function.ts';
import { bindJson } from './bind-json.ts';
import { booleanCall } from './bind-operators.ts';
import { bindOverlaps } from './bind-overlaps.ts';
import { fieldAccess } from './field-access.ts';
import { textLiteral } from './literals.ts';
import { unsupported } from './problem.ts';

/** Syntax of its own, as calls of the registry's functions. */
export function bindSpecial(node: ast.OtherExpr, bind: (expression: ast.Expression) => Expr): Expr {
  const { position, words = [] } = node;
  const call = (name: string, args: readonly Expr[], shown: string = name): Expr =>
    bindCall(functionNamed(name), args, { name: shown, position });
  switch (node.feature) {
    case 'TRIM with FROM':
      return call(TRIMS[words[0]], node.args.map(bind).reverse(), 'TRIM');
    case 'ARRAY[..]':
      return call('ARRAY', node.args.map(bind));
    case 'MAP[..]':
      return call('MAP', node.args.map(bind));
    case 'ROW(..)':
    case '(a, b) as a row':
      return call('ROW', node.args.map(bind));
    case 'element access with [..]':
      return call('ELEMENT ACCESS', node.args.map(bind), '[..]');
    case 'field access':
      return fieldAccess(bind(node.args[0]), words, position);
    case 'JSON_OBJECT': {
      const name = words[1] === 'ABSENT ON NULL' ? 'JSON_OBJECT ABSENT ON NULL' : 'JSON_OBJECT';
      const args = node.args.map((arg, i) => (i % 2 === 0 ? bind(arg) : bindJsonValue(arg, bind)));
      return call(name, args, 'JSON_OBJECT');
    }
    case 'OVERLAPS':
      return bindOverlaps(node, bind);
    case 'IS JSON': {
      const test = call('IS JSON', [bind(node.args[0]), textLiteral(words[1])]);
      return words[0] === 'NOT' ? booleanCall('NOT', [test]) : test;
    }
    default:
      if (words[0]?.startsWith('JSON_')) return bindJson(node, bind);
      throw unsupported(node.feature, position);
  }
}

const TRIMS: Readonly<Record<string, string>> = { BOTH: 'TRIM', LEADING: 'LTRIM', TRAILING: 'RTRIM' };
