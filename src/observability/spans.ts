/** Something that is over. Times are milliseconds since 1970. */
export interface Span {
  readonly name: string;
  /** `server`: it answered a request. */
  readonly kind: 'internal' | 'server';
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly failed?: boolean;
  /** The caller's span, as the header traceparent names it. */
  readonly traceparent?: string | undefined;
  readonly children?: readonly Span[];
}

/** What the header of a caller says of its span. */
export interface RemoteSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** Reads a `traceparent` (W3C Trace Context, level 1); undefined when it is none. */
export function parseTraceparent(header: string | undefined): RemoteSpan | undefined {
  const match =
    header === undefined ? null : /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header);
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags, more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) };
}

/** An epoch: from its barrier to its commit. Times are milliseconds since 1970. */
export interface EpochTimes {
  readonly job: string;
  readonly epoch: number;
  /** All state was written, not only what changed. */
  readonly full: boolean;
  readonly stateBytes: number;
  readonly outputBytes: number;
  readonly triggered: number;
  readonly aligned: number;
  readonly committed: number;
}

/** Its span, with one for the way of the barrier through the tasks and one for the transaction. */
export function epochSpan(times: EpochTimes): Span {
  const attributes = { 'headwater.job': times.job, 'headwater.epoch': times.epoch };
  const part = (name: string, start: number, end: number): Span => ({ name, kind: 'internal', start, end, attributes });
  return {
    ...part('epoch', times.triggered, times.committed),
    attributes: {
      ...attributes,
      'headwater.full': times.full,
      'headwater.state_bytes': times.stateBytes,
      'headwater.output_bytes': times.outputBytes,
    },
    children: [part('snapshot', times.triggered, times.aligned), part('commit', times.aligned, times.committed)],
  };
}

/** A request that has been answered. Times are milliseconds: of the server's monotonic clock, or since 1970 for a span. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern; undefined where nothing is. */
  readonly route: string | undefined;
  readonly status: number;
  /** The header of the W3C Trace Context. */
  readonly traceparent: string | undefined;
  readonly start: number;
  readonly end: number;
}

/** Its span, with the attributes that OpenTelemetry's conventions give one. */
export function requestSpan(request: AnsweredRequest): Span {
  const { method, route, status, traceparent, start, end } = request;
  return {
    name: route === undefined ? method : `${method} ${route}`,
    kind: 'server',
    start,
    end,
    attributes: {
      'http.request.method': method,
      'http.response.status_code': status,
      ...(route === undefined ? {} : { 'http.route': route }),
    },
    failed: status >= 500,
    traceparent,
  };
}
