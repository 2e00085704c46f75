/** A schema registry: Confluent-compatible over HTTP, or the embedded one. */
export interface RegistryClient {
  /** The text of a schema. Throws `unknown-schema-id`, or `registry-unreachable` within ten seconds. */
  schemaById(id: number): Promise<string>;
  /** Registers an Avro schema under a subject (again: the same id) and returns its id. */
  register(subject: string, schemaText: string): Promise<number>;
  /** Throws `registry-unreachable` within ten seconds when the registry does not answer. */
  check(): Promise<void>;
  close(): void;
}
