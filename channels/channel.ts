import type { z } from 'zod';
import type { AlertFacts } from '../core/alerts/facts.js';
import type { ReadSecret } from './secret.js';
import type { Post } from './send.js';

/** What happened to an alert; one delivery each. `test` is sent by hand and is no alert. */
export type Transition = 'raised' | 'test';

/** One delivery as a channel gets it. */
export interface Notice {
  /** The idempotency key: equal for every attempt of one delivery. */
  deliveryId: string;
  alertId: string;
  transition: Transition;
  raisedAt: Date;
  facts: AlertFacts;
}

/** A configured destination. */
export interface Channel {
  id: string;
  kind: string;
  /** Least time between two sends. */
  minIntervalMs: number;
  /**
   * Sends one notice; `now` is stamped on it where the channel wants a time. Throws `Failure` with a channel reason
   * (`timeout network rate-limited server client auth`) or `invalid-config`, whose message holds no secret.
   */
  send(notice: Notice, now: Date, signal: AbortSignal): Promise<{ status: number }>;
}

/** What the edge needs to reach the world; injected, so that tests and the address guard decide where it may go. */
export interface ChannelEdge {
  post: Post;
  readSecret: ReadSecret;
}

/** One kind of channel: a new one is one file that exports one of these and one line in `registry.ts`. */
export interface ChannelKind<P = unknown> {
  kind: string;
  summary: string;
  /** Parameters in `channels.yaml`; secrets only as `<name>_env` or `<name>_file`. */
  params: z.ZodType<P>;
  open(id: string, params: P, edge: ChannelEdge): Channel;
}
