import { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Middleware } from 'mappersmith';
import type apiModule from '@kafkajs/confluent-schema-registry/dist/api/index.js';
import { type HeadwaterError, runtimeError } from '../../data/errors.ts';
import { lazyPackage } from '../../data/lazy-package.ts';
import { withDeadline } from '../kafka/deadline.ts';
import type { RegistryAccess } from './access.ts';
import { registryAddress } from './address.ts';
import type { RegistryClient } from './client.ts';
import { tlsAgent } from './tls.ts';

const DEADLINE_MS = 5_000;
/** Quick repeats inside the deadline; longer outages are waited for by the source. */
const RETRY = { retries: 2, initialRetryTimeInSecs: 0.2, maxRetryTimeInSecs: 2 };
/** mappersmith answers with 400 when there was no HTTP answer at all. */
const NO_ANSWER_STATUS = 400;
const NETWORK_FAILURE = /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET|EPIPE|socket hang up|certificate|SSL|TLS/i;

/** A Confluent-compatible registry at an http(s) URL, which may carry a path and (as `user:password@`) a login. */
export class HttpRegistry implements RegistryClient {
  private readonly address: string;
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly api: ReturnType<typeof apiOf>;

  /** Throws HeadwaterError `invalid-option`. A login of `access` wins over one in the URL. */
  constructor(url: string, access: RegistryAccess = {}) {
    const { address, login } = registryAddress(url);
    this.address = address;
    this.agent = address.startsWith('https:') ? tlsAgent(access.tls) : new HttpAgent();
    const { token } = access;
    this.api = apiOf(address, { login: token === undefined ? (access.login ?? login) : undefined, token }, this.agent);
  }

  async schemaById(id: number): Promise<string> {
    const body = await this.call(`schema id ${id}`, 'unknown-schema-id', () => this.api.Schema.find({ id }));
    if (!hasText(body)) throw this.malformed(`schema id ${id}`);
    if ('references' in body && Array.isArray(body.references) && body.references.length > 0) {
      throw runtimeError(
        'unsupported-schema',
        `schema id ${id} of ${this.address} refers to other schemas, which is not supported`,
      );
    }
    if ('schemaType' in body && typeof body.schemaType === 'string' && body.schemaType !== 'AVRO') {
      throw runtimeError(
        'unsupported-schema',
        `schema id ${id} of ${this.address} is of type ${body.schemaType}; expected AVRO`,
      );
    }
    return body.schema;
  }

  async register(subject: string, schemaText: string): Promise<number> {
    const body = { schema: schemaText, schemaType: 'AVRO' };
    const answer = await this.call(`subject ${subject}`, 'schema-refused', () =>
      this.api.Subject.register({ subject, body }),
    );
    if (typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'number')
      return answer.id;
    throw this.malformed(`subject ${subject}`);
  }

  async check(): Promise<void> {
    await this.call('its list of subjects', 'registry-error', () => this.api.Subject.all());
  }

  close(): void {
    this.agent.destroy();
  }

  /** `refusal`: the code of an answer that says no (status 4xx). */
  private async call(what: string, refusal: string, request: () => Promise<{ data(): unknown }>): Promise<unknown> {
    try {
      const late = () => new Error(`no answer within ${DEADLINE_MS} ms`);
      const response = await withDeadline(request(), DEADLINE_MS, late);
      const data = response.data();
      return typeof data === 'string' ? (JSON.parse(data) as unknown) : data;
    } catch (error) {
      throw this.explain(what, refusal, error);
    }
  }

  private explain(what: string, refusal: string, error: unknown): HeadwaterError {
    const status = error instanceof Error && 'status' in error ? Number(error.status) : undefined;
    const reason = error instanceof Error ? error.message : String(error);
    if (status === 401 || status === 403) {
      return runtimeError(
        'registry-not-authorized',
        `the schema registry at ${this.address} refuses the login: ${reason}`,
        error,
      );
    }
    const answered = status !== undefined && status >= 400 && status < 500;
    if (answered && !(status === NO_ANSWER_STATUS && NETWORK_FAILURE.test(reason))) {
      return runtimeError(refusal, `the schema registry at ${this.address} refuses ${what}: ${reason}`, error);
    }
    return runtimeError(
      'registry-unreachable',
      `the schema registry at ${this.address} does not answer: ${reason}`,
      error,
    );
  }

  private malformed(what: string): HeadwaterError {
    return runtimeError(
      'registry-error',
      `the schema registry at ${this.address} gave an unexpected answer for ${what}`,
    );
  }
}

const api = lazyPackage<{ readonly default: typeof apiModule }>('@kafkajs/confluent-schema-registry/dist/api/index.js');

function apiOf(host: string, { login, token }: RegistryAccess, agent: HttpAgent | HttpsAgent) {
  return api().default({
    host,
    auth: login === undefined ? undefined : { ...login },
    agent,
    clientId: 'headwater',
    retry: RETRY,
    middlewares: token === undefined ? [] : [bearer(token)],
  });
}

function bearer(token: string): Middleware {
  return () => ({
    prepareRequest: async (next) => (await next()).enhance({ headers: { authorization: `Bearer ${token}` } }),
  });
}

function hasText(body: unknown): body is { schema: string } {
  return typeof body === 'object' && body !== null && 'schema' in body && typeof body.schema === 'string';
}
