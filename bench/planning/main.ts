import { performance } from 'node:perf_hooks';
import { HeadwaterError } from '../../src/data/errors.ts';
import { questionOf } from '../../test/flink/ask-cases.ts';
import { readTopic, topics } from '../../test/flink/case-files.ts';
import { scriptOf } from '../../test/flink/headwater.ts';
import { planWith, testConnectors } from '../../test/harness/test-platform.ts';
import { machine } from '../pipeline/report.ts';

/**
 * `npm run bench -- planning`: milliseconds from the text of each of the judge's cases (its tables, views and query) to
 * the physical plan. Cold is the first time in this process, after one other script; warm the best of some more.
 */
const WARM_PASSES = 3;
const GOAL_MS = 20;
const WORST = 5;

interface Timing {
  readonly name: string;
  readonly cold: number;
  warm: number;
}

function main(): void {
  const connectors = testConnectors({ tables: {}, splits: 1, limit: 0, read: 0, wake: new Set() });
  const faults = new Set<string>();
  const plan = (sql: string): number => {
    const begun = performance.now();
    try {
      planWith(sql, connectors);
    } catch (error) {
      // A refusal is an answer too.
      if (!(error instanceof HeadwaterError)) faults.add(String(error));
    }
    return performance.now() - begun;
  };
  const scripts = topics().flatMap((topic) =>
    readTopic(topic).map((one) => ({
      name: `${topic}: ${one.id}`,
      sql: scriptOf(one.kind === 'query' ? one : questionOf([one])),
    })),
  );
  const first = plan('SELECT 1');
  const timings = scripts.map(({ name, sql }): Timing => ({ name, cold: plan(sql), warm: Infinity }));
  for (let pass = 0; pass < WARM_PASSES; pass++) {
    for (const [i, { sql }] of scripts.entries()) timings[i].warm = Math.min(timings[i].warm, plan(sql));
  }
  process.stdout.write(
    `headwater bench planning, ${new Date().toISOString()}\n${machine()}\n${timings.length} scripts; the first of the process took ${first.toFixed(1)} ms\n\n` +
      `| ms | median | 99 % | longest |\n|---|---|---|---|\n`,
  );
  for (const kind of ['cold', 'warm'] as const) {
    const sorted = timings.map((timing) => timing[kind]).sort((a, b) => a - b);
    const cells = [0.5, 0.99, 1].map((part) => sorted[Math.ceil(sorted.length * part) - 1].toFixed(2));
    process.stdout.write(`| ${[kind, ...cells].join(' | ')} |\n`);
  }
  const slow = timings.filter(({ warm }) => warm > GOAL_MS).length;
  process.stdout.write(`\nwarm above the goal of ${GOAL_MS} ms: ${slow}\nthe longest, warm:\n`);
  for (const { name, warm, cold } of [...timings].sort((a, b) => b.warm - a.warm).slice(0, WORST)) {
    process.stdout.write(`${warm.toFixed(1).padStart(8)} ms (cold ${cold.toFixed(1)})  ${name.slice(0, 120)}\n`);
  }
  if (faults.size > 0) process.stdout.write(`\nfaults of the planner: ${[...faults].join('; ')}\n`);
}

main();
