import { hostOf } from '../core/polling/host.js';
import type { FeedRecord, FeedState, PollOutcome } from '../core/polling/poll.js';
import type { Sql } from './client.js';
import { jsonText } from './json-text.js';

/** A source and its feeds as configured; a plain shape, because `db` knows nothing of `config`. */
export interface SourceRow {
  id: string;
  name: string;
  country: string | null;
  language: string | null;
  bloc: string;
  family: string;
  timezone: string | null;
  feeds: Array<{ id: string; url: string; kind: string; everySeconds: number; options: Record<string, unknown> }>;
}

export interface DueFeedRow {
  id: string;
  host: string;
}

/** Everything a poll needs of one feed. `heldUntil` is set while its host asked to be left alone. */
export interface LoadedFeed {
  feed: FeedRecord;
  state: FeedState;
  host: string;
  heldUntil: Date | null;
}

/** What one poll leaves behind on the feed's row, in the coverage ledger and in the log. */
export interface PollRecord {
  feedId: string;
  /** Configured address at that time. When the configuration has another by now, the record changes nothing. */
  url?: string;
  /** When it was polled. A record that is no later than the last one of its feed changes nothing. */
  polledAt: Date;
  outcome: PollOutcome;
  /** The whole state after this poll. */
  state: FeedState;
  /** Of the document, when one was read. */
  format: string | null;
  encoding: string | null;
  /** Oldest publication that the document still showed; null when none was read. */
  reachesBackTo: Date | null;
}

/**
 * Brings the tables `sources` and `feeds` to the configuration: adds and updates what is in it, marks what is gone as removed.
 * What polls remember is kept, unless a feed's URL changed: then validators and digests are those of another document.
 * `groups` gives the poll group of every feed. Running it again changes nothing.
 */
export async function syncSources(
  sql: Sql,
  sources: readonly SourceRow[],
  groups: ReadonlyMap<string, string>,
  now: Date,
): Promise<void> {
  const sourceRows = sources.map(({ feeds: _, ...source }) => source);
  const feedRows = sources.flatMap((source) =>
    source.feeds.map((feed) => ({
      ...feed,
      sourceId: source.id,
      host: hostOf(feed.url),
      groupId: groups.get(feed.id) ?? `${feed.everySeconds}s-00`,
    })),
  );
  await sql.begin(async (tx) => {
    // Several processes start with the same configuration at once: one after the other.
    await tx`select pg_advisory_xact_lock(hashtextextended('axiswatch sync sources', 0))`;
    await tx`
      insert into sources as s (id, name, country, language, bloc, family, timezone)
      select id, name, country, language, bloc, family, timezone
      from jsonb_to_recordset(${tx.json(sourceRows)}) as r(id text, name text, country text, language text, bloc text, family text,
        timezone text)
      on conflict (id) do update set name = excluded.name, country = excluded.country, language = excluded.language,
        bloc = excluded.bloc, family = excluded.family, timezone = excluded.timezone, removed_at = null
      where (s.name, s.country, s.language, s.bloc, s.family, s.timezone, s.removed_at) is distinct from
        (excluded.name, excluded.country, excluded.language, excluded.bloc, excluded.family, excluded.timezone, null)`;
    await tx`
      insert into feeds as f (id, source_id, url, host, kind, every_seconds, options, group_id)
      select id, "sourceId", url, host, kind, "everySeconds", options, "groupId"
      from jsonb_to_recordset(${tx.json(feedRows as never)}) as r(id text, "sourceId" text, url text, host text, kind text,
        "everySeconds" integer, options jsonb, "groupId" text)
      on conflict (id) do update set source_id = excluded.source_id, url = excluded.url, host = excluded.host,
        kind = excluded.kind, every_seconds = excluded.every_seconds, options = excluded.options, group_id = excluded.group_id,
        removed_at = null,
        etag = case when f.url = excluded.url then f.etag end,
        last_modified = case when f.url = excluded.url then f.last_modified end,
        validators_since = case when f.url = excluded.url then f.validators_since end,
        body_digest = case when f.url = excluded.url then f.body_digest end,
        entries_digest = case when f.url = excluded.url and f.options = excluded.options then f.entries_digest end,
        moved_to = case when f.url = excluded.url then f.moved_to end,
        moved_count = case when f.url = excluded.url then f.moved_count else 0 end,
        moved_last_at = case when f.url = excluded.url then f.moved_last_at end,
        muted_at = case when f.url = excluded.url then f.muted_at end,
        consecutive_failures = case when f.url = excluded.url then f.consecutive_failures else 0 end,
        -- Another address or a shorter cadence is looked at now, not when the old one would have been due.
        next_due_at = case when f.url = excluded.url and f.every_seconds <= excluded.every_seconds then f.next_due_at end
      where (f.source_id, f.url, f.host, f.kind, f.every_seconds, f.options, f.group_id, f.removed_at) is distinct from
        (excluded.source_id, excluded.url, excluded.host, excluded.kind, excluded.every_seconds, excluded.options,
         excluded.group_id, null)`;
    await tx`update feeds set removed_at = ${now} where removed_at is null and id <> all(${feedRows.map((f) => f.id)}::text[])`;
    await tx`update sources set removed_at = ${now} where removed_at is null and id <> all(${sourceRows.map((s) => s.id)}::text[])`;
  });
}

