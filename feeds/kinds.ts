import type { FeedKind, ReadContext, ReadFeed } from './feed.js';
import { htmlListKind } from './html-list.js';
import { searchKind } from './search.js';

/**
 * How a kind of source differs from a plain feed. `read` replaces the reading of bytes; `refine` changes what a plain feed
 * gave. A new kind is one file that exports one of these, and a line in {@link KINDS}.
 */
export interface KindReader {
  read?: (text: string, encoding: string, context: ReadContext) => ReadFeed;
  refine?: (feed: ReadFeed, context: ReadContext) => ReadFeed;
}

export const KINDS: Record<FeedKind, KindReader> = {
  feed: {},
  'html-list': htmlListKind,
  search: searchKind,
};
