import { checkDatabase, type DatabaseHealth, type FeedHealth, listFeedHealth } from '../../db/status.js';
import { type AskContext, isoTime } from './context.js';

/** What only the process that runs can know: whether Temporal answers and a worker polls. Injected, as server knows no Temporal. */
export interface Readiness {
  ready: boolean;
  /** What is missing, one plain sentence each. */
  problems: string[];
  temporal: TemporalStatus;
}

export interface TemporalStatus {
  address: string | null;
  server_version: string | null;
  /** Identity of a worker that polls; null when there is none, or none is known. */
  worker: string | null;
}

export const FEED_STATES = ['ok', 'failing', 'waiting', 'held', 'paused', 'gone'] as const;
export type FeedState = (typeof FEED_STATES)[number];

export interface FeedStatus {
  id: string;
  source: string;
  state: FeedState;
  last_polled_at: string | null;
  last_success_at: string | null;
  consecutive_failures: number;
  reason: string | null;
  detail: string | null;
  next_due_at: string | null;
  items: number;
}

export interface StatusBody {
  ready: boolean;
  version: string;
  database: { version: string | null; schema: number | null };
  temporal: TemporalStatus;
  feeds: FeedStatus[];
  /** By how much the most overdue feed is late; 0 when none is, null when nothing is scheduled yet. */
  lag_seconds: number | null;
}

/** Feeds, versions, lag. The body of `/api/v1/status` and of `axiswatch status --json`. */
export async function askStatus(context: AskContext, readiness: () => Promise<Readiness>): Promise<StatusBody> {
  const now = context.clock.now();
  const [outside, database, feeds] = await Promise.all([
    readiness(),
    checkDatabase(context.sql),
    listFeedHealth(context.sql, now),
  ]);
  return buildStatus(context.version, outside, database, feeds, now);
}

function buildStatus(
  version: string,
  outside: Readiness,
  database: DatabaseHealth,
  feeds: FeedHealth[],
  now: Date,
): StatusBody {
  return {
    ready: outside.ready && database.problem === null,
    version,
    database: { version: database.version, schema: database.schema },
    temporal: outside.temporal,
    feeds: feeds.map(feedStatus),
    lag_seconds: lagOf(feeds, now),
  };
}

export function feedStatus(feed: FeedHealth): FeedStatus {
  return {
    id: feed.id,
    source: feed.source,
    state: stateOf(feed),
    last_polled_at: isoTime(feed.lastPolledAt),
    last_success_at: isoTime(feed.lastSuccessAt),
    consecutive_failures: feed.consecutiveFailures,
    reason: feed.reason,
    detail: feed.detail,
    next_due_at: isoTime(feed.nextDueAt),
    items: feed.items,
  };
}

function stateOf(feed: FeedHealth): FeedState {
  if (feed.paused) return 'paused';
  if (feed.mutedAt) return 'gone';
  if (feed.heldUntil) return 'held';
  // Our own line being down does not count against a feed, but its last try failed all the same.
  if (feed.consecutiveFailures > 0 || feed.lastKind === 'failed') return 'failing';
  return feed.lastPolledAt === null ? 'waiting' : 'ok';
}

function lagOf(feeds: FeedHealth[], now: Date): number | null {
  const due = feeds.flatMap((feed) =>
    feed.nextDueAt && !feed.paused && !feed.mutedAt && !feed.heldUntil ? [feed.nextDueAt.getTime()] : [],
  );
  return due.length === 0 ? null : Math.max(0, Math.round((now.getTime() - Math.min(...due)) / 1000));
}
