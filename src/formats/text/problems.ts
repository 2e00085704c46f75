import { formatType, type SqlType } from '../../data/types.ts';

/** A value that does not fit its column, in a record that is otherwise well formed. */
export class ConversionProblem extends Error {}

/** `text`: the value, or as much of it as is shown. */
export function misfit(text: string, type: SqlType): ConversionProblem {
  return new ConversionProblem(`'${text}' is not ${formatType(type)}`);
}
