import { Failure } from '../core/errors.js';
import type { DraftFeed } from './draft.js';
import { readByFeedsmith } from './feedsmith.js';

export interface JsonReading extends DraftFeed {
  /** How many items the document holds, read or not. */
  itemCount: number;
}

/**
 * Reads a JSON Feed (1.0 and 1.1) by feedsmith. Throws a {@link Failure} `not-a-feed` for other JSON, `malformed` for what only
 * begins like JSON.
 */
export function readJsonFeed(text: string, maxEntries: number): JsonReading {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Failure('malformed', 'The body begins like JSON but is not valid JSON.', { fault: 'parse', cause });
  }
  const { version, items } = parsed as { version?: unknown; items?: unknown };
  const isFeed = (typeof version === 'string' && version.includes('jsonfeed.org')) || Array.isArray(items);
  if (!isFeed) throw new Failure('not-a-feed', 'The body is JSON but no JSON Feed.', { fault: 'parse' });
  const itemCount = Array.isArray(items) ? items.length : 0;
  try {
    return { ...readByFeedsmith(text, maxEntries), itemCount };
  } catch (cause) {
    // feedsmith refuses a feed without items, which is a feed all the same.
    if (itemCount === 0) return { ...EMPTY, itemCount };
    throw new Failure('malformed', 'The JSON Feed could not be read.', { fault: 'parse', cause });
  }
}

const EMPTY: DraftFeed = {
  title: null,
  language: null,
  link: null,
  ttlMinutes: null,
  updatePeriod: null,
  updateFrequency: null,
  drafts: [],
};
