import {
  type CompatibilityLevel,
  DEFAULT_LEVEL,
  LEVELS,
  levelNamed,
} from '../../connectors/embedded/compatibility-level.ts';
import type { EmbeddedRegistry, SubjectVersion } from '../../connectors/embedded/registry.ts';
import { HeadwaterError } from '../../data/errors.ts';
import type { HttpReply } from '../http.ts';
import { parseJsonObject, stringMember } from '../json-body.ts';
import type { Route, RoutedRequest } from '../router.ts';
import { decodeName } from './tables.ts';

const TYPE = 'application/vnd.schemaregistry.v1+json';

/** An answer of Confluent's API that says no: HTTP status and its own code. */
class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  constructor(code: number, message: string, status = Math.floor(code / 100)) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

type Answer = (request: RoutedRequest) => unknown;

/** The embedded registry under `/registry`: the part of Confluent's Schema Registry API that its clients use for Avro. */
export function registryRoutes(registry: EmbeddedRegistry): Route[] {
  const route = (method: Route['method'], path: string, answer: Answer): Route => ({
    method,
    path: `/registry${path}`,
    handle: (request) => reply(() => answer(request)),
  });
  return [
    ...subjectRoutes(registry, route),
    ...schemaRoutes(registry, route),
    ...levelRoutes(registry, route),
    route('GET', '', () => ({})),
    route('GET', '/', () => ({})),
    route('GET', '/mode', () => ({ mode: 'READWRITE' })),
  ];
}

type Make = (method: Route['method'], path: string, answer: Answer) => Route;

function subjectRoutes(registry: EmbeddedRegistry, route: Make): Route[] {
  return [
    route('GET', '/subjects', ({ query }) => registry.subjects(flag(query, 'deleted'))),
    route('POST', '/subjects/:subject', (request) => {
      const subject = existing(registry, name(request, 0));
      const found = registry.lookUp(subject, schemaOf(request));
      if (found === undefined) throw new Refusal(40403, `subject '${subject}' has no such schema`);
      return versionJson(found);
    }),
    route('DELETE', '/subjects/:subject', (request) => deleteVersions(registry, request)),
    route('GET', '/subjects/:subject/versions', (request) =>
      registry
        .versions(existing(registry, name(request, 0)), flag(request.query, 'deleted'))
        .map((version) => version.version),
    ),
    route('POST', '/subjects/:subject/versions', (request) => ({
      id: registry.registerSchema(name(request, 0), schemaOf(request)),
    })),
    route('GET', '/subjects/:subject/versions/:version', (request) => versionJson(versionOf(registry, request))),
    route('DELETE', '/subjects/:subject/versions/:version', (request) => {
      const { version } = versionOf(registry, request, flag(request.query, 'permanent'));
      return deleteVersions(registry, request, version)[0];
    }),
    route('GET', '/subjects/:subject/versions/:version/schema', (request) =>
      JSON.parse(versionOf(registry, request).schema),
    ),
    route('POST', '/compatibility/subjects/:subject/versions/:version', (request) =>
      compatibilityJson(registry, request, [versionOf(registry, request)]),
    ),
    route('POST', '/compatibility/subjects/:subject/versions', (request) =>
      compatibilityJson(registry, request, registry.versions(name(request, 0))),
    ),
  ];
}

function schemaRoutes(registry: EmbeddedRegistry, route: Make): Route[] {
  const text = (request: RoutedRequest): string => {
    const id = Number(request.parameters[0]);
    const found = Number.isInteger(id) ? registry.textById(id) : undefined;
    if (found === undefined) throw new Refusal(40403, `there is no schema with id ${request.parameters[0]}`);
    return found;
  };
  const uses = (request: RoutedRequest): SubjectVersion[] => {
    text(request);
    return registry.usesOf(Number(request.parameters[0]));
  };
  return [
    route('GET', '/schemas/types', () => ['AVRO']),
    route('GET', '/schemas/ids/:id', (request) => ({ schema: text(request) })),
    route('GET', '/schemas/ids/:id/schema', (request) => JSON.parse(text(request))),
    route('GET', '/schemas/ids/:id/subjects', (request) => [...new Set(uses(request).map((use) => use.subject))]),
    route('GET', '/schemas/ids/:id/versions', (request) =>
      uses(request).map(({ subject, version }) => ({ subject, version })),
    ),
  ];
}

