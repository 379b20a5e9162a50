import type { Reason } from '../errors.js';

/** Tries before a delivery is given up: with the waits below about a day, so that a night's outage loses nothing. */
export const MAX_ATTEMPTS = 32;
/** A throttled channel is alive: it is asked again for much longer. */
export const MAX_THROTTLED_ATTEMPTS = 200;
const FIRST_WAIT_SECONDS = 5;
const MAX_WAIT_SECONDS = 3600;
const DAY_SECONDS = 86_400;

export type AttemptOutcome = { kind: 'retry'; at: Date } | { kind: 'give-up'; why: string };

/**
 * What follows a failed attempt. `timeout`, `network`, `server` and `rate-limited` are tried again, after the time the
 * channel asked for (`retryAfterSeconds`, at most a day) or after 5 s doubling to an hour; anything else would fail the same
 * way tomorrow. `attempts` counts the one that just failed.
 */
export function nextAttempt(
  failure: { reason: Reason; retryAfterSeconds?: number },
  attempts: number,
  now: Date,
): AttemptOutcome {
  const retryable = ['timeout', 'network', 'server', 'rate-limited'].includes(failure.reason);
  if (!retryable) return { kind: 'give-up', why: 'another try would fail the same way' };
  const limit = failure.reason === 'rate-limited' ? MAX_THROTTLED_ATTEMPTS : MAX_ATTEMPTS;
  if (attempts >= limit) return { kind: 'give-up', why: `given up after ${attempts} attempts` };
  const own = Math.min(MAX_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** Math.min(attempts - 1, 20));
  const seconds = Math.min(DAY_SECONDS, failure.retryAfterSeconds ?? own);
  return { kind: 'retry', at: new Date(now.getTime() + seconds * 1000) };
}
