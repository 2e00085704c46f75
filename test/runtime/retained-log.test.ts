import { describe, expect, it } from 'vitest';
import { alarmLevel, RetainedLog } from '../../src/runtime/retained-log.ts';

const MIB = 1 << 20;

describe('the log that waits for another system', () => {
  it.each([
    ['little', 100, 0, 0],
    ['enough for an alarm', 256, 0, 256],
    ['a little more', 400, 256, 256],
    ['twice as much', 512, 256, 512],
    ['less again', 200, 512, 512],
    ['mostly gone', 100, 512, 0],
  ])('%s', (_, bytes, before, after) => {
    expect(alarmLevel(bytes * MIB, before * MIB)).toBe(after * MIB);
  });

  it('is measured every five seconds, and told of when it has doubled and when it is over', async () => {
    const said: string[] = [];
    let now = 0;
    let size = 0;
    let asked = 0;
    const retained = new RetainedLog({
      store: {
        logBytes: () => {
          asked++;
          return Promise.resolve({ t: size * MIB });
        },
      },
      monotonic: () => now,
      log: (level, message) => said.push(`${level} ${message}`),
    });
    for (size of [10, 300, 500, 650, 20]) {
      now += 5000;
      retained.onCommitted('j', [{ table: 't', alarm: 'it is bad' }]);
      retained.onCommitted('j', [{ table: 't', alarm: 'asked too early' }]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(retained.bytes('j', 't')).toBe(size * MIB);
    }
    expect(asked).toBe(5);
    expect(said).toEqual([
      'error j: 300 MiB of the log of table t wait; it is bad',
      'error j: 650 MiB of the log of table t wait; it is bad',
      'info j: the log of table t is down to 20 MiB',
    ]);
    retained.leave('j');
    expect(retained.bytes('j', 't')).toBe(0);
  });
});
