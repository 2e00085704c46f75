import { commonTime } from '../expressions/types/time-types.ts';
import type { Expr } from '../expressions/typed.ts';
import type * as ast from '../sql/ast.ts';
import { cannotApply } from './bind-operators.ts';
import { coerce } from './coerce.ts';

const MONTHS: readonly string[] = ['YEAR', 'MONTH'];

/** `(a - b) unit`: an interval of the unit's family. */
export function bindTimeDifference(node: ast.TimeDifference, bind: (expression: ast.Expression) => Expr): Expr {
  const [left, right] = [bind(node.left), bind(node.right)];
  const common = commonTime(left.type, right.type);
  if (common === undefined) throw cannotApply('-', [left, right], node.position);
  return {
    kind: 'call',
    fn: 'TIME DIFFERENCE',
    args: [coerce(left, common), coerce(right, common)],
    type: {
      kind: MONTHS.includes(node.from) ? 'INTERVAL_YEAR_MONTH' : 'INTERVAL_DAY_TIME',
      nullable: left.type.nullable || right.type.nullable,
    },
  };
}
