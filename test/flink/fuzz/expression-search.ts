import { callableNames } from '../../../src/expressions/functions/registry.ts';
import { Random } from '../../expressions/random.ts';
import { VARIANTS } from '../../harness/variants.ts';
import { askExpressions, type ExpressionReply } from '../ask-cases.ts';
import { sharedTable } from '../case-files.ts';
import type { ExpressionCase } from '../case-types.ts';
import { compareExpression } from '../compare.ts';
import { askHeadwater } from '../headwater.ts';
import type { AnsweredExpressions } from './answered.ts';
import { type Compared, explanation } from './explained.ts';
import { partsOf, randomExpression, sqlOf, type Tree, without } from './expressions.ts';
import { ALL_FORMS, NOT_ASKED } from './grammar.ts';

const AT_ONCE = 100;
const BATCHES_AT_ONCE = 4;
const DEPTH = 4;
const TABLE = sharedTable('wide');
/** UTC, a zone with daylight saving, one with half an hour of it, one with a half hour and none. */
const ZONES = ['UTC', 'America/New_York', 'UTC', 'Australia/Lord_Howe', 'Asia/Kolkata'];

export interface SearchLimits {
  readonly seed: number;
  readonly expressions: number;
  /** In milliseconds since 1970. */
  readonly until: number;
}

/** What a search found. */
interface Findings {
  asked: number;
  /** Refused or failed in both engines. */
  refused: number;
  readonly explained: Map<string, number>;
  /** The smallest differing parts, by their text. */
  readonly unexplained: Map<string, string>;
}

type Print = (text: string) => void;

/** Asks both engines about random expressions and prints the smallest part of each that differs without a reason. */
export async function searchExpressions(
  answered: AnsweredExpressions,
  limits: SearchLimits,
  print: Print,
): Promise<void> {
  const random = new Random(limits.seed);
  const findings: Findings = { asked: 0, refused: 0, explained: new Map(), unexplained: new Map() };
  const started = Date.now();
  let batches = 0;
  const worker = async (): Promise<void> => {
    while (Date.now() < limits.until && batches * AT_ONCE < limits.expressions) {
      const zone = ZONES[batches % ZONES.length];
      batches += 1;
      const trees = Array.from({ length: AT_ONCE }, () => randomExpression(random, 1 + random.below(DEPTH)));
      const all = await compared(trees, zone, answered);
      findings.refused += all.filter(bothRefuse).length;
      await trace(all.filter(differs), answered, findings, print);
      findings.asked += trees.length;
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, worker));
  print(summary(limits.seed, findings, (Date.now() - started) / 1000));
}

/** What both engines answer. */
async function compared(trees: readonly Tree[], zone: string, answered: AnsweredExpressions): Promise<Compared[]> {
  if (trees.length === 0) return [];
  const cases = trees.map((tree) => caseOf(sqlOf(tree), zone));
  const [flink, headwater] = await Promise.all([
    answered.ask(cases),
    askExpressions(cases, (question) => askHeadwater(question, VARIANTS[0])),
  ]);
  return trees.map((tree, i) => ({ tree, sql: cases[i].expression, zone, flink: flink[i], ours: headwater[i] }));
}

/** What Headwater answers. */
async function answerOf(sql: string, zone: string): Promise<ExpressionReply> {
  const [reply] = await askExpressions([caseOf(sql, zone)], (question) => askHeadwater(question, VARIANTS[0]));
  return reply;
}

function bothRefuse({ flink, ours }: Compared): boolean {
  return flink.error !== undefined && ours.error !== undefined;
}

function messageOf({ flink, ours }: Compared): string | undefined {
  const answer: ExpressionReply = flink.error === undefined ? flink : { error: flink.error };
  const outcome = compareExpression({ input: '', ...answer }, ours);
  return outcome.status === 'same' ? undefined : outcome.message;
}

function differs(one: Compared): boolean {
  return messageOf(one) !== undefined;
}

/**
 * Looks for the smallest differing part of each; where that has a reason, what is left without it must not differ. The
 * parts of all are asked about together.
 */
async function trace(
  wholes: readonly Compared[],
  answered: AnsweredExpressions,
  findings: Findings,
  print: Print,
): Promise<void> {
  if (wholes.length === 0) return;
  const { zone } = wholes[0];
  const parts = new Map(wholes.flatMap(({ tree }) => partsOf(tree)).map((part) => [sqlOf(part), part]));
  const answers = new Map((await compared([...parts.values()], zone, answered)).map((one) => [one.sql, one]));
  const rest: Tree[] = [];
  for (const { tree } of wholes) {
    const smallest = partsOf(tree)
      .map((part) => answers.get(sqlOf(part)))
      .find((one) => one !== undefined && differs(one));
    if (smallest === undefined) continue;
    const operands = smallest.tree.parts.flatMap((part) => answers.get(sqlOf(part))?.ours ?? []);
    const reason = await explanation({ ...smallest, operands }, (sql) => answerOf(sql, zone));
    if (reason === undefined) report(smallest, findings, print);
    else findings.explained.set(reason, (findings.explained.get(reason) ?? 0) + 1);
    if (reason !== undefined && smallest.tree.parts.length > 0 && smallest.sql !== sqlOf(tree)) {
      rest.push(without(tree, smallest.sql));
    }
  }
  await trace((await compared(rest, zone, answered)).filter(differs), answered, findings, print);
}

function report(found: Compared, findings: Findings, print: Print): void {
  if (findings.unexplained.has(found.sql)) return;
  const message = messageOf(found) ?? '';
  findings.unexplained.set(found.sql, message);
  print(`${found.tree.form}\n      ${found.sql}\n# ${found.zone}: ${message.replaceAll('\n', '\n# ')}\n`);
}

function caseOf(expression: string, zone: string): ExpressionCase {
  return {
    kind: 'expression',
    topic: 'fuzz',
    id: `${zone}: ${expression}`,
    zone,
    options: {},
    tables: { wide: TABLE },
    table: 'wide',
    expression,
  };
}

function summary(seed: number, { asked, refused, explained, unexplained }: Findings, seconds: number): string {
  const lines = [
    `seed ${seed}: ${asked} expressions in ${seconds.toFixed(0)} s, ${refused} refused by both`,
    `${unexplained.size} differences without a reason`,
    ...[...explained].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `${count} by choice: ${reason}`),
  ];
  const isAsked = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(ALL_FORMS);
  const missing = callableNames().filter((name) => !isAsked(name) && NOT_ASKED[name] === undefined);
  return `${lines.join('\n')}\nfunctions never asked about: ${missing.join(' ') || 'none'}\n`;
}
