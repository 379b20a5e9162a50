import type { Codebook } from '../core/codebook/codebook.js';
import type { Coder } from '../core/coder/label.js';
import type { FeedRecord, FeedState, PollOutcome } from '../core/polling/poll.js';
import type { FetchFeed, ReadFeedBytes } from '../feeds/feed.js';

/**
 * Everything the use cases touch, injected once by `runtime/deps.ts`: no activity opens a connection, reads the clock or an
 * environment variable. Functions here are named for what the use case needs, not for how an edge does it.
 */
export interface Clock {
  now(): Date;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a running use case may do besides its deps: say that it lives, and hear that it should stop. */
export interface ActivityRuntime {
  /** Tells the driver how far we are; under Temporal this is also how a cancellation arrives. */
  heartbeat(details: unknown): void;
  /** Details of the last heartbeat of an earlier attempt, or undefined. */
  lastHeartbeat(): unknown;
  signal: AbortSignal;
  attempt: number;
}

export interface PollDeps {
  clock: Clock;
  log: Log;
  fetchFeed: FetchFeed;
  readFeed: ReadFeedBytes;
  coder: Coder;
  codebook: Codebook;
  /** Feeds of a group (or the named ones) that are due at `now`, with the hosts they are on, oldest due first. */
  listDueFeeds(query: { groupId?: string; feedIds?: string[]; force?: boolean; now: Date }): Promise<DueFeed[]>;
  /** Records and states of the feeds of one chunk, in one round trip. */
  loadFeeds(feedIds: string[]): Promise<Array<{ feed: FeedRecord; state: FeedState }>>;
  /** Holds every feed of a host until `until`. */
  holdHost(host: string, until: Date, reason: string): Promise<void>;
}

export interface DueFeed {
  id: string;
  host: string;
}

export interface ChunkResult {
  polled: number;
  unchanged: number;
  failed: number;
  added: number;
  revised: number;
  observations: number;
  /** Cells whose rules must be evaluated now. */
  dirty: number;
}

export type { PollOutcome };
