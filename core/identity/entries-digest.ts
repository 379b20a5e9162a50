import { digest } from './digest.js';
import type { KeyedEntry } from './item-keys.js';

/**
 * Digest of what a document says, blind to everything that is no news: build dates, the order of entries, publication dates that
 * a server renews on every answer, markup, comment counters. Equal digests mean that the store need not be asked.
 */
export function entriesDigest(entries: readonly KeyedEntry[]): string {
  return digest(
    entries
      .map((keyed) => `${keyed.keys[0]} ${keyed.fingerprint}`)
      .sort()
      .join('\n'),
    64,
  );
}
