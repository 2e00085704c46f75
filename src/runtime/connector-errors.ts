import { HeadwaterError } from '../data/errors.ts';

export function unknownConnector(name: string | undefined, role: 'source' | 'sink'): HeadwaterError {
  return new HeadwaterError('unknown-connector', `connector '${name ?? ''}' is not a ${role} that this process has`);
}
