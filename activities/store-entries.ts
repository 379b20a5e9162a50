import { itemDay } from '../core/identity/item-day.js';
import type { KeyedEntry } from '../core/identity/item-keys.js';
import { matchItems } from '../core/identity/match-items.js';
import type { FeedRecord } from '../core/polling/poll.js';
import type { PollRecord } from '../db/feeds.js';
import type { StoredPoll } from '../db/items.js';
import { codeItem, coderInput } from './code-items.js';
import type { PollDeps } from './deps.js';

/**
 * Asks the store which entries it knows (one round trip, reads only); when there is something new, codes it and stores it with the
 * poll's record (one more). Null when there is nothing: the record is then still to be written.
 */
export async function storeEntries(
  deps: PollDeps,
  feed: FeedRecord,
  entries: readonly KeyedEntry[],
  documentLanguage: string | null,
  record: PollRecord,
): Promise<StoredPoll | null> {
  const keys = new Set(entries.flatMap((keyed) => [...keyed.keys, ...keyed.probes]));
  const matched = matchItems(entries, await deps.probeItems(feed.sourceId, [...keys]));
  if (matched.fresh.length + matched.edited.length + matched.learned.length === 0) return null;

  const at = record.polledAt;
  // The operator's word goes before the feed's: many feeds call any language `en-us`.
  const language = (keyed: KeyedEntry) => feed.language ?? keyed.entry.language ?? documentLanguage;
  const content = (keyed: KeyedEntry) => ({
    title: keyed.entry.title,
    summary: keyed.entry.summary,
    fingerprint: keyed.fingerprint,
    labels: codeItem(
      deps,
      coderInput({ ...keyed.entry, language: language(keyed), publishedAt: keyed.publishedAt }, feed),
    ),
  });
  return deps.storePoll({
    sourceId: feed.sourceId,
    feedId: feed.id,
    at,
    coder: { name: deps.coder.name, version: deps.coder.version, codebookVersion: deps.coder.codebookVersion },
    items: matched.fresh.map((keyed) => ({
      id: deps.newId(at),
      storyId: deps.newId(at),
      keys: keyed.keys,
      url: keyed.canonicalUrl,
      rawUrl: keyed.entry.url,
      language: language(keyed),
      publishedAt: keyed.publishedAt,
      publishedRaw: keyed.entry.publishedRaw,
      day: itemDay(keyed.publishedAt, at),
      ...content(keyed),
    })),
    revisions: matched.edited.map(({ itemId, keyed }) => ({ itemId, ...content(keyed) })),
    keys: matched.learned,
    poll: record,
  });
}
