import { HeadwaterError } from './errors.ts';

/**
 * A time zone: instants (epoch milliseconds) to local wall-clock time (milliseconds as if the wall clock showed UTC) and
 * back, by the rules of java.time. Offsets come from Intl, once a year of the calendar, and are kept as transitions.
 */
export interface TimeZone {
  readonly id: string;
  /** Local minus UTC at an instant, in milliseconds. */
  offset(instant: number): number;
  toLocal(instant: number): number;
  /** A local time that occurs twice is the earlier instant; one in a gap moves forward by the gap's length. */
  toInstant(local: number): number;
  /** A local time that occurs twice is the later instant; one in a gap is the instant at which the gap ends. */
  toLastInstant(local: number): number;
}

const DAY = 86_400_000;
/** Before this there were no transitions: every zone has its local mean time. */
const FIRST_INSTANT = Date.UTC(1800, 0, 1);
const LAST_INSTANT = Date.UTC(9999, 11, 31);

export const UTC: TimeZone = {
  id: 'UTC',
  offset: () => 0,
  toLocal: (instant) => instant,
  toInstant: (local) => local,
  toLastInstant: (local) => local,
};

const zones = new Map<string, TimeZone>([['UTC', UTC]]);

/** The zone of an id: a region such as `Europe/Berlin`, `UTC`, `GMT` or `GMT+08:00`. Throws `invalid-time-zone`. */
export function timeZone(id: string): TimeZone {
  const zone = findZone(id);
  if (zone !== undefined) return zone;
  throw new HeadwaterError(
    'invalid-time-zone',
    `'${id}' is not a time zone; expected an id of the time zone database such as 'America/Los_Angeles', 'UTC', ` +
      `or a fixed offset such as 'GMT+08:00'`,
  );
}

/** As `timeZone`; undefined for what is no id. */
export function findZone(id: string): TimeZone | undefined {
  let zone = zones.get(id);
  if (zone === undefined) {
    zone = makeZone(id);
    if (zone !== undefined) zones.set(id, zone);
  }
  return zone;
}

const FIXED = /^GMT([+-])(\d{1,2})(?::?([0-5]\d))?$/;
/** Java has them only as aliases, so they name a zone in one of its two interfaces only. */
const REGION =
  /^(?:[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)+|GMT|UCT|Zulu|Universal|Greenwich|[A-Z][a-z]+|CET|EET|MET|WET|PRC|ROK|NZ(?:-CHAT)?|GB(?:-Eire)?|GMT0|W-SU|EST5EDT|CST6CDT|MST7MDT|PST8PDT)$/;

