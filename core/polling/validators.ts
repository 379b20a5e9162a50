import type { FeedState } from './poll.js';

/** Validators that were answered with 304 for so long are dropped once: NetNewsWire's guard against a 304 for ever. */
export const MAX_VALIDATOR_AGE_DAYS = 8;

const DAY_MS = 86_400_000;

type Validators = Pick<FeedState, 'etag' | 'lastModified'>;

/**
 * The validators to send with the next request, verbatim (RFC 9110: they are opaque, never re-formatted). None when they are
 * stuck: 304 for {@link MAX_VALIDATOR_AGE_DAYS} days. A `Last-Modified` in the future (a day of clock skew aside) is not sent,
 * because the server would call the feed unchanged until then.
 */
export function validatorsToSend(
  state: Pick<FeedState, 'etag' | 'lastModified' | 'validatorsSince'>,
  now: Date,
): Validators {
  const since = state.validatorsSince;
  if (since !== null && now.getTime() - since.getTime() > MAX_VALIDATOR_AGE_DAYS * DAY_MS)
    return { etag: null, lastModified: null };
  const modified = state.lastModified === null ? Number.NaN : Date.parse(state.lastModified);
  const isFuture = modified > now.getTime() + DAY_MS;
  return { etag: state.etag, lastModified: isFuture ? null : state.lastModified };
}

/**
 * The validators to keep after an answer, each by itself. A 200 replaces both, one it lacks is cleared; a 304 replaces those
 * it names (RFC 9111, 4.3.4) and starts the clock of {@link MAX_VALIDATOR_AGE_DAYS} when it is the first in a row.
 */
export function rememberValidators(
  state: Pick<FeedState, 'etag' | 'lastModified' | 'validatorsSince'>,
  answer: { kind: 'body' | 'not-modified'; etag: string | null; lastModified: string | null },
  now: Date,
): Pick<FeedState, 'etag' | 'lastModified' | 'validatorsSince'> {
  if (answer.kind === 'body') return { etag: answer.etag, lastModified: answer.lastModified, validatorsSince: null };
  return {
    etag: answer.etag ?? state.etag,
    lastModified: answer.lastModified ?? state.lastModified,
    validatorsSince: state.validatorsSince ?? now,
  };
}
