import { fileURLToPath } from 'node:url';

const query = (name: string): string => fileURLToPath(new URL(`../../queries/${name}`, import.meta.url));

/** The project's own queries. */
export const QUERIES = { userActivity: query('user_activity.sql'), flights: query('flights.sql') } as const;
