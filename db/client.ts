import postgres from 'postgres';

/** The connection pool that every query function takes as its first argument. */
export type Sql = postgres.Sql;

/**
 * A pool for `url`. Dates travel as `Date`, `date` columns as `YYYY-MM-DD` strings. `onStatement` hears the text of every statement
 * that is sent, for counting round trips.
 */
export function connectDatabase(
  url: string,
  options: { max?: number; name?: string; onStatement?: (text: string) => void } = {},
): Sql {
  const { onStatement } = options;
  return postgres(url, {
    max: options.max ?? 10,
    onnotice: () => undefined,
    debug: onStatement && ((_connection, text) => onStatement(text)),
    connection: { application_name: options.name ?? 'axiswatch', timezone: 'UTC' },
    types: {
      // A calendar day is no instant: as a Date it would shift with the zone of the machine.
      day: { to: 1082, from: [1082], serialize: (day: string) => day, parse: (day: string) => day },
    },
  });
}
