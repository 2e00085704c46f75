import type { OtherStatement, SetOption } from './ast.ts';
import { SqlError } from './errors.ts';
import { position, tokenText, valueOf } from './parser/base.ts';
import type { StatementTokens } from './statement-splitter.ts';
import { K, P, StringLiteral, type SqlToken } from './tokens.ts';

/** First words of statements that are known and not executed; the longest match names the feature. */
const FEATURES: readonly string[] = `
  ADD JAR; ALTER CATALOG; ALTER CONNECTION; ALTER DATABASE; ALTER FUNCTION; ALTER MATERIALIZED TABLE; ALTER MODEL;
  ALTER TABLE; ALTER TEMPORARY FUNCTION; ALTER TEMPORARY SYSTEM FUNCTION; ALTER VIEW; ANALYZE TABLE; CALL; CLEAR;
  COMPILE AND EXECUTE PLAN; COMPILE PLAN; CREATE CATALOG; CREATE CONNECTION; CREATE DATABASE; CREATE FUNCTION;
  CREATE MATERIALIZED TABLE; CREATE MODEL; CREATE OR ALTER MATERIALIZED TABLE; CREATE SYSTEM CONNECTION;
  CREATE TEMPORARY CONNECTION; CREATE TEMPORARY FUNCTION; CREATE TEMPORARY MODEL; CREATE TEMPORARY SYSTEM CONNECTION;
  CREATE TEMPORARY SYSTEM FUNCTION; DELETE; DESC; DESCRIBE; DROP CATALOG; DROP CONNECTION; DROP DATABASE;
  DROP FUNCTION; DROP MATERIALIZED TABLE; DROP MODEL; DROP TABLE; DROP TEMPORARY CONNECTION; DROP TEMPORARY FUNCTION;
  DROP TEMPORARY MODEL; DROP TEMPORARY SYSTEM CONNECTION; DROP TEMPORARY SYSTEM FUNCTION; DROP TEMPORARY TABLE;
  DROP TEMPORARY VIEW; DROP VIEW; EXECUTE PLAN; EXIT; EXPLAIN COMPILE PLAN; HELP; LOAD MODULE; MERGE; QUIT; REMOVE JAR;
  SHOW; STOP JOB; TRUNCATE TABLE; UNLOAD MODULE; UPDATE; UPSERT; USE; USE CATALOG; USE MODULES`
  .split(';')
  .map((words) => words.trim().replace(/\s+/g, ' '));

/** SET, RESET and statements that are only named; undefined for what the grammar parses. */
export function parseOther(statement: StatementTokens, source: string): SetOption | OtherStatement | undefined {
  const { tokens } = statement;
  const first = tokens[0];
  if (first.tokenType === K.SET) return parseSet(statement, source);
  if (first.image.toUpperCase() === 'RESET') return parseReset(statement, source);
  const feature = FEATURES.filter((words) => startsWith(tokens, words)).sort((a, b) => b.length - a.length)[0];
  return feature === undefined ? undefined : other(feature, tokens);
}

function startsWith(tokens: readonly SqlToken[], words: string): boolean {
  return words.split(' ').every((word, i) => tokens[i]?.image.toUpperCase() === word);
}

function other(feature: string, tokens: readonly SqlToken[]): OtherStatement {
  return { kind: 'other', feature, text: tokenText(tokens), position: position(tokens[0]) };
}

/** `SET`, `SET 'key' = 'value'`, and the unquoted `SET a.b-c = value` of Flink's client. */
function parseSet({ tokens, end }: StatementTokens, source: string): SetOption {
  const at = position(tokens[0]);
  if (tokens.length === 1) return { kind: 'set', key: undefined, value: undefined, position: at };
  const equal = tokens.findIndex((token) => token.tokenType === P.Equal);
  const failure = (summary: string, where = end): SqlError =>
    new SqlError({ code: 'sql-syntax', summary, position: where, expected: ["SET 'key' = 'value'"], source });
  if (equal < 0) throw failure("SET lacks its '='");
  const key = settingText(tokens.slice(1, equal), source);
  if (key === undefined) throw failure('SET lacks a key', position(tokens[equal]));
  const value = settingText(tokens.slice(equal + 1), source);
  if (value === undefined) throw failure('SET lacks a value');
  if (tokens[equal + 1].tokenType === StringLiteral && tokens.length > equal + 2) {
    throw failure(`unexpected '${tokens[equal + 2].image}' behind the value`, position(tokens[equal + 2]));
  }
  return { kind: 'set', key, value, position: at };
}

function parseReset({ tokens }: StatementTokens, source: string): SetOption | OtherStatement {
  const key = settingText(tokens.slice(1), source);
  if (key === undefined) return other('RESET', tokens);
  return { kind: 'set', key, value: undefined, position: position(tokens[0]) };
}

function settingText(tokens: readonly SqlToken[], source: string): string | undefined {
  if (tokens.length === 0) return undefined;
  if (tokens[0].tokenType === StringLiteral) return valueOf(tokens[0]);
  return source.slice(tokens[0].startOffset, (tokens[tokens.length - 1].endOffset ?? 0) + 1);
}
