import { HeadwaterError } from '../../data/errors.ts';
import type { DecoderSpec } from '../contracts.ts';
import type { JsonOptions } from './convert.ts';

/** Throws HeadwaterError `invalid-option`. */
export function jsonOptions(spec: DecoderSpec): JsonOptions {
  const failOnMissingField = spec.options['json.fail-on-missing-field'] === 'true';
  const ignoreParseErrors = spec.options['json.ignore-parse-errors'] === 'true' || spec.onError === 'skip';
  if (failOnMissingField && ignoreParseErrors) {
    throw new HeadwaterError('invalid-option', "fail-on-missing-field and ignore-parse-errors shouldn't both be true.");
  }
  return {
    failOnMissingField,
    ignoreParseErrors,
    timestampStandard: spec.options['json.timestamp-format.standard'] === 'ISO-8601' ? 'ISO-8601' : 'SQL',
  };
}
