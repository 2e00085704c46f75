import avsc from 'avsc';

/**
 * Whether data of one Avro schema can be read with another, by the specification's rules of schema resolution (avsc's
 * resolver). As in Avro's Java library, names of records, enums and fixed types are compared without their namespace
 * where that is unambiguous. Gives the reason why not, or undefined. Throws what avsc says of a schema that is none.
 */
export function unreadable(reader: string, writer: string): string | undefined {
  try {
    resolve(reader, writer);
    return undefined;
  } catch (error) {
    if (!canDropNamespaces(reader) || !canDropNamespaces(writer)) return reason(error);
  }
  try {
    resolve(withoutNamespaces(reader), withoutNamespaces(writer));
    return undefined;
  } catch (error) {
    return reason(error);
  }
}

/** Throws what is wrong with the schema. */
export function checkSchema(text: string): void {
  typeOf(text);
}

function typeOf(text: string): avsc.Type {
  return avsc.Type.forSchema(JSON.parse(text) as avsc.Schema, { wrapUnions: 'always' });
}

function resolve(reader: string, writer: string): void {
  typeOf(reader).createResolver(typeOf(writer));
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** No two named types of the schema have the same name in different namespaces. */
function canDropNamespaces(text: string): boolean {
  const names: string[] = [];
  JSON.parse(text, (key, value: unknown) => {
    if (key === '' || typeof value !== 'object' || value === null) return value;
    if ('name' in value && 'type' in value && isNamedType(value.type))
      names.push(String(value.name).replace(/^.*\./, ''));
    return value;
  });
  return new Set(names).size === names.length;
}

const isNamedType = (type: unknown): boolean =>
  type === 'record' || type === 'enum' || type === 'fixed' || type === 'error';

function withoutNamespaces(text: string): string {
  const value: unknown = JSON.parse(text);
  return JSON.stringify(strip(value));
}

/** Of a schema: drops `namespace`, and the namespace of names and of references to them; defaults stay as they are. */
function strip(schema: unknown): unknown {
  if (typeof schema === 'string') return schema.replace(/^.*\./, '');
  if (Array.isArray(schema)) return schema.map(strip);
  if (typeof schema !== 'object' || schema === null) return schema;
  const stripped: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'namespace') continue;
    else if (key === 'name' || key === 'type' || key === 'items' || key === 'values') stripped[key] = strip(value);
    else if (key === 'aliases' && Array.isArray(value)) stripped[key] = value.map(strip);
    else if (key === 'fields' && Array.isArray(value)) stripped[key] = value.map(strip);
    else stripped[key] = value;
  }
  return stripped;
}
