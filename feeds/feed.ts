import type { Entry } from '../core/identity/entry.js';

/** What one request for a feed needs. Validators are sent verbatim, never re-formatted. */
export interface FetchRequest {
  url: string;
  etag?: string | null;
  lastModified?: string | null;
  userAgent?: string;
  /** Accept any certificate from this source: a per-source exception that an operator wrote down. */
  insecureTls?: boolean;
}

/** The answer of a server that answered. Statuses that mean trouble are thrown as `Failure` instead, except 304 and 410. */
export interface FetchedFeed {
  kind: 'body' | 'not-modified' | 'gone';
  status: number;
  /** URL of the last hop. */
  finalUrl: string;
  /** Target when every hop was permanent (301, 308), else null. */
  permanentUrl: string | null;
  /** Decompressed body; empty unless `kind` is `body`. */
  body: Uint8Array;
  contentType: string | null;
  etag: string | null;
  lastModified: string | null;
  /** Seconds the response says it is fresh (`max-age`, `Expires`); null when it does not. */
  freshSeconds: number | null;
  /** True when the body ended early but what came could be used (cut gzip, cut connection). */
  truncated: boolean;
  /** Bytes on the wire. */
  wireBytes: number;
}

/** Throws {@link Failure} with a feed reason; never anything else for trouble of the network or the server. */
export type FetchFeed = (request: FetchRequest, signal: AbortSignal) => Promise<FetchedFeed>;

export interface ReadContext {
  contentType: string | null;
  /** For relative links. */
  finalUrl: string;
  /** IANA zone for dates without one; UTC when null. */
  timezone: string | null;
  truncated?: boolean;
  /** `now`, for dates that lie in the future. */
  now: Date;
  /** Keep entries that hold nothing, so that places in the document stay countable. */
  keepBlank?: boolean;
  /** How the page is to be read: a plain feed unless told; see `readers.ts`. */
  kind?: FeedKind;
  /** Options of the kind, as the source's configuration gives them. */
  options?: Record<string, unknown>;
}

export type FeedKind = 'feed' | 'html-list' | 'search';

export type FeedFormat = 'rss' | 'atom' | 'rdf' | 'json';

export interface ReadFeed {
  format: FeedFormat;
  encoding: string;
  title: string | null;
  language: string | null;
  entries: Entry[];
  /** What was mended, e.g. `bare-ampersand`, `junk-before-root`, `truncated`; in a closed list in `repair.ts`. */
  repairs: string[];
  /** Entries that could not be read, in words; the rest of the feed is not lost. */
  problems: string[];
  /** `ttl`, `sy:updatePeriod` and the like, in seconds: advisory. */
  ttlSeconds: number | null;
}

/**
 * Bytes to entries. Rejects with {@link Failure} `not-a-feed` (feeds that the page names are in `more.suggestions`), `malformed`
 * or `too-large`; never with anything else for bad bytes.
 */
export type ReadFeedBytes = (body: Uint8Array, context: ReadContext) => Promise<ReadFeed>;
