import type { Sql } from './client.js';
import journal from './migrations/meta/_journal.json' with { type: 'json' };

export interface FeedHealth {
  id: string;
  source: string;
  sourceName: string;
  everySeconds: number;
  paused: boolean;
  mutedAt: Date | null;
  lastKind: string | null;
  lastPolledAt: Date | null;
  lastSuccessAt: Date | null;
  consecutiveFailures: number;
  reason: string | null;
  detail: string | null;
  nextDueAt: Date | null;
  /** Until when its host asked us to wait; null when it did not. */
  heldUntil: Date | null;
  items: number;
}

/** Every configured feed with its state after the last poll, in the order of the ids. */
export function listFeedHealth(sql: Sql, now: Date): Promise<FeedHealth[]> {
  return sql<FeedHealth[]>`
    select f.id, f.source_id as source, s.name as "sourceName", f.every_seconds as "everySeconds", f.paused,
      f.muted_at as "mutedAt", f.last_kind as "lastKind", f.last_polled_at as "lastPolledAt",
      f.last_success_at as "lastSuccessAt", f.consecutive_failures as "consecutiveFailures", f.last_reason as reason,
      f.last_detail as detail, f.next_due_at as "nextDueAt",
      case when h.next_allowed_at > ${now} then h.next_allowed_at end as "heldUntil", coalesce(n.items, 0) as items
    from feeds f join sources s on s.id = f.source_id
      left join hosts h on h.host = f.host
      left join (select feed_id, count(*)::int as items from items where removed_at is null group by 1) n on n.feed_id = f.id
    where f.removed_at is null
    order by f.id`;
}

export interface DatabaseHealth {
  /** Server version, e.g. `18.4`. */
  version: string;
  /** Number of migrations applied. */
  schema: number;
  /** What is wrong with the schema, in a sentence; null when it is this program's. */
  problem: string | null;
}

/** Asks the server for its version and schema. Throws what the driver throws when it does not answer. */
export async function checkDatabase(sql: Sql): Promise<DatabaseHealth> {
  const [row] = await sql<[{ version: string; known: boolean }]>`
    select current_setting('server_version') as version, to_regclass('drizzle.__drizzle_migrations') is not null as known`;
  const applied = row.known
    ? await sql<[{ count: number }]>`select count(*)::int as count from drizzle.__drizzle_migrations`
    : null;
  const schema = applied?.[0].count ?? 0;
  return { version: row.version, schema, problem: describeSchema(schema, journal.entries.length) };
}

function describeSchema(applied: number, expected: number): string | null {
  if (applied === expected) return null;
  if (applied > expected)
    return `The database has ${applied} migrations, this program knows ${expected}: it was written by a newer axiswatch. Update the program.`;
  return `The database lacks ${expected - applied} of ${expected} migrations: run axiswatch migrate.`;
}
