export { decodeColumns, type DecodedColumns } from './codec-read.ts';
export { decodeValues, encodeValue } from './codec-value.ts';
export { encodeColumns, prepareColumns, type PreparedColumns } from './codec-write.ts';
