import { observedWorldTime, type WorldClock } from '../core/clock.js';
import type { Sql } from './client.js';

const CLOCK = 'clock';

/** The value kept under a key, or null. */
export async function readSetting<T>(sql: Sql, key: string): Promise<T | null> {
  const [row] = await sql<Array<{ value: T }>>`select value from settings where key = ${key}`;
  return row?.value ?? null;
}

/** Keeps a value (anything JSON) under a key, in place of the one before. */
export async function writeSetting(sql: Sql, key: string, value: unknown): Promise<void> {
  await sql`insert into settings (key, value) values (${key}, ${sql.json(value as never)})
    on conflict (key) do update set value = excluded.value`;
}

export const readWorldClock = (sql: Sql) => readSetting<WorldClock>(sql, CLOCK);
export const writeWorldClock = (sql: Sql, clock: WorldClock) => writeSetting(sql, CLOCK, clock);

/**
 * The clock that this database's world lives by: the demo's where there is one, else ours. Read it once per command or page;
 * `now()` itself asks nothing.
 */
export async function loadClock(sql: Sql): Promise<{ now(): Date }> {
  const world = await readWorldClock(sql);
  if (world === null) return { now: () => new Date() };
  return { now: () => observedWorldTime(world, new Date()) };
}

/** Forgets a setting; harmless when there is none. */
export async function removeSetting(sql: Sql, key: string): Promise<void> {
  await sql`delete from settings where key = ${key}`;
}