function levelRoutes(registry: EmbeddedRegistry, route: Make): Route[] {
  const json = (level: CompatibilityLevel): unknown => ({ compatibilityLevel: level });
  return [
    route('GET', '/config', () => json(registry.level() ?? DEFAULT_LEVEL)),
    route('PUT', '/config', (request) => {
      const level = levelIn(request);
      registry.setLevel(level);
      return { compatibility: level };
    }),
    route('GET', '/config/:subject', (request) => {
      const subject = name(request, 0);
      const level = registry.level(subject);
      if (level !== undefined) return json(level);
      if (flag(request.query, 'defaultToGlobal')) return json(registry.level() ?? DEFAULT_LEVEL);
      throw new Refusal(40408, `subject '${subject}' has no compatibility level of its own`);
    }),
    route('PUT', '/config/:subject', (request) => {
      const level = levelIn(request);
      registry.setLevel(level, name(request, 0));
      return { compatibility: level };
    }),
    route('DELETE', '/config/:subject', (request) => {
      const subject = name(request, 0);
      const level = registry.level(subject);
      if (level === undefined) throw new Refusal(40408, `subject '${subject}' has no compatibility level of its own`);
      registry.clearLevel(subject);
      return json(level);
    }),
  ];
}

const name = (request: RoutedRequest, index: number): string => decodeName(request.parameters[index]);

const flag = (query: string, key: string): boolean => new URLSearchParams(query).get(key) === 'true';

function existing(registry: EmbeddedRegistry, subject: string): string {
  if (registry.versions(subject).length > 0) return subject;
  if (registry.versions(subject, true).length > 0) throw new Refusal(40404, `subject '${subject}' was deleted`);
  throw new Refusal(40401, `subject '${subject}' is not known`);
}

function versionOf(registry: EmbeddedRegistry, request: RoutedRequest, deletedToo = false): SubjectVersion {
  const subject = deletedToo ? name(request, 0) : existing(registry, name(request, 0));
  const versions = registry.versions(subject, deletedToo || flag(request.query, 'deleted'));
  const wanted = request.parameters[1];
  const latest = wanted === 'latest' || wanted === '-1';
  if (!latest && !/^[1-9]\d*$/.test(wanted)) {
    throw new Refusal(42202, `version '${wanted}' is none: expected a number from 1 on, or latest`);
  }
  const found = latest ? versions.at(-1) : versions.find((version) => version.version === Number(wanted));
  if (found === undefined) throw new Refusal(40402, `subject '${subject}' has no version ${wanted}`);
  return found;
}

function deleteVersions(registry: EmbeddedRegistry, request: RoutedRequest, version?: number): number[] {
  const subject = name(request, 0);
  if (!flag(request.query, 'permanent')) return registry.markDeleted(existing(registry, subject), version);
  if (registry.versions(subject, true).length === 0) throw new Refusal(40401, `subject '${subject}' is not known`);
  const live = registry.versions(subject).some((one) => version === undefined || one.version === version);
  if (live) throw new Refusal(40405, `subject '${subject}' was not deleted first: only then can it go for good`);
  return registry.purge(subject, version);
}

function schemaOf(request: RoutedRequest): string {
  const body = parseJsonObject(request.body);
  const type = stringMember(body, 'schemaType') ?? 'AVRO';
  if (type !== 'AVRO') throw new Refusal(42201, `schemas of type ${type} are not supported: expected AVRO`);
  if (Array.isArray(body['references']) && body['references'].length > 0) {
    throw new Refusal(42201, 'references to other schemas are not supported: expected one self-contained schema');
  }
  const schema = stringMember(body, 'schema');
  if (schema === undefined) throw new Refusal(42201, "'schema' is missing: expected the text of an Avro schema");
  return schema;
}

function compatibilityJson(
  registry: EmbeddedRegistry,
  request: RoutedRequest,
  earlier: readonly SubjectVersion[],
): unknown {
  const messages = registry.incompatibilities(name(request, 0), earlier, schemaOf(request));
  const verbose = flag(request.query, 'verbose') ? { messages } : {};
  return { is_compatible: messages.length === 0, ...verbose };
}

function levelIn(request: RoutedRequest): CompatibilityLevel {
  const text = stringMember(parseJsonObject(request.body), 'compatibility') ?? '';
  const level = levelNamed(text);
  if (level !== undefined) return level;
  throw new Refusal(42203, `'${text}' is no compatibility level: expected ${LEVELS.join(', ')}`);
}

function versionJson({ subject, version, id, schema }: SubjectVersion): unknown {
  return { subject, version, id, schema };
}

function reply(answer: () => unknown): HttpReply {
  try {
    return { status: 200, contentType: TYPE, body: JSON.stringify(answer()) };
  } catch (error) {
    const { status, code, message } = refusalOf(error);
    return { status, contentType: TYPE, body: JSON.stringify({ error_code: code, message }) };
  }
}

/** Errors of the inside as Confluent's API has them; what it does not know goes on to the server's own answer. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof HeadwaterError)) throw error;
  switch (error.code) {
    case 'schema-incompatible':
      return new Refusal(409, error.message, 409);
    case 'schema-refused':
      return new Refusal(42201, error.message);
    case 'bad-json':
    case 'bad-request':
      return new Refusal(400, error.message, 400);
    default:
      throw error;
  }
}
