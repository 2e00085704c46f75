/** Why a record cannot be decoded; the driver makes a DecodeError of it. */
export class RecordFailure extends Error {}

/** Reasons that generated code knows by these names. */
export const REASONS = {
  badInt: 'an int takes more than 32 bits',
  badLong: 'a long takes more than 64 bits',
  badLength: 'a length reaches past the end of the record',
  badCount: 'a block of an array or map has more items than the record can hold',
  tooMany: 'arrays or maps have too many items without bytes',
  badUnion: 'an index lies outside the union',
  badEnum: 'an index lies outside the enum',
  badBoolean: 'a boolean is neither 0 nor 1',
  badDecimal: 'a decimal has no bytes',
  badTimestamp: 'a timestamp lies outside the years that can be represented',
  truncated: 'the record ends before its last field',
  trailing: 'bytes follow the last field of the record',
} as const;

export function fail(reason: string): never {
  throw new RecordFailure(reason);
}
