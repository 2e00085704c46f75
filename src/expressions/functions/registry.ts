import type { FunctionDefinition, FunctionGroup } from './definition.ts';
import { clockFunctions } from './clock.ts';
import { arraySetFunctions } from './collections/array-sets.ts';
import { arrayFunctions } from './collections/arrays.ts';
import { mapFunctions } from './collections/maps.ts';
import { rowFunctions } from './collections/rows.ts';
import { conditionalFunctions } from './conditional.ts';
import { inetFunctions } from './inet.ts';
import { jsonQueryFunctions } from './json/query.ts';
import { jsonTextFunctions } from './json/text.ts';
import { likeFunctions } from './like.ts';
import { mathFunctions } from './math.ts';
import { comparisonOperators, logicalOperators, arithmeticOperators } from './operators.ts';
import { extremeFunctions } from './extremes.ts';
import { hashFunctions } from './hash.ts';
import { randomFunctions } from './random.ts';
import { regexpFunctions } from './regexp.ts';
import { roundingFunctions } from './rounding.ts';
import { buildFunctions } from './strings/build.ts';
import { caseFunctions } from './strings/case.ts';
import { classifyFunctions } from './strings/classify.ts';
import { concatFunctions } from './strings/concat.ts';
import { encodeFunctions } from './strings/encode.ts';
import { partFunctions } from './strings/parts.ts';
import { printf } from './strings/printf.ts';
import { searchFunctions } from './strings/search.ts';
import { splitFunctions } from './strings/split.ts';
import { urlFunctions } from './strings/url.ts';
import { utf8Functions } from './strings/utf8.ts';
import { timeArithmetic } from './temporal/arithmetic.ts';
import { extractFunctions } from './temporal/extract.ts';
import { timeFormatting } from './temporal/format.ts';
import { timeParsing } from './temporal/parse.ts';
import { timeRounding } from './temporal/rounding.ts';
import { typeFunctions } from './types.ts';

/** All scalar functions and operators, in the order of the documentation. */
export const FUNCTION_GROUPS: readonly FunctionGroup[] = [
  { title: 'Comparison', functions: [...comparisonOperators, ...likeFunctions] },
  { title: 'Logic', functions: logicalOperators },
  { title: 'Arithmetic', functions: arithmeticOperators },
  { title: 'Mathematics', functions: mathFunctions },
  { title: 'Rounding', functions: roundingFunctions },
  { title: 'Random values', functions: randomFunctions },
  { title: 'Conditional', functions: [...conditionalFunctions, ...extremeFunctions] },
  { title: 'Strings: joining', functions: concatFunctions },
  { title: 'Strings: length and case', functions: caseFunctions },
  { title: 'Strings: parts', functions: partFunctions },
  { title: 'Strings: searching', functions: searchFunctions },
  { title: 'Strings: building', functions: [...buildFunctions, printf] },
  { title: 'Strings: splitting', functions: splitFunctions },
  { title: 'Strings: classes', functions: classifyFunctions },
  { title: 'Regular expressions', functions: regexpFunctions },
  { title: 'Encodings', functions: [...encodeFunctions, ...utf8Functions] },
  { title: 'URLs and addresses', functions: [...urlFunctions, ...inetFunctions] },
  { title: 'Types', functions: typeFunctions },
  { title: 'Hashes', functions: hashFunctions },
  { title: 'Date and time', functions: [...extractFunctions, ...timeRounding, ...timeArithmetic] },
  { title: 'Dates and times as text', functions: [...timeFormatting, ...timeParsing] },
  { title: 'Arrays', functions: [...arrayFunctions, ...arraySetFunctions] },
  { title: 'Maps', functions: mapFunctions },
  { title: 'Rows', functions: rowFunctions },
  { title: 'JSON', functions: [...jsonQueryFunctions, ...jsonTextFunctions] },
  { title: 'Clock', functions: clockFunctions },
];

const byName = new Map<string, FunctionDefinition>();
for (const definition of FUNCTION_GROUPS.flatMap((group) => group.functions)) {
  for (const name of [definition.name, ...(definition.aliases ?? [])]) {
    if (byName.has(name)) throw new Error(`two functions are called ${name}`);
    byName.set(name, definition);
  }
}

/** By name or alias, upper case. */
export function findFunction(name: string): FunctionDefinition | undefined {
  return byName.get(name);
}

/** The function of a call in a plan. */
export function functionNamed(name: string): FunctionDefinition {
  const definition = byName.get(name);
  if (definition === undefined) throw new Error(`no function is called ${name}`);
  return definition;
}

/** Names that can be called as NAME(arguments). */
export function callableNames(): readonly string[] {
  return [...byName]
    .filter(([name, definition]) => /^[A-Z][A-Z0-9_]*$/.test(name) && definition.signatures.length > 0)
    .map(([name]) => name);
}

/** Whether the function gives another value each time, as RAND does. */
export function isVolatile(name: string): boolean {
  return functionNamed(name).volatile === true;
}
