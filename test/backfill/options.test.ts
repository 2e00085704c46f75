import { describe, expect, it } from 'vitest';
import {
  type BackfillArguments,
  backfillOptions,
  checkSameRange,
  rangeSettings,
} from '../../src/cli/backfill/options.ts';
import { historyOptions } from '../../src/connectors/kafka/scan-points.ts';
import { expectError } from './support.ts';

const NONE: BackfillArguments = { from: undefined, to: undefined, rateLimit: undefined };

describe('range and rate of a backfill', () => {
  it.each([
    ['2001-01-01', Date.UTC(2001, 0, 1)],
    ['2001-01-01T06:30', Date.UTC(2001, 0, 1, 6, 30)],
    ['2001-01-01 06:30:15.25', Date.UTC(2001, 0, 1, 6, 30, 15, 250)],
    ['2001-01-01T06:30:00Z', Date.UTC(2001, 0, 1, 6, 30)],
    ['2001-01-01T06:30:00+02:00', Date.UTC(2001, 0, 1, 4, 30)],
    ['978307200000', 978_307_200_000],
    ['earliest', undefined],
  ])('--from %s', (from, expected) => {
    expect(backfillOptions({ ...NONE, from }).range).toEqual({ from: expected, to: undefined });
  });

  it.each([
    ['50000/s', 50_000],
    ['1.5', 1.5],
  ])('--rate-limit %s', (rateLimit, expected) => {
    expect(backfillOptions({ ...NONE, rateLimit }).rateLimit).toBe(expected);
  });

  it.each<Partial<BackfillArguments>>([
    { from: 'yesterday' },
    { from: '1969-12-31' },
    { from: '2001-13-01' },
    { from: '2001-01-01T25:00' },
    { from: '2001-01-02', to: '2001-01-01' },
    { from: '2001-01-01', to: '2001-01-01' },
    { to: 'earliest' },
    { rateLimit: '0/s' },
    { rateLimit: 'fast' },
    { rateLimit: '10/min' },
  ])('refuses %j', (given) => {
    expectError('bad-arguments', () => backfillOptions({ ...NONE, ...given }));
  });

  it('goes on with the same range only', () => {
    const range = { from: 5, to: undefined };
    checkSameRange('j', rangeSettings(range), { ...range });
    expectError('backfill-range-changed', () => checkSameRange('j', rangeSettings(range), { from: 5, to: 9 }));
    expectError('backfill-range-changed', () => checkSameRange('j', {}, range));
  });

  it('replaces where a topic begins and ends', () => {
    expect(historyOptions({ from: undefined, to: undefined })).toMatchObject({
      'scan.startup.mode': 'earliest-offset',
      'scan.bounded.mode': 'latest-offset',
    });
    expect(historyOptions({ from: 7, to: 9 })).toMatchObject({
      'scan.startup.mode': 'timestamp',
      'scan.startup.timestamp-millis': '7',
      'scan.bounded.mode': 'timestamp',
      'scan.bounded.timestamp-millis': '9',
    });
  });
});
