import type { Entry } from './entry.js';

/** Longest text kept of an entry, in UTF-16 units. A feed that ships whole books must not fill the database. */
export const MAX_TITLE = 1_000;
export const MAX_SUMMARY = 20_000;
export const MAX_URL = 4_000;

/**
 * The entry as it may be stored: NUL and lone surrogates, which Postgres refuses, are dropped, and every text has a bound. Runs
 * before keys, fingerprint and coding, so that evidence spans count in exactly the text that is stored.
 */
export function cleanEntry(entry: Entry): Entry {
  return {
    ...entry,
    id: entry.id === null ? null : storableText(entry.id).trim() || null,
    title: storableText(entry.title, MAX_TITLE),
    summary: storableText(entry.summary, MAX_SUMMARY),
    url: entry.url === null || entry.url.length > MAX_URL ? null : storableText(entry.url),
    publishedRaw: entry.publishedRaw === null ? null : storableText(entry.publishedRaw, 200),
    publishedAt: validDate(entry.publishedAt),
    updatedAt: validDate(entry.updatedAt),
  };
}

/** `text` without NUL and lone surrogates, cut to `max` units without cutting a character in two. */
export function storableText(text: string, max = Number.POSITIVE_INFINITY): string {
  return text
    .slice(0, max)
    .replaceAll('\u0000', '')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '');
}

function validDate(date: Date | null): Date | null {
  return date === null || Number.isNaN(date.getTime()) ? null : date;
}
