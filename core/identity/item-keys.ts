import { canonicalUrl, urlKey } from './canonical-url.js';
import { cleanEntry } from './clean-entry.js';
import { digest } from './digest.js';
import type { Entry } from './entry.js';
import { fingerprint, normalText } from './fingerprint.js';
import { crediblePublication } from './item-day.js';

/** An entry with everything that says which item it is. */
export interface KeyedEntry {
  entry: Entry;
  /** Strongest first. A new item keeps the first as its `key` and is known by all of them. */
  keys: string[];
  /** Further keys to look up, never stored: the same title on the days around. */
  probes: string[];
  canonicalUrl: string | null;
  fingerprint: string;
  /** Credible publication time, see `crediblePublication`. */
  publishedAt: Date | null;
  /** False when the date is shared with other entries of the document, so that it says little of this one. */
  dateIsOwn: boolean;
}

export type KeyKind = 'guid' | 'guid+url' | 'guid+title' | 'url' | 'dated' | 'title' | 'content';

/** The kind of a key made by `itemKeys`. */
export function kindOfKey(key: string): KeyKind {
  return key.slice(0, key.indexOf(':')) as KeyKind;
}

/** When more than this share of a feed's guids is blank or repeated, none of them is trusted alone. */
const UNTRUSTED_SHARE = 0.05;
/** For so many days a title names an item, when nothing better does. */
export const TITLE_DAYS = 7;
const DAY_MS = 86_400_000;
/** Longer values are hashed: a b-tree entry holds no more than 2,704 bytes. */
const MAX_VALUE = 200;

/**
 * The keys of every entry of one document, strongest first:
 * - `guid:` what the feed gives, when it is trusted; `guid+url:` (or `guid+title:`) when the document uses it for several entries
 *   or when more than 5 % of its guids are blank or repeated;
 * - `url:` the address, unless several different entries share it; a guid that is an address counts as one;
 * - `dated:` title and moment of publication, when no other entry has that moment: finds an entry whose guid *and* address changed;
 * - `title:` title and day, only when there is neither guid nor address (`matchItems` says what else must agree);
 * - `content:` fingerprint and date as written, only then too.
 *
 * Pure: `now` bounds credible dates and stands in for the day of undated entries. Entries with nothing to show are left out, and
 * so is the second of two that share a guid or an address and are otherwise alike.
 */
export function itemKeys(entries: readonly Entry[], now: Date): KeyedEntry[] {
  const cleaned = entries.map(cleanEntry).filter((entry) => entry.title !== '' || entry.summary !== '');
  const titles = cleaned.map((entry) => normalText(entry.title));
  const written = cleaned.map((entry) => (entry.url === null ? null : urlKey(entry.url)));
  const repeatedGuids = sharedGuids(cleaned, titles, written);
  const sharedUrls = sharedAddresses(cleaned, titles, written, repeatedGuids);
  const urls = written.map((url) => (url === null || sharedUrls.has(url) ? null : url));
  const moments = countBy(cleaned.map((entry) => entry.publishedAt?.getTime() ?? null));
  const bareTitles = countBy(cleaned.map((entry, i) => (entry.id === null && urls[i] === null ? titles[i]! : null)));
  const trusted =
    cleaned.filter((entry) => entry.id === null || repeatedGuids.has(entry.id)).length <=
    UNTRUSTED_SHARE * cleaned.length;

  const seen = new Set<string>();
  return cleaned.flatMap((entry, i) => {
    const title = titles[i]!;
    const url = urls[i] ?? null;
    const publishedAt = crediblePublication(entry, now);
    const print = fingerprint(entry);
    const dateIsOwn = publishedAt !== null && moments.get(entry.publishedAt?.getTime() ?? null) === 1;
    const keys: string[] = [];
    const probes: string[] = [];

    if (entry.id !== null) {
      if (trusted && !repeatedGuids.has(entry.id)) keys.push(makeKey('guid', entry.id));
      else if (url !== null) keys.push(makeKey('guid+url', `${entry.id} ${url}`));
      else keys.push(makeKey('guid+title', `${entry.id} ${digest(title)}`));
    }
    if (url !== null) keys.push(makeKey('url', url));
    const guidAddress = entry.id === null || repeatedGuids.has(entry.id) ? null : urlKey(entry.id);
    if (guidAddress !== null && guidAddress !== url && !sharedUrls.has(guidAddress))
      keys.push(makeKey('url', guidAddress));

    // The same entry twice: even where the feed's guids are not trusted, an equal guid on an equal title is one entry.
    const soundGuid = entry.id !== null && !repeatedGuids.has(entry.id) ? [`sound ${entry.id}`] : [];
    if ([...keys, ...soundGuid].some((key) => seen.has(key))) return [];
    for (const key of [...keys, ...soundGuid]) seen.add(key);

    if (keys.length > 0) {
      if (dateIsOwn && title !== '') keys.push(makeKey('dated', digest(`${title}\n${publishedAt.toISOString()}`)));
    } else {
      // Two entries of one title in one document are two items: then only the content tells them apart.
      if (title !== '' && bareTitles.get(title) === 1) {
        const day = (publishedAt ?? now).getTime();
        keys.push(titleKey(title, day));
        for (let off = 1; off <= TITLE_DAYS; off++)
          probes.push(titleKey(title, day - off * DAY_MS), titleKey(title, day + off * DAY_MS));
      }
      keys.push(makeKey('content', `${print}:${dateIsOwn ? publishedAt.toISOString() : ''}`));
    }
    return {
      entry,
      keys,
      probes,
      canonicalUrl: entry.url === null ? null : canonicalUrl(entry.url),
      fingerprint: print,
      publishedAt,
      dateIsOwn,
    };
  });
}

function makeKey(kind: KeyKind, value: string): string {
  return `${kind}:${value.length > MAX_VALUE ? `#${digest(value)}` : value}`;
}

function titleKey(title: string, atMs: number): string {
  return makeKey('title', `${digest(title)}:${new Date(atMs).toISOString().slice(0, 10)}`);
}

/** Guids that stand on entries with different titles and different addresses. The same entry twice is no repetition. */
function sharedGuids(
  entries: readonly Entry[],
  titles: readonly string[],
  urls: ReadonlyArray<string | null>,
): Set<string> {
  return shared(
    entries.map((entry) => entry.id),
    (i, j) => titles[i] !== titles[j] && (urls[i] !== urls[j] || urls[i] === null),
  );
}

/** Addresses that stand on entries with different titles and guids: a front page, a live page, a broken template. */
function sharedAddresses(
  entries: readonly Entry[],
  titles: readonly string[],
  urls: ReadonlyArray<string | null>,
  repeatedGuids: ReadonlySet<string>,
): Set<string> {
  const soundGuid = (i: number) => (repeatedGuids.has(entries[i]!.id ?? '') ? null : entries[i]!.id);
  return shared(urls, (i, j) => titles[i] !== titles[j] && (soundGuid(i) !== soundGuid(j) || soundGuid(i) === null));
}

/** Values that stand on two entries which `differ` holds to be different. */
function shared(values: ReadonlyArray<string | null>, differ: (i: number, j: number) => boolean): Set<string> {
  const first = new Map<string, number>();
  const found = new Set<string>();
  values.forEach((value, i) => {
    if (value === null) return;
    const j = first.get(value);
    if (j === undefined) first.set(value, i);
    else if (differ(i, j)) found.add(value);
  });
  return found;
}

function countBy<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
