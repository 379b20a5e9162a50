/** One entry of a feed as read from its bytes; not yet an item. Text is plain (no markup, entities decoded, folded space). */
export interface Entry {
  /** What the feed itself gives (guid, atom id), verbatim but trimmed; null when absent or blank. */
  id: string | null;
  /** False when the feed says the guid is no link (`isPermaLink="false"`). */
  idIsPermalink: boolean;
  title: string;
  /** Absolute http(s) link of the entry, as the feed gives it after resolving; null when there is none. */
  url: string | null;
  summary: string;
  publishedAt: Date | null;
  /** The date string as written, kept because zone-less and odd dates are interpretations. */
  publishedRaw: string | null;
  updatedAt: Date | null;
  /** ISO 639-1 when the entry or its feed declares one. */
  language: string | null;
}
