/**
 * The closed set of reasons why something outside of our control failed. A new reason is added here and nowhere else.
 * `detail` on a {@link Failure} says what exactly happened, in one plain sentence that is safe to show and to log.
 */
export const FEED_REASONS = [
  'timeout',
  'network',
  'rate-limited',
  'server',
  'client',
  'gone',
  'too-large',
  'not-a-feed',
  'malformed',
] as const;
export type FeedReason = (typeof FEED_REASONS)[number];

export const CHANNEL_REASONS = ['timeout', 'network', 'rate-limited', 'server', 'client', 'auth'] as const;
export type ChannelReason = (typeof CHANNEL_REASONS)[number];

/**
 * The class of fault behind a reason, kept apart because an operator acts differently on each: a DNS fault is ours or the
 * resolver's, a bot challenge is the site's choice, a refused address is our own safety rule.
 */
export const FAULTS = [
  'dns',
  'tls',
  'connect',
  'reset',
  'offline',
  'refused-address',
  'refused-redirect',
  'deadline',
  'http',
  'bot-challenge',
  'html',
  'empty-body',
  'parse',
  'decode',
  'size',
] as const;
export type Fault = (typeof FAULTS)[number];

export type Reason = FeedReason | ChannelReason | 'invalid-config' | 'unavailable';

/** Trouble in the world, not a bug: it has a reason from the closed set and a message without secrets. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    readonly reason: Reason,
    message: string,
    readonly more: {
      fault?: Fault;
      /** HTTP status, when there was one. */
      status?: number;
      /** Seconds the other side asked us to wait. */
      retryAfterSeconds?: number;
      /** Addresses of feeds that an HTML page names, when a feed was expected. */
      suggestions?: string[];
      cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
  }
}
