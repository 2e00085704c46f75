import { HeadwaterError } from '../../data/errors.ts';
import { DATE, notNull, timestamp, timestampLtz, type SqlType } from '../../data/types.ts';
import { emitNow, emitWatermark } from '../kernels/clock.ts';
import { isTimestamp } from '../types/common-type.ts';
import type { Call, Expr } from '../typed.ts';
import type { Example, FunctionDefinition, Signature } from './definition.ts';
import { emitted, rewritten } from './kernel.ts';

const INSTANT = notNull(timestampLtz(3));
const TIME: SqlType = { kind: 'TIME', precision: 0, nullable: false };

export const currentTimestamp: Call = { kind: 'call', fn: 'CURRENT_TIMESTAMP', args: [], type: INSTANT };

const noArguments = (result: SqlType): readonly Signature[] => [
  { shown: '', resolve: (args) => (args.length === 0 ? { params: [], result } : undefined) },
];

/** The wall clock of the session's zone as another type. */
function clock(
  name: string,
  type: SqlType,
  doc: string,
  value: Example[1],
  aliases: readonly string[] = [],
): FunctionDefinition {
  return {
    name,
    aliases,
    signatures: noArguments(type),
    syntax: [name, ...aliases],
    kernel: rewritten(() => ({ kind: 'cast', arg: currentTimestamp, type, tryCast: false })),
    doc,
    examples: [[name, value]],
  };
}

/** The examples run at 2024-02-29 12:34:56.789 UTC. */
export const clockFunctions: readonly FunctionDefinition[] = [
  {
    name: 'CURRENT_TIMESTAMP',
    aliases: ['NOW', 'CURRENT_ROW_TIMESTAMP'],
    signatures: noArguments(INSTANT),
    syntax: ['CURRENT_TIMESTAMP', 'NOW()', 'CURRENT_ROW_TIMESTAMP()'],
    kernel: emitted(emitNow),
    volatile: true,
    doc: 'The wall clock as TIMESTAMP_LTZ(3), read for each row. The examples of this section run at 2024-02-29 12:34:56.789 UTC.',
    examples: [
      ['CURRENT_TIMESTAMP', '2024-02-29T12:34:56.789Z'],
      ['NOW()', '2024-02-29T12:34:56.789Z'],
    ],
  },
  {
    name: 'PROCTIME',
    signatures: noArguments({ kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false, attribute: 'proctime' }),
    kernel: emitted(emitNow),
    volatile: true,
    doc: 'The wall clock as a time attribute: windows over it go by the time at which rows come.',
    examples: [['PROCTIME()', '2024-02-29T12:34:56.789Z']],
  },
  clock(
    'LOCALTIMESTAMP',
    notNull(timestamp(3)),
    "The wall clock of the session's zone as TIMESTAMP(3).",
    '2024-02-29T12:34:56.789',
  ),
  clock('CURRENT_DATE', notNull(DATE), "The date in the session's zone.", '2024-02-29'),
  clock('LOCALTIME', TIME, "The time of day in the session's zone as TIME(0).", '12:34:56', ['CURRENT_TIME']),
  {
    name: 'CURRENT_WATERMARK',
    signatures: [{ shown: 'rowtime', resolve: watermarkOf }],
    kernel: emitted(emitWatermark),
    volatile: true,
    check: ([arg]) => {
      if (isTimestamp(arg.type) && arg.type.attribute === 'rowtime' && arg.kind === 'input') return;
      throw new HeadwaterError('type-mismatch', 'CURRENT_WATERMARK takes a column that is a time attribute');
    },
    doc:
      'The watermark that the operator has seen, as the type of its argument, a time attribute; NULL before the first. ' +
      'Late rows: `ts <= CURRENT_WATERMARK(ts)`.',
    examples: [],
  },
];

function watermarkOf(args: readonly Expr[]): ReturnType<Signature['resolve']> {
  const [arg] = args;
  if (args.length !== 1 || !isTimestamp(arg.type)) return undefined;
  return { params: [arg.type], result: { kind: arg.type.kind, precision: 3, nullable: true } };
}
