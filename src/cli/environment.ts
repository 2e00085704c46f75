/** The only place that reads process.env. */
export function environmentSettings(): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) settings.set(name, value);
  return settings;
}
