/** When an event is due. Pure: real time is given in milliseconds since the start. */
export interface Pace {
  /** Whether event number `index`, with its own event time, is due. */
  due(index: number, eventTime: number, elapsed: number): boolean;
  /** The event time of event number `index` if it happens now. */
  eventTime(index: number, elapsed: number): number;
}

/** As fast as it goes. */
export function unlimited(start: number): Pace {
  return { due: () => true, eventTime: (_, elapsed) => start + elapsed };
}

/** At a steady rate; event times follow the number of the event, so that they are the same in every run. */
export function atRate(perSecond: number, start: number): Pace {
  return {
    due: (index, _, elapsed) => index < (elapsed * perSecond) / 1000,
    eventTime: (index) => start + (index * 1000) / perSecond,
  };
}

/** As events happened, `speed` times as fast; the first is due at once. */
export function atSpeed(speed: number, start: number): Pace {
  let first: number | undefined;
  return {
    due: (_, eventTime, elapsed) => {
      first ??= eventTime;
      return eventTime - first <= elapsed * speed;
    },
    eventTime: (_, elapsed) => start + elapsed,
  };
}
