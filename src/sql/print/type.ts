import { formatType, type SqlType } from '../../data/types.ts';
import { name } from './names.ts';

/** A type as DDL takes it. */
export function printType(type: SqlType): string {
  return type.nullable ? bare(type) : `${bare(type)} NOT NULL`;
}

function bare(type: SqlType): string {
  switch (type.kind) {
    case 'ARRAY':
    case 'MULTISET':
      return `${type.kind}<${printType(type.element)}>`;
    case 'MAP':
      return `MAP<${printType(type.key)}, ${printType(type.value)}>`;
    case 'ROW':
      return `ROW<${type.fields.map((field) => `${name(field.name)} ${printType(field.type)}`).join(', ')}>`;
    default:
      return formatType({ ...type, nullable: true });
  }
}
