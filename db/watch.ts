import type { Sql } from './client.js';

export interface SilentGroup {
  groupId: string;
  /** How long its oldest due feed has been waiting. */
  overdueSeconds: number;
  feeds: number;
}

/** A group may be late by this many times its cadence before it counts as silent. */
const LATE_FACTOR = 3;
const LATE_AT_LEAST_SECONDS = 600;

/**
 * Groups with feeds that should have been polled long ago: due for more than {@link LATE_FACTOR} times their cadence. Feeds that
 * nobody may poll (paused, muted, removed, on a host that asked to be left alone) do not count, nor do feeds never polled: the
 * start of the program sees to those. Worst first.
 */
export async function listSilentGroups(sql: Sql, now: Date): Promise<SilentGroup[]> {
  return sql<SilentGroup[]>`
    select f.group_id as "groupId", count(*)::int as feeds,
      max(extract(epoch from ${now}::timestamptz - f.next_due_at))::int as "overdueSeconds"
    from feeds f left join hosts h on h.host = f.host
    where f.removed_at is null and not f.paused and f.muted_at is null
      and (h.host is null or h.next_allowed_at <= ${now})
      and f.next_due_at < ${now}::timestamptz - make_interval(secs => greatest(${LATE_AT_LEAST_SECONDS}, ${LATE_FACTOR} * f.every_seconds))
    group by f.group_id order by 3 desc, 1`;
}

/** Groups with a feed that may be polled and never was: it was just added. */
export async function listUnpolledGroups(sql: Sql): Promise<string[]> {
  const rows = await sql<Array<{ groupId: string }>>`
    select distinct group_id as "groupId" from feeds
    where removed_at is null and not paused and muted_at is null and last_polled_at is null order by 1`;
  return rows.map(({ groupId }) => groupId);
}

/**
 * Dirty cells marked before `markedBefore` and deliveries due before `dueBefore`: a run that worked would have dealt with them by
 * now. Two times, because cells go by the clock of the world and deliveries by ours.
 */
export async function countLeftovers(
  sql: Sql,
  { markedBefore, dueBefore }: { markedBefore: Date; dueBefore: Date },
): Promise<{ dirtyCells: number; dueDeliveries: number }> {
  const [row] = await sql<Array<{ dirtyCells: number; dueDeliveries: number }>>`
    select (select count(*)::int from dirty_cells where marked_at < ${markedBefore}) as "dirtyCells",
      (select count(*)::int from deliveries where state = 'pending' and next_attempt_at < ${dueBefore}) as "dueDeliveries"`;
  return { ...row! };
}
