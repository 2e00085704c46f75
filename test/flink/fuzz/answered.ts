import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askExpressions, type ExpressionReply } from '../ask-cases.ts';
import { sharedTable } from '../case-files.ts';
import type { ExpressionCase } from '../case-types.ts';
import type { Judge } from '../judge.ts';

const FOLDER = 'node_modules/.cache/headwater-fuzz';

/** Flink's answers to expressions over the table `wide`; what it was asked once, in any run on this machine, is kept. */
export class AnsweredExpressions {
  private readonly file: string;
  private readonly known = new Map<string, ExpressionReply>();
  private readonly judge: () => Promise<Judge>;

  /** `judge` is called when there is something to ask. */
  constructor(judge: () => Promise<Judge>) {
    this.judge = judge;
    const table = createHash('sha256')
      .update(JSON.stringify(sharedTable('wide')))
      .digest('hex')
      .slice(0, 12);
    mkdirSync(FOLDER, { recursive: true });
    this.file = join(FOLDER, `expressions-${table}.jsonl`);
    if (!existsSync(this.file)) return;
    for (const line of readFileSync(this.file, 'utf8').split('\n')) {
      if (line === '') continue;
      const [id, reply] = JSON.parse(line) as [string, ExpressionReply];
      this.known.set(id, reply);
    }
  }

  /** The answers in the order of the cases, which are of one zone. */
  async ask(cases: readonly ExpressionCase[]): Promise<ExpressionReply[]> {
    const fresh = cases.filter((one) => !this.known.has(one.id));
    if (fresh.length > 0) {
      const judge = await this.judge();
      const replies = await askExpressions(fresh, (question) => judge.ask(question));
      fresh.forEach((one, i) => this.known.set(one.id, replies[i]));
      appendFileSync(this.file, fresh.map((one, i) => `${JSON.stringify([one.id, replies[i]])}\n`).join(''));
    }
    return cases.map((one) => this.known.get(one.id) as ExpressionReply);
  }
}
