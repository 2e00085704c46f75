import { homedir } from 'node:os';
import { join } from 'node:path';

const API_KEYS = 'HEADWATER_API_KEYS';
const API_KEYS_FILE = 'HEADWATER_API_KEYS_FILE';
const COLLECTORS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

/** The only place that reads process.env. API keys are no settings: SQL must not be able to show them. */
export function environmentSettings(): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && name !== API_KEYS) settings.set(name, value);
  }
  return settings;
}

/** Where API keys are: in a variable, in a file, or nowhere. */
export function environmentApiKeys(): { readonly keys: string | undefined; readonly file: string | undefined } {
  return { keys: process.env[API_KEYS] || undefined, file: process.env[API_KEYS_FILE] || undefined };
}

/** Whether the standard variables of OpenTelemetry name a collector for traces; the library reads them itself. */
export function environmentWantsTraces(): boolean {
  return COLLECTORS.some((name) => Boolean(process.env[name]));
}

/** A file of Headwater's in the user's state directory: `$XDG_STATE_HOME/headwater`, else `~/.local/state/headwater`. */
export function stateFile(name: string): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'headwater', name);
}
