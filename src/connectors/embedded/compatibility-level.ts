import { unreadable } from '../../formats/avro/compatibility.ts';

/** The compatibility levels of Confluent's Schema Registry. */
export const LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type CompatibilityLevel = (typeof LEVELS)[number];

/** As Confluent's registry has it. */
export const DEFAULT_LEVEL: CompatibilityLevel = 'BACKWARD';

export function levelNamed(text: string): CompatibilityLevel | undefined {
  return LEVELS.find((level) => level === text.toUpperCase());
}

/** Why a schema may not follow the earlier versions (oldest first); empty when it may. */
export function incompatibilities(level: CompatibilityLevel, earlier: readonly string[], schema: string): string[] {
  const compared = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1);
  const problems: string[] = [];
  for (const old of compared) {
    if (level.startsWith('BACKWARD') || level.startsWith('FULL')) {
      const why = unreadable(schema, old);
      if (why !== undefined) problems.push(`the new schema cannot read data of an earlier one: ${why}`);
    }
    if (level.startsWith('FORWARD') || level.startsWith('FULL')) {
      const why = unreadable(old, schema);
      if (why !== undefined) problems.push(`an earlier schema cannot read data of the new one: ${why}`);
    }
  }
  return problems;
}
