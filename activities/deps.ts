import type { Channel } from '../channels/channel.js';
import type { Route } from '../core/alerts/routing.js';
import type { PreparedRule } from '../core/alerts/rule-kinds.js';
import type { Codebook } from '../core/codebook/codebook.js';
import type { Coder } from '../core/coder/label.js';
import type { KnownItem } from '../core/identity/match-items.js';
import type { PollOutcome } from '../core/polling/poll.js';
import type { AlertStore } from '../db/alerts.js';
import type { DeliveryStore } from '../db/deliveries.js';
import type { LoadedFeed, PollRecord } from '../db/feeds.js';
import type { StoredPoll, StorePoll } from '../db/items.js';
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
  /** A new UUIDv7 (`core/identity/uuidv7.ts` with random bytes). */
  newId(at: Date): string;
  /** Feeds of a group (or the named ones) that are due at `now`, with the hosts they are on, oldest due first. */
  listDueFeeds(query: { groupId?: string; feedIds?: string[]; force?: boolean; now: Date }): Promise<DueFeed[]>;
  /** Records and states of the feeds of one chunk, in one round trip. */
  loadFeeds(feedIds: string[]): Promise<LoadedFeed[]>;
  /** Items of a source known by any of the keys. Reads only. */
  probeItems(sourceId: string, keys: string[]): Promise<KnownItem[]>;
  /** Stores everything a poll brought, its record included, in one statement. */
  storePoll(input: StorePoll): Promise<StoredPoll>;
  /** Records polls that brought no items, in one round trip. */
  recordPolls(records: PollRecord[]): Promise<number>;
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

/** What evaluating rules and delivering alerts need; built by `runtime/alert-deps.ts`. */
export interface AlertDeps {
  /** The world's clock: in the demo it runs fast. Alerts are raised by it. */
  clock: Clock;
  /** Real time: waits, retries and signatures go by it. */
  wallClock: Clock;
  log: Log;
  codebook: Codebook;
  rules: PreparedRule[];
  routes: Route[];
  channels: ReadonlyMap<string, Channel>;
  alertStore: AlertStore;
  deliveryStore: DeliveryStore;
  /** A new UUIDv7. */
  newId(at: Date): string;
  /** Waits in real time; ends early, without an error, when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}