/**
 * Feeds of a group (or the named ones, or all) that are due at `now`, oldest due first. Never those that are paused, removed or
 * on a host that asked to be left alone. `force` takes them although they are not due yet; a muted one (410) only when it is named.
 */
export async function listDueFeeds(
  sql: Sql,
  query: { groupId?: string; feedIds?: string[]; force?: boolean; now: Date },
): Promise<DueFeedRow[]> {
  const { groupId, feedIds, force, now } = query;
  return sql<DueFeedRow[]>`
    select f.id, f.host
    from feeds f left join hosts h on h.host = f.host
    where f.removed_at is null and not f.paused and (h.host is null or h.next_allowed_at <= ${now})
      ${groupId === undefined ? sql`` : sql`and f.group_id = ${groupId}`}
      ${feedIds === undefined ? sql`` : sql`and f.id = any(${feedIds}::text[])`}
      ${force && feedIds !== undefined ? sql`` : sql`and f.muted_at is null`}
      ${force ? sql`` : sql`and (f.next_due_at is null or f.next_due_at <= ${now})`}
    order by f.next_due_at nulls first, f.id`;
}

/** Records and states of feeds, in the order of `feedIds`, in one round trip. Unknown ids are left out. */
export async function loadFeeds(sql: Sql, feedIds: readonly string[]): Promise<LoadedFeed[]> {
  const rows = await sql`
    select f.*, s.timezone, s.language, s.country, s.bloc, s.family, h.next_allowed_at
    from feeds f join sources s on s.id = f.source_id left join hosts h on h.host = f.host
    where f.id = any(${feedIds as string[]}::text[])
    order by array_position(${feedIds as string[]}::text[], f.id)`;
  return rows.map((row) => ({
    feed: {
      id: row.id,
      sourceId: row.source_id,
      url: row.url,
      kind: row.kind,
      everySeconds: row.every_seconds,
      timezone: row.timezone,
      language: row.language,
      country: row.country,
      bloc: row.bloc,
      family: row.family,
      options: row.options,
    },
    state: {
      etag: row.etag,
      lastModified: row.last_modified,
      validatorsSince: row.validators_since,
      bodyDigest: row.body_digest,
      entriesDigest: row.entries_digest,
      consecutiveFailures: row.consecutive_failures,
      emptyPolls: row.empty_polls,
      lastPolledAt: row.last_polled_at,
      lastSuccessAt: row.last_success_at,
      nextDueAt: row.next_due_at,
      movedTo: row.moved_to,
      movedCount: row.moved_count,
      movedLastAt: row.moved_last_at,
      paused: row.paused,
      mutedAt: row.muted_at,
    },
    host: row.host,
    heldUntil: row.next_allowed_at,
  }));
}

/**
 * Records polls that brought no items, in one round trip and one transaction: feed rows, coverage ledger, log. Returns how many
 * were news; a replay changes nothing. Polls with items are recorded by `storePoll`, in the transaction of the items.
 */
export async function recordPolls(sql: Sql, records: readonly PollRecord[]): Promise<number> {
  if (records.length === 0) return 0;
  const [row] = await sql`select record_polls(${jsonText(records.map(pollRow))}::text::jsonb) as recorded`;
  return row!.recorded;
}

/** A poll as the functions of the migrations take it. */
export function pollRow({
  feedId,
  url,
  polledAt,
  outcome,
  state,
  format,
  encoding,
  reachesBackTo,
}: PollRecord): object {
  return {
    feed_id: feedId,
    url,
    polled_at: polledAt,
    kind: outcome.kind,
    entries: outcome.entries,
    added: outcome.added,
    revised: outcome.revised,
    reason: outcome.reason,
    fault: outcome.fault,
    detail: outcome.detail,
    status: outcome.status,
    repairs: outcome.repairs,
    etag: state.etag,
    last_modified: state.lastModified,
    validators_since: state.validatorsSince,
    body_digest: state.bodyDigest,
    entries_digest: state.entriesDigest,
    consecutive_failures: state.consecutiveFailures,
    empty_polls: state.emptyPolls,
    last_success_at: state.lastSuccessAt,
    next_due_at: state.nextDueAt,
    moved_to: state.movedTo,
    moved_count: state.movedCount,
    moved_last_at: state.movedLastAt,
    muted_at: state.mutedAt,
    format,
    encoding,
    reaches_back_to: reachesBackTo,
  };
}

/** Keeps every feed of `host` from being polled until `until`; never shortens a hold. */
export async function holdHost(sql: Sql, host: string, until: Date, reason: string): Promise<void> {
  await sql`
    insert into hosts as h (host, next_allowed_at, reason) values (${host}, ${until}, ${reason})
    on conflict (host) do update set next_allowed_at = excluded.next_allowed_at, reason = excluded.reason
    where h.next_allowed_at < excluded.next_allowed_at`;
}

/** Pauses or resumes a feed. Resuming also lifts a mute (410) and makes it due. Returns false when there is no such feed. */
export async function setPaused(sql: Sql, feedId: string, paused: boolean): Promise<boolean> {
  const rows = await sql`
    update feeds set paused = ${paused},
      muted_at = case when ${paused} then muted_at end,
      next_due_at = case when ${paused} then next_due_at end
    where id = ${feedId} and removed_at is null returning id`;
  return rows.length > 0;
}
