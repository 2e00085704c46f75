import { parseProduceArguments } from '../../src/cli/produce/arguments.ts';
import { openTarget } from '../../src/cli/produce/open-target.ts';
import { produce } from '../../src/cli/produce/produce.ts';
import { UserActivity } from '../../src/cli/produce/user-activity.ts';
import { openValueEncoder } from '../../src/cli/produce/value-encoder.ts';
import { seededRandom } from '../../src/runtime/connector-context.ts';

export interface ActivityEvent {
  readonly user: string;
  readonly item: string;
  readonly type: string;
  readonly price: number;
  readonly spent: number;
  readonly device: string;
  readonly time: number;
}

export interface ActivityRun {
  readonly events: number;
  readonly users: number;
  readonly seed: number;
  /** Event time of the first event, and from one event to the next; milliseconds. */
  readonly start: number;
  readonly step: number;
}

/** The events of a run in the order in which they are produced. */
export function activityEvents(run: ActivityRun): ActivityEvent[] {
  const source = activity(run);
  return Array.from({ length: run.events }, (_, i) => {
    source.next(run.start + i * run.step);
    const [user, , item, type, price, quantity, device, time] = source.row as Row;
    return { user, item, type, price, spent: type === 'PURCHASE' ? price * quantity : 0, device, time };
  });
}

type Row = [string, string, string, string, number, number, string, number];

function activity({ users, seed }: ActivityRun): UserActivity {
  const times = { disorder: 500, late: 0, lateness: 0 };
  return new UserActivity({ users, skew: 0.8, ...times, random: seededRandom(seed) });
}

/** Writes them into a topic as `headwater produce` does, but hours of event time in no time. `where`: its options. */
export async function produceActivity(run: ActivityRun, topic: string, where: readonly string[]): Promise<void> {
  const options = parseProduceArguments(['user-activity', '--topic', topic, ...where], new Map());
  if (options === 'help') throw new Error('no options');
  const source = activity(run);
  const target = await openTarget(options, topic);
  try {
    await produce(
      {
        source,
        target,
        pace: { due: () => true, eventTime: (index) => run.start + index * run.step },
        count: run.events,
        duration: Infinity,
        commitEvery: undefined,
        nextEncoder: () => undefined,
        stopped: () => false,
        now: () => Date.now(),
        monotonic: () => performance.now(),
        progress: () => undefined,
      },
      await openValueEncoder(options, topic, source.schema),
    );
  } finally {
    await target.close();
  }
}
