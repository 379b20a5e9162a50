/** How far a publisher's clock may run ahead before its date is not believed. */
const AHEAD_MS = 3_600_000;
const EARLIEST = Date.UTC(1990, 0, 1);

/**
 * When an entry says it was published, or null when that is not credible: absent, before 1990 (an epoch or a slip), or more than
 * an hour ahead of `now`. An entry that has only an update time was published then as far as its feed tells.
 */
export function crediblePublication(
  entry: { publishedAt: Date | null; updatedAt?: Date | null },
  now: Date,
): Date | null {
  const credible = (date: Date | null | undefined): date is Date =>
    date != null && date.getTime() >= EARLIEST && date.getTime() <= now.getTime() + AHEAD_MS;
  if (entry.publishedAt !== null) return credible(entry.publishedAt) ? entry.publishedAt : null;
  return credible(entry.updatedAt) ? entry.updatedAt : null;
}

/**
 * The UTC day an item counts on: the day of its credible publication, else the day it was first seen. A clock that runs up to an
 * hour ahead never books an item on tomorrow. `itemDay(null, 2026-03-01T08:00Z)` is `2026-03-01`.
 */
export function itemDay(publishedAt: Date | null, firstSeenAt: Date): string {
  const at = publishedAt === null || publishedAt > firstSeenAt ? firstSeenAt : publishedAt;
  return at.toISOString().slice(0, 10);
}
