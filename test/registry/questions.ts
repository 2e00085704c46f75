import { SCHEMA_PAIRS } from './schema-pairs.ts';

/** A request to a registry, and what of the answer both registries have to agree on. */
export interface Question {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** What of a positive answer is compared; refusals are compared by status and code. */
  readonly compare: (body: unknown) => unknown;
}

const LEVELS = ['BACKWARD', 'FORWARD', 'FULL', 'NONE'];
const schema = (value: unknown): { schema: string } => ({ schema: JSON.stringify(value) });
const whole = (body: unknown): unknown => body;
const member =
  (...names: string[]) =>
  (body: unknown): unknown =>
    names.map((name) => (body as Record<string, unknown> | null)?.[name]);
const isCompatible = member('is_compatible');

/** Each pair of schemas under its own subject: registered, then asked about by level, then registered by level. */
const compatibility: Question[] = SCHEMA_PAIRS.flatMap((pair, index) => {
  const subject = `pair-${index}`;
  const level = LEVELS[index % 3];
  return [
    ask(`${pair.name}: old`, 'POST', `/subjects/${subject}/versions`, schema(pair.old), () => 'registered'),
    ...['BACKWARD', 'FORWARD'].flatMap((one) => [
      ask(`${pair.name}: ${one}`, 'PUT', `/config/${subject}`, { compatibility: one }, () => 'set'),
      ask(
        `${pair.name}: ${one}?`,
        'POST',
        `/compatibility/subjects/${subject}/versions/latest`,
        schema(pair.new),
        isCompatible,
      ),
    ]),
    ask(`${pair.name}: ${level}`, 'PUT', `/config/${subject}`, { compatibility: level }, () => 'set'),
    ask(`${pair.name}: new under ${level}`, 'POST', `/subjects/${subject}/versions`, schema(pair.new), () => 'ok'),
    ask(`${pair.name}: versions`, 'GET', `/subjects/${subject}/versions`),
  ];
});

const field = (name: string, type: string, more: object = {}): object => ({ name, type, ...more });
const chain = (...fields: object[]): { schema: string } => schema({ type: 'record', name: 'C', fields });
const [one, two, three] = [field('x', 'int'), field('y', 'int', { default: 1 }), field('y', 'string')];

/** Versions 1 {x}, 2 {x, y default}, then a third that only transitive levels look at the first for. */
const transitive: Question[] = ['BACKWARD', 'FORWARD', 'FULL'].flatMap((kind) =>
  ['', '_TRANSITIVE'].flatMap((suffix) => {
    const subject = `chain-${kind}${suffix}`;
    return [
      ask(`${subject} 1`, 'POST', `/subjects/${subject}/versions`, chain(one, two), () => 'ok'),
      ask(`${subject} 2`, 'POST', `/subjects/${subject}/versions`, chain(one), () => 'ok'),
      ask(`${subject} level`, 'PUT', `/config/${subject}`, { compatibility: `${kind}${suffix}` }, () => 'set'),
      ask(`${subject} 3`, 'POST', `/subjects/${subject}/versions`, chain(one, { ...three, default: 'a' }), () => 'ok'),
      ask(`${subject} versions`, 'GET', `/subjects/${subject}/versions`),
    ];
  }),
);

const plain: Question[] = [
  ask('level of all', 'PUT', '/config', { compatibility: 'BACKWARD' }, () => 'set'),
  ask('level of all, read', 'GET', '/config'),
  ask('subject that is not there', 'GET', '/subjects/nobody/versions'),
  ask('first version', 'POST', '/subjects/s/versions', chain(one), () => 'ok'),
  ask('the same once more', 'POST', '/subjects/s/versions', chain(one), () => 'ok'),
  ask('second version', 'POST', '/subjects/s/versions', chain(one, two), () => 'ok'),
  ask('versions', 'GET', '/subjects/s/versions'),
  ask('version 1', 'GET', '/subjects/s/versions/1', undefined, member('subject', 'version', 'schema')),
  ask('latest', 'GET', '/subjects/s/versions/latest', undefined, member('subject', 'version', 'schema')),
  ask('text of latest', 'GET', '/subjects/s/versions/latest/schema'),
  ask('version that is not there', 'GET', '/subjects/s/versions/9'),
  ask('look up', 'POST', '/subjects/s', chain(one), member('subject', 'version', 'schema')),
  ask('look up what it has not', 'POST', '/subjects/s', chain(three)),
  ask('look up in a subject that is not there', 'POST', '/subjects/nobody', chain(one)),
  ask('id that is not there', 'GET', '/schemas/ids/9999999'),
  ask('level of a subject', 'PUT', '/config/s', { compatibility: 'FULL_TRANSITIVE' }, () => 'set'),
  ask('level of a subject, read', 'GET', '/config/s'),
  ask('no JSON', 'POST', '/subjects/s/versions', { schema: '{"type":' }),
  ask('no Avro', 'POST', '/subjects/s/versions', { schema: '{"type":"recor"}' }),
  ask('delete a version', 'DELETE', '/subjects/s/versions/1'),
  ask('versions without it', 'GET', '/subjects/s/versions'),
  ask('delete a version that is not there', 'DELETE', '/subjects/s/versions/7'),
  ask('delete the subject', 'DELETE', '/subjects/s'),
  ask('delete a subject that is not there', 'DELETE', '/subjects/nobody'),
  ask('a name with odd letters', 'POST', '/subjects/a%20b%2Fc/versions', chain(one), () => 'ok'),
  ask('a name with odd letters, read', 'GET', '/subjects/a%20b%2Fc/versions'),
  ask('white space: one', 'POST', '/subjects/white-space/versions', { schema: '"int"' }, () => 'ok'),
  ask('white space: the same', 'POST', '/subjects/white-space/versions', { schema: ' "int" ' }, () => 'ok'),
  ask('white space: versions', 'GET', '/subjects/white-space/versions'),
  ask('version that is no number', 'GET', '/subjects/pair-0/versions/x'),
  ask('level that is none', 'PUT', '/config/pair-0', { compatibility: 'SIDEWARD' }),
  ask('mode', 'GET', '/mode'),
  ask('all subjects', 'GET', '/subjects', undefined, (body) => [...(body as string[])].sort()),
];

export const QUESTIONS: readonly Question[] = [
  ...plain.slice(0, 1),
  ...compatibility,
  ...transitive,
  ...plain.slice(1),
];

function ask(
  name: string,
  method: Question['method'],
  path: string,
  body?: object,
  compare: Question['compare'] = whole,
): Question {
  return { name, method, path, ...(body === undefined ? {} : { body }), compare };
}
