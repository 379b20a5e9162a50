import type { Codebook } from '../../core/codebook/codebook.js';
import type { ItemBody } from '../api/items.js';
import type { MatrixBody } from '../api/matrix.js';
import type { FeedStatus } from '../api/status.js';

export type PageItem = ItemBody & { summary: string; source_name: string };

/** Everything the overview shows. */
export interface Overview {
  codebook: Codebook;
  matrix: MatrixBody;
  items: PageItem[];
  feeds: FeedStatus[];
  sources: { covered: number; sources: number };
  /** What the items are narrowed to; null when they are not. */
  dyad: string | null;
  domain: string | null;
  /** Parameters of the range as given, kept in links. */
  range: Record<string, string>;
  now: Date;
}

/** The page's own address with some parameters set or, when null, left out; the range stays. */
export function linkTo(page: Overview, more: Record<string, string | null>): string {
  const search = new URLSearchParams(page.range);
  for (const [name, value] of Object.entries(more)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  return search.size === 0 ? '/' : `/?${search}`;
}
