import { describe, expect, test } from 'vitest';
import { findZone, timeZone } from '../../src/data/time-zone.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
const shown = (ms: number): string => new Date(ms).toISOString().replace(/(\.000)?Z$/, '');

/** Local time, the instant it means, and the last instant it may mean. */
const LOCAL: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  'America/New_York': [
    ['2024-03-10T01:59:59', '2024-03-10T06:59:59', '2024-03-10T06:59:59'],
    ['2024-03-10T02:00:00', '2024-03-10T07:00:00', '2024-03-10T07:00:00'],
    ['2024-03-10T02:30:00', '2024-03-10T07:30:00', '2024-03-10T07:00:00'],
    ['2024-03-10T03:00:00', '2024-03-10T07:00:00', '2024-03-10T07:00:00'],
    ['2024-11-03T00:59:59.999', '2024-11-03T04:59:59.999', '2024-11-03T04:59:59.999'],
    ['2024-11-03T01:00:00', '2024-11-03T05:00:00', '2024-11-03T06:00:00'],
    ['2024-11-03T01:59:59', '2024-11-03T05:59:59', '2024-11-03T06:59:59'],
    ['2024-11-03T02:00:00', '2024-11-03T07:00:00', '2024-11-03T07:00:00'],
    ['1883-11-18T11:00:00', '1883-11-18T15:56:02', '1883-11-18T15:56:02'],
    ['1700-01-01T00:00:00', '1700-01-01T04:56:02', '1700-01-01T04:56:02'],
  ],
  'Europe/Berlin': [
    ['2024-03-31T02:30:00', '2024-03-31T01:30:00', '2024-03-31T01:00:00'],
    ['2024-10-27T02:30:00', '2024-10-27T00:30:00', '2024-10-27T01:30:00'],
    ['2024-07-01T12:00:00', '2024-07-01T10:00:00', '2024-07-01T10:00:00'],
    ['1945-06-01T12:00:00', '1945-06-01T09:00:00', '1945-06-01T09:00:00'],
    ['2600-07-01T12:00:00', '2600-07-01T10:00:00', '2600-07-01T10:00:00'],
  ],
  'Asia/Kolkata': [
    ['2024-03-31T02:30:00', '2024-03-30T21:00:00', '2024-03-30T21:00:00'],
    ['1969-12-31T23:59:59', '1969-12-31T18:29:59', '1969-12-31T18:29:59'],
  ],
  'Australia/Lord_Howe': [
    // Half an hour of daylight saving.
    ['2024-10-06T02:15:00', '2024-10-05T15:45:00', '2024-10-05T15:30:00'],
    ['2024-10-06T02:30:00', '2024-10-05T15:30:00', '2024-10-05T15:30:00'],
    ['2024-04-07T01:45:00', '2024-04-06T14:45:00', '2024-04-06T15:15:00'],
    ['2024-04-07T02:00:00', '2024-04-06T15:30:00', '2024-04-06T15:30:00'],
  ],
  'Pacific/Apia': [
    // A whole day was left out.
    ['2011-12-30T12:00:00', '2011-12-30T22:00:00', '2011-12-30T10:00:00'],
    ['2011-12-29T23:30:00', '2011-12-30T09:30:00', '2011-12-30T09:30:00'],
  ],
  'GMT+08:00': [['2024-01-01T00:00:00', '2023-12-31T16:00:00', '2023-12-31T16:00:00']],
  'GMT-3:30': [['2024-01-01T00:00:00', '2024-01-01T03:30:00', '2024-01-01T03:30:00']],
  UTC: [['2024-01-01T00:00:00', '2024-01-01T00:00:00', '2024-01-01T00:00:00']],
};

for (const [id, rows] of Object.entries(LOCAL)) {
  describe(id, () => {
    for (const [local, first, last] of rows) {
      test(local, () => {
        const zone = timeZone(id);
        expect(shown(zone.toInstant(at(local)))).toBe(first);
        expect(shown(zone.toLastInstant(at(local)))).toBe(last);
      });
    }
  });
}

test.each(['PST', 'EST', '+08:00', 'Nowhere/City', 'america/new_york', '', 'GMT+25:00', "UTC'"])(
  "'%s' is no zone",
  (id) => {
    expect(findZone(id)).toBeUndefined();
    expect(() => timeZone(id)).toThrow(`'${id}' is not a time zone`);
  },
);

test('the same wall clock as Intl, and back, in random order', () => {
  const seed = Number(process.env.HEADWATER_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const ids = ['America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Africa/Casablanca'];
  for (const id of ids) {
    const zone = timeZone(id);
    const intl = new Intl.DateTimeFormat('sv-SE', { timeZone: id, dateStyle: 'short', timeStyle: 'medium' });
    let near = at('2024-03-10T07:00:00');
    for (let i = 0; i < 120; i++) {
      // Half of them near the one before, so that the same period and its ends are met often.
      near =
        i % 2 === 0 ? at('1900-01-01T00:00:00') + Math.floor(random() * 6.3e12) : near + Math.floor(random() * 2e8);
      const local = zone.toLocal(near);
      expect(shown(local - (((local % 1000) + 1000) % 1000)), `seed ${seed}, ${id} ${near}`).toBe(
        intl.format(near).replace(' ', 'T'),
      );
      const back = zone.toInstant(local);
      expect(back === near || zone.toLocal(back) === local, `seed ${seed}, ${id} ${near}`).toBe(true);
      expect(back).toBeLessThanOrEqual(near);
      expect(zone.toLastInstant(local)).toBeGreaterThanOrEqual(near);
    }
  }
});
