import type { Fault, FeedReason } from '../errors.js';

/** One configured feed with its source's attributes: what a poll needs to know besides its state. */
export interface FeedRecord {
  id: string;
  sourceId: string;
  url: string;
  kind: 'feed' | 'html-list' | 'search';
  everySeconds: number;
  /** Publisher's zone (IANA) for dates without one. */
  timezone: string | null;
  language: string | null;
  country: string | null;
  bloc: string;
  family: string;
  /** Free-form options of its kind: selectors of an html-list, user agent override, TLS exception. */
  options: Record<string, unknown>;
}

/** What we remember of a feed between polls; lives in Postgres, never in a workflow. */
export interface FeedState {
  etag: string | null;
  lastModified: string | null;
  /** Since when these validators have been answered with 304; stuck ones are dropped after 8 days. */
  validatorsSince: Date | null;
  /** SHA-256 (hex) of the decoded body last read. */
  bodyDigest: string | null;
  /** SHA-256 (hex) of the entries last read, blind to build dates and the like. */
  entriesDigest: string | null;
  consecutiveFailures: number;
  emptyPolls: number;
  lastPolledAt: Date | null;
  lastSuccessAt: Date | null;
  nextDueAt: Date | null;
  /** Permanent redirect seen: target, how often in a row, and when last. */
  movedTo: string | null;
  movedCount: number;
  movedLastAt: Date | null;
  paused: boolean;
  /** Set by a 410: the feed says it is gone; history is kept. */
  mutedAt: Date | null;
}

export type PollKind = 'not-modified' | 'polled' | 'rate-limited' | 'failed' | 'gone';

/** What one poll of one feed came to. Counts and words only: bodies and items never travel. */
export interface PollOutcome {
  feedId: string;
  kind: PollKind;
  /** Entries read, items new, items revised (edits). */
  entries: number;
  added: number;
  revised: number;
  reason: FeedReason | null;
  fault: Fault | null;
  /** One plain sentence for the operator; null when all is well. */
  detail: string | null;
  status: number | null;
  /** What was mended on the way from bytes to entries, e.g. `bare-ampersand`, `truncated`. */
  repairs: string[];
}
