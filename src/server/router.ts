import { HeadwaterError } from '../data/errors.ts';
import type { AnsweredRequest } from '../observability/spans.ts';
import type { ApiKeys } from './api-keys.ts';
import { type Access, checkAccess, checkCaller } from './guard.ts';
import type { HttpHandler, HttpReply, HttpRequest } from './http.ts';
import { BODY_LIMIT } from './request-body.ts';
import { errorReply } from './reply.ts';

/** A request whose path matched: `parameters` are the segments in place of the pattern's `:names`, as sent. */
export interface RoutedRequest {
  readonly parameters: readonly string[];
  readonly query: string;
  readonly body: Uint8Array;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Such as `/v1/features/:table/:key`. */
  readonly path: string;
  /** Default: `read` for GET, `all` for the others. */
  readonly access?: Access;
  /** May throw HeadwaterError, also late. */
  readonly handle: (request: RoutedRequest) => HttpReply | Promise<HttpReply>;
}

interface CompiledRoute extends Route {
  readonly segments: readonly string[];
}

export interface RequestObserver {
  readonly monotonic: () => number;
  readonly answered: (request: AnsweredRequest) => void;
}

/** One handler of all routes: who may call, which route, what went wrong. Pure but for what the routes do. */
export function routeRequests(
  routes: readonly Route[],
  log: (level: 'error', message: string) => void,
  keys?: ApiKeys,
  observer?: RequestObserver,
): HttpHandler {
  const compiled = routes.map((route) => ({ ...route, segments: route.path.split('/') }));
  const failed = (error: unknown): HttpReply => {
    if (!(error instanceof HeadwaterError)) {
      log('error', `request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    return errorReply(error);
  };
  const answer = (found: Found, request: HttpRequest): HttpReply | Promise<HttpReply> => {
    try {
      const reply = dispatch(found, request, keys);
      return reply instanceof Promise ? reply.catch(failed) : reply;
    } catch (error) {
      return failed(error);
    }
  };
  return (request) => {
    const found = find(compiled, request);
    if (observer === undefined) return answer(found, request);
    const { method, traceparent } = request;
    const start = observer.monotonic();
    const observed = (reply: HttpReply): HttpReply => {
      const { status } = reply;
      const end = observer.monotonic();
      observer.answered({ method, route: found.route?.path, status, traceparent, start, end });
      return reply;
    };
    const reply = answer(found, request);
    return reply instanceof Promise ? reply.then(observed) : observed(reply);
  };
}

/** The routes of a path, and the one of them for the method. */
interface Found {
  readonly segments: readonly string[];
  readonly there: readonly CompiledRoute[];
  readonly route: CompiledRoute | undefined;
}

function find(routes: readonly CompiledRoute[], request: HttpRequest): Found {
  const segments = request.path.split('/');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const there = routes.filter((route) => matches(route.segments, segments));
  return { segments, there, route: there.find((candidate) => candidate.method === method) };
}

function dispatch(
  { segments, there, route }: Found,
  request: HttpRequest,
  keys: ApiKeys | undefined,
): HttpReply | Promise<HttpReply> {
  checkCaller(request, keys);
  // Before anything else is said: not even what is there is for everybody.
  checkAccess(request, route === undefined ? 'read' : accessOf(route), keys);
  if (request.body === 'too-large') {
    throw new HeadwaterError('body-too-large', `the body is too large: expected at most ${BODY_LIMIT} bytes`);
  }
  if (route === undefined) throw nothingHere(request, there);
  const parameters = segments.filter((_segment, i) => route.segments[i].startsWith(':'));
  return route.handle({ parameters, query: request.query, body: request.body });
}

function accessOf(route: Route): Access {
  return route.access ?? (route.method === 'GET' ? 'read' : 'all');
}

function nothingHere(request: HttpRequest, there: readonly Route[]): HeadwaterError {
  if (there.length > 0) {
    const methods = there.map(({ method }) => method).join(' or ');
    return new HeadwaterError('method-not-allowed', `${request.method} is not possible here: expected ${methods}`);
  }
  return new HeadwaterError(
    'route-not-found',
    `there is nothing at ${request.path}: expected /v1/features/{table}/{key}, /v1/jobs, /health/ready or /metrics`,
  );
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false;
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] !== segments[i] && !pattern[i].startsWith(':')) return false;
  }
  return true;
}
