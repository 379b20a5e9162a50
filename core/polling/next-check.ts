import type { Fault } from '../errors.js';
import { fixedShare } from './host.js';
import type { PollKind } from './poll.js';

/** A server's wish (`max-age`, `Expires`, `ttl`) counts up to here: a max-age of 16 years was seen in the wild. NetNewsWire: 5 h. */
export const MAX_SUGGESTED_SECONDS = 5 * 3600;
/** `Retry-After` counts up to here (feedbin: 8 h). */
export const MAX_RETRY_AFTER_SECONDS = 8 * 3600;
/** Wait after 429 or 503 without a readable `Retry-After` (FreshRSS: 600 s). */
export const DEFAULT_RETRY_AFTER_SECONDS = 600;
/** A failing feed is asked at least this often, for ever: feeds come back after months. */
export const MAX_BACKOFF_SECONDS = 24 * 3600;
/** No feed is asked more often than its cadence or this, whichever is shorter (NetNewsWire: 9 min). */
export const MIN_INTERVAL_SECONDS = 9 * 60;

export interface CheckInput {
  feedId: string;
  /** Configured cadence. */
  everySeconds: number;
  kind: PollKind;
  fault: Fault | null;
  /** Failures in a row, this poll included. */
  consecutiveFailures: number;
  /** What the response says it is fresh for, seconds. */
  freshSeconds: number | null;
  /** What the feed itself says (`ttl`), seconds. */
  ttlSeconds: number | null;
  /** What a 429 or 503 asked for, seconds. */
  retryAfterSeconds: number | null;
  /** New items of a usual week, for the adaptive interval; null switches it off. */
  weeklyItems?: number | null;
}

/**
 * When a feed is due again, counted from `at`, the time of the tick that polled it. Null after a 410: muted until an operator
 * says otherwise.
 *
 * Success: the longest of cadence, adaptive interval, freshness and ttl, the server's part clamped to
 * {@link MAX_SUGGESTED_SECONDS}. It ends a tenth of the cadence early, since the tick that picks the feed up may itself come
 * early: without that a feed with the cadence of its group would be polled at every second tick. Failure: feedbin's
 * clamp(n, 8, 23)^4 seconds from the second failure in a row (68 min and up), at most {@link MAX_BACKOFF_SECONDS}; the first
 * one waits for the next tick only. Jitter is fixed by the feed's id.
 */
export function nextCheck(input: CheckInput, at: Date): Date | null {
  if (input.kind === 'gone') return null;
  return new Date(at.getTime() + Math.round(waitSeconds(input) * 1000));
}

function waitSeconds(input: CheckInput): number {
  const share = fixedShare(input.feedId);
  const regular = regularSeconds(input, share);
  switch (input.kind) {
    case 'gone':
    case 'polled':
    case 'not-modified':
      return regular;
    case 'rate-limited': {
      const asked = retryAfterSeconds(input.retryAfterSeconds);
      const backoff = input.retryAfterSeconds === null ? backoffSeconds(input.consecutiveFailures) : 0;
      return Math.max(regular, asked * (1 + 0.05 * share), backoff * (1 + 0.1 * share));
    }
    case 'failed':
      // No network here: the feed is not to blame and nothing is learnt by waiting longer.
      if (input.fault === 'offline') return regular;
      return Math.max(regular, backoffSeconds(input.consecutiveFailures) * (1 + 0.1 * share));
    default:
      return input.kind satisfies never;
  }
}

function regularSeconds(input: CheckInput, share: number): number {
  const every = input.everySeconds;
  const suggested = Math.min(MAX_SUGGESTED_SECONDS, Math.max(input.freshSeconds ?? 0, input.ttlSeconds ?? 0));
  const interval = Math.max(every, suggested, adaptiveSeconds(every, input.weeklyItems ?? null));
  const early = every * (0.1 + 0.05 * share);
  return Math.max(interval - early, Math.min(MIN_INTERVAL_SECONDS, every * 0.85));
}

/**
 * miniflux's `entry_frequency`: a week divided by the items it usually brings, so that each poll finds about one; never
 * faster than the cadence and never slower than four times it, or a quiet feed would be looked at too late.
 */
export function adaptiveSeconds(everySeconds: number, weeklyItems: number | null): number {
  if (weeklyItems === null) return everySeconds;
  const ideal = weeklyItems <= 0 ? Number.POSITIVE_INFINITY : (7 * 86_400) / weeklyItems;
  return Math.min(Math.max(ideal, everySeconds), 4 * everySeconds);
}

/** feedbin's clamp(n, 8, 23)^4 from the second failure in a row; 0 for the first. `backoffSeconds(8)` is 4096. */
export function backoffSeconds(consecutiveFailures: number): number {
  if (consecutiveFailures < 2) return 0;
  return Math.min(Math.min(Math.max(consecutiveFailures, 8), 23) ** 4, MAX_BACKOFF_SECONDS);
}

/** A usable wait out of what the server asked: default when it asked nothing readable, capped at 8 h. */
export function retryAfterSeconds(asked: number | null): number {
  if (asked === null || !Number.isFinite(asked) || asked < 0) return DEFAULT_RETRY_AFTER_SECONDS;
  return Math.min(asked, MAX_RETRY_AFTER_SECONDS);
}

/** Until when no feed of the host may be asked, after a 429 or 503 at `at`. */
export function hostHeldUntil(asked: number | null, at: Date): Date {
  return new Date(at.getTime() + retryAfterSeconds(asked) * 1000);
}
