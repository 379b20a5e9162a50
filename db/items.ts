import type { DyadLabel as CodedLabel } from '../core/coder/expand-labels.js';
import type { KnownItem } from '../core/identity/match-items.js';
import type { Sql } from './client.js';
import { type PollRecord, pollRow } from './feeds.js';
import { jsonText } from './json-text.js';

/** A label for one dyad with its indicator's domain, as it becomes an observation. */
export interface DyadLabel extends CodedLabel {
  domain: string;
}

export interface NewItem {
  /** UUIDv7s made by the caller; unused when the item turns out to be known. */
  id: string;
  storyId: string;
  /** Strongest first. */
  keys: string[];
  title: string;
  url: string | null;
  rawUrl: string | null;
  summary: string;
  language: string | null;
  publishedAt: Date | null;
  publishedRaw: string | null;
  day: string;
  fingerprint: string;
  labels: DyadLabel[];
}

export interface NewRevision {
  itemId: string;
  title: string;
  summary: string;
  fingerprint: string;
  labels: DyadLabel[];
}

/** Everything that one poll of one feed brings. */
export interface StorePoll {
  sourceId: string;
  feedId: string;
  at: Date;
  coder: { name: string; version: string; codebookVersion: string };
  items: NewItem[];
  revisions: NewRevision[];
  keys: Array<{ itemId: string; key: string }>;
  poll: PollRecord;
}

/** What really changed: less than was given when some of it was there already. */
export interface StoredPoll {
  added: number;
  revised: number;
  observations: number;
  dirty: number;
}

/** Items of a source that are known by any of `keys`. Reads only: an unchanged poll must not cost a row, an id or a byte of WAL. */
export async function probeItems(sql: Sql, sourceId: string, keys: readonly string[]): Promise<KnownItem[]> {
  return sql<KnownItem[]>`
    select item_id as "itemId", matched as keys, key_count as "keyCount", fingerprints, title, published_at as "publishedAt", day,
      removed
    from probe_items(${sourceId}, ${keys as string[]})`;
}

/**
 * Stores a poll: stories, items, keys, revisions, observations with roll-up and dirty cells, feed row, coverage, log. One
 * statement, so one round trip and one transaction. Storing the same poll again, or by two processes at once, ends in the same
 * tables. The steps are in the function `store_poll` of the migrations.
 */
export async function storePoll(sql: Sql, input: StorePoll): Promise<StoredPoll> {
  const { coder, items, revisions, keys, poll } = input;
  const [row] = await sql<StoredPoll[]>`select * from store_poll(${jsonText({
    source_id: input.sourceId,
    feed_id: input.feedId,
    at: input.at,
    coder: coder.name,
    coder_version: coder.version,
    codebook_version: coder.codebookVersion,
    items: items.map((item) => ({
      id: item.id,
      story_id: item.storyId,
      key: item.keys[0],
      keys: item.keys,
      title: item.title,
      url: item.url,
      raw_url: item.rawUrl,
      summary: item.summary,
      language: item.language,
      published_at: item.publishedAt,
      published_raw: item.publishedRaw,
      day: item.day,
      fingerprint: item.fingerprint,
      labels: item.labels,
    })),
    edits: revisions.map(({ itemId, ...revision }) => ({ item_id: itemId, ...revision })),
    keys: keys.map(({ itemId, key }) => ({ item_id: itemId, key })),
    poll: pollRow(poll),
  })}::text::jsonb)`;
  return { ...row! };
}

/**
 * Takes an item out of everything that is counted: its observations are superseded, the item stays as a tombstone, so that its
 * return in a feed is not news. Returns false when it was removed before or never there.
 */
export async function removeItem(sql: Sql, itemId: string, reason: string, at: Date): Promise<boolean> {
  const [row] = await sql`select remove_item(${itemId}, ${reason}, ${at}) as removed`;
  return row!.removed;
}
