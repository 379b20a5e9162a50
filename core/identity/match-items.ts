import { normalText } from './fingerprint.js';
import { type KeyedEntry, kindOfKey, TITLE_DAYS } from './item-keys.js';

/** What the store knows of an item that shares at least one key with a document. */
export interface KnownItem {
  itemId: string;
  /** Those of the keys asked for that are this item's. */
  keys: string[];
  /** How many keys it has in all. */
  keyCount: number;
  /** Of every content it ever had. */
  fingerprints: string[];
  title: string;
  publishedAt: Date | null;
  /** UTC day it counts on. */
  day: string;
  /** Removed here on purpose: its return is not news. */
  removed: boolean;
}

export interface Matched {
  fresh: KeyedEntry[];
  edited: Array<{ itemId: string; keyed: KeyedEntry }>;
  /** Keys of known items that we did not know: the feed changed a guid or an address. */
  learned: Array<{ itemId: string; key: string }>;
  unchanged: number;
  tombstoned: number;
}

const STRONG = new Set(['guid', 'guid+url', 'guid+title', 'url']);
const DAY_MS = 86_400_000;
/** A feed that makes up a guid on every poll must not make an item's keys grow for ever. */
const MAX_KEYS = 12;

/**
 * Which entries of a document are new items, which are edits, which are known. Strong keys (guid, address) first; then the weak ones
 * (title, content) for entries that found nothing, and only to items that no other entry of the document is.
 *
 * An edit is a content the item never had: a text that returns (two caches that disagree, a snapshot read twice) is no edit.
 * The same entry twice in one document counts once, as first written.
 */
export function matchItems(entries: readonly KeyedEntry[], known: readonly KnownItem[]): Matched {
  const byKey = new Map(known.flatMap((item) => item.keys.map((key) => [key, item] as const)));
  const found = new Map<KeyedEntry, { item: KnownItem; by: string }>();
  const claimed = new Set<string>();
  const look = (
    wanted: (key: string) => boolean,
    may: (keyed: KeyedEntry, item: KnownItem, key: string) => boolean,
  ) => {
    for (const keyed of entries) {
      if (found.has(keyed)) continue;
      const by = [...keyed.keys, ...keyed.probes].find((key) => {
        const item = byKey.get(key);
        return wanted(key) && item !== undefined && may(keyed, item, key);
      });
      if (by !== undefined) found.set(keyed, { item: byKey.get(by)!, by });
    }
    for (const { item } of found.values()) claimed.add(item.itemId);
  };
  look(isStrong, (keyed, item, key) => !isNextEdition(keyed, item, key));
  look(
    (key) => !isStrong(key),
    (keyed, item, key) => !claimed.has(item.itemId) && (kindOfKey(key) !== 'title' || isSameTitledItem(keyed, item)),
  );

  const matched: Matched = { fresh: [], edited: [], learned: [], unchanged: 0, tombstoned: 0 };
  const seenKeys = new Set<string>();
  const seenItems = new Set<string>();
  for (const keyed of entries) {
    const match = found.get(keyed);
    if (match === undefined) {
      if (keyed.keys.some((key) => seenKeys.has(key))) matched.unchanged++;
      else matched.fresh.push(keyed);
      for (const key of keyed.keys) seenKeys.add(key);
      continue;
    }
    const { item, by } = match;
    if (seenItems.has(item.itemId)) {
      matched.unchanged++;
      continue;
    }
    seenItems.add(item.itemId);
    if (item.removed) matched.tombstoned++;
    else if (item.fingerprints.includes(keyed.fingerprint)) matched.unchanged++;
    else matched.edited.push({ itemId: item.itemId, keyed });
    if (by !== keyed.keys[0] && item.keyCount < MAX_KEYS)
      for (const key of keyed.keys)
        if (isStrong(key) && !byKey.has(key)) matched.learned.push({ itemId: item.itemId, key });
  }
  return matched;
}

function isStrong(key: string): boolean {
  return STRONG.has(kindOfKey(key));
}

/**
 * A page that stays while what it shows changes (a daily briefing, a live page): same address, but another guid, another title and
 * another day. Everything less is the same item under a changed guid.
 */
function isNextEdition(keyed: KeyedEntry, item: KnownItem, key: string): boolean {
  if (kindOfKey(key) !== 'url' || keyed.entry.id === null || item.keys.includes(keyed.keys[0]!)) return false;
  if (!keyed.dateIsOwn || keyed.publishedAt === null || item.publishedAt === null) return false;
  const apartMs = Math.abs(keyed.publishedAt.getTime() - item.publishedAt.getTime());
  return apartMs >= DAY_MS && normalText(keyed.entry.title) !== normalText(item.title);
}

/**
 * Whether an entry that has nothing but its title is the item of that title: within seven days, and not a recurring title
 * ("Morning briefing") that carries a date of another day, unless the whole text is the same.
 */
function isSameTitledItem(keyed: KeyedEntry, item: KnownItem): boolean {
  const sameText = keyed.entry.summary !== '' && item.fingerprints.includes(keyed.fingerprint);
  if (sameText || keyed.publishedAt === null || item.publishedAt === null || !keyed.dateIsOwn) return true;
  const apartMs = Math.abs(keyed.publishedAt.getTime() - item.publishedAt.getTime());
  return apartMs < TITLE_DAYS * DAY_MS && keyed.publishedAt.toISOString().slice(0, 10) === item.day;
}