function makeZone(id: string): TimeZone | undefined {
  const fixed = FIXED.exec(id);
  if (fixed !== null && Number(fixed[2]) <= 18) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3] ?? 0);
    return fixedZone(id, (fixed[1] === '-' ? -minutes : minutes) * 60_000);
  }
  if (!REGION.test(id)) return undefined;
  try {
    return new RegionZone(id, offsetReader(id));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function fixedZone(id: string, offset: number): TimeZone {
  return {
    id,
    offset: () => offset,
    toLocal: (instant) => instant + offset,
    toInstant: (local) => local - offset,
    toLastInstant: (local) => local - offset,
  };
}

/** The offset in force over [from, until). */
interface Period {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

class RegionZone implements TimeZone {
  readonly id: string;
  private readonly read: (instant: number) => number;
  private readonly years = new Map<number, readonly Period[]>();
  private current: Period = { from: 0, until: 0, offset: 0 };

  constructor(id: string, read: (instant: number) => number) {
    this.id = id;
    this.read = read;
  }

  offset(instant: number): number {
    const { current } = this;
    if (instant >= current.from && instant < current.until) return current.offset;
    this.current = this.find(Math.min(Math.max(instant, FIRST_INSTANT), LAST_INSTANT));
    return this.current.offset;
  }

  toLocal(instant: number): number {
    return instant + this.offset(instant);
  }

  toInstant(local: number): number {
    const { current } = this;
    const instant = local - current.offset;
    // More than a day from both ends of the period no other offset can be meant.
    if (instant >= current.from + DAY && instant < current.until - DAY) return instant;
    const before = this.offset(local - DAY);
    const after = this.offset(local + DAY);
    if (before === after || this.offset(local - before) === before) return local - before;
    return this.offset(local - after) === after ? local - after : local - before;
  }

  toLastInstant(local: number): number {
    const before = this.offset(local - DAY);
    const after = this.offset(local + DAY);
    if (before === after || this.offset(local - after) === after) return local - after;
    if (this.offset(local - before) === before) return local - before;
    return this.transition(local - DAY, local + DAY, before);
  }

  private find(instant: number): Period {
    const year = new Date(instant).getUTCFullYear();
    let periods = this.years.get(year);
    if (periods === undefined) {
      periods = this.periodsOf(year);
      this.years.set(year, periods);
    }
    return periods.find((period) => instant < period.until) ?? periods[periods.length - 1];
  }

  /** A year's periods. Offsets are compared day by day; where they differ the transition is searched to the second. */
  private periodsOf(year: number): readonly Period[] {
    const end = Date.UTC(year + 1, 0, 1);
    const periods: Period[] = [];
    let from = Date.UTC(year, 0, 1);
    let offset = this.read(from);
    for (let day = from; day < end; day += DAY) {
      const next = this.read(day + DAY);
      if (next === offset) continue;
      const until = this.transition(day, day + DAY, offset);
      periods.push({ from, until, offset });
      from = until;
      offset = next;
    }
    if (from < end) periods.push({ from, until: end, offset });
    return periods;
  }

  /** The first instant in (low, high] at which the offset is no longer `offset`. */
  private transition(low: number, high: number, offset: number): number {
    let [same, other] = [low, high];
    while (other - same > 1000) {
      const middle = same + Math.floor((other - same) / 2000) * 1000;
      if (this.read(middle) === offset) same = middle;
      else other = middle;
    }
    return other;
  }
}

/** Reads offsets from Intl: the wall clock of an instant, to the second. */
function offsetReader(id: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: id,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const fields = new Map<string, number>();
  return (instant) => {
    let isBeforeChrist = false;
    for (const { type, value } of format.formatToParts(instant)) {
      if (type === 'era') isBeforeChrist = value.startsWith('B');
      else fields.set(type, Number(value));
    }
    const field = (name: string): number => fields.get(name) ?? 0;
    const date = new Date(0);
    date.setUTCFullYear(isBeforeChrist ? 1 - field('year') : field('year'), field('month') - 1, field('day'));
    date.setUTCHours(field('hour'), field('minute'), field('second'));
    return date.getTime() - Math.floor(instant / 1000) * 1000;
  };
}

/** Java's old abbreviations of zones, which only CONVERT_TZ takes. */
const SHORT_IDS: Readonly<Record<string, string>> = {
  ACT: 'Australia/Darwin',
  AET: 'Australia/Sydney',
  AGT: 'America/Argentina/Buenos_Aires',
  ART: 'Africa/Cairo',
  AST: 'America/Anchorage',
  BET: 'America/Sao_Paulo',
  BST: 'Asia/Dhaka',
  CAT: 'Africa/Harare',
  CNT: 'America/St_Johns',
  CST: 'America/Chicago',
  CTT: 'Asia/Shanghai',
  EAT: 'Africa/Addis_Ababa',
  ECT: 'Europe/Paris',
  EST: 'GMT-05:00',
  HST: 'GMT-10:00',
  IET: 'America/Indiana/Indianapolis',
  IST: 'Asia/Kolkata',
  JST: 'Asia/Tokyo',
  MIT: 'Pacific/Apia',
  MST: 'GMT-07:00',
  NET: 'Asia/Yerevan',
  NST: 'Pacific/Auckland',
  PLT: 'Asia/Karachi',
  PNT: 'America/Phoenix',
  PRT: 'America/Puerto_Rico',
  PST: 'America/Los_Angeles',
  SST: 'Pacific/Guadalcanal',
  VST: 'Asia/Ho_Chi_Minh',
};

/** The zone of an id or abbreviation; UTC for what is neither, as java.util.TimeZone has it. */
export function legacyZone(id: string): TimeZone {
  return findZone(SHORT_IDS[id] ?? id) ?? UTC;
}

/** As java.util.Calendar: of a local time that occurs twice the later instant. */
export function legacyInstant(zone: TimeZone, local: number): number {
  const last = zone.toLastInstant(local);
  return zone.toLocal(last) === local ? last : zone.toInstant(local);
}
