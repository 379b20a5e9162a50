import type { LiveLabel } from './moves.js';

/** An item as a coder needs it, with its newest text. */
export interface StoredText {
  id: string;
  revision: number;
  sourceId: string;
  language: string | null;
  /** UTC day the item counts on. */
  day: string;
  publishedAt: Date | null;
  title: string;
  summary: string;
}

/** Everything that coding a page again looks at, as it was at one moment, in a form that is cheap to hand to a thread. */
export interface StoredPage {
  /** Texts in one string, see {@link unpackTexts}. */
  texts: string;
  /** Live labels of any coder; most items have none. */
  live: LiveLabel[];
  /** Cells (`indicator dyad`) that a standing decision covers, by item. */
  decided: Array<{ itemId: string; cells: string[] }>;
}

/** Between the fields of an item and between items: Unicode's own separators of data, which no text of a feed needs. */
export const UNIT = '\u001f';
export const RECORD = '\u001e';

/** The items of a page, from `id, revision, source, language, day, published (Unix seconds), title, summary` each. */
export function unpackTexts(texts: string): StoredText[] {
  return texts === '' ? [] : texts.split(RECORD).map(unpackText);
}

function unpackText(record: string): StoredText {
  const [id = '', revision, sourceId = '', language, day = '', published, title = '', summary = ''] =
    record.split(UNIT);
  return {
    id,
    revision: Number(revision),
    sourceId,
    language: language || null,
    day,
    publishedAt: published ? new Date(Number(published) * 1000) : null,
    title,
    summary,
  };
}
