import type { FeedState } from './poll.js';

/** A move is believed after it was seen for about this long without a break. */
const BELIEVED_AFTER_DAYS = 6;
const MIN_SIGHTINGS = 5;
/** feedbin's limit, six days at a quarter of an hour. */
const MAX_SIGHTINGS = 576;
/** A count without a new sighting lapses (feedbin). */
const LAPSE_MS = 72 * 3_600_000;
/** A remembered address that fails this often in a row is given up for the configured one. */
const GIVE_UP_FAILURES = 3;

type Move = Pick<FeedState, 'movedTo' | 'movedCount' | 'movedLastAt'>;

/** How many polls in a row must be redirected permanently to the same place: 576 at 15 minutes, 6 at a day. */
export function sightingsNeeded(everySeconds: number): number {
  const polls = Math.ceil((BELIEVED_AFTER_DAYS * 86_400) / everySeconds);
  return Math.min(Math.max(polls, MIN_SIGHTINGS), MAX_SIGHTINGS);
}

/** True when the move is remembered, so that the target is asked directly. */
export function hasMoved(move: Move, everySeconds: number): boolean {
  return move.movedTo !== null && move.movedCount >= sightingsNeeded(everySeconds);
}

/**
 * The address to ask: the configured one, or the target of a permanent redirect once it was seen often enough. A target that
 * keeps failing is left for the configured address, which is never rewritten.
 */
export function pollUrl(
  feed: { url: string; everySeconds: number },
  state: Move & Pick<FeedState, 'consecutiveFailures'>,
): string {
  const usable = hasMoved(state, feed.everySeconds) && state.consecutiveFailures < GIVE_UP_FAILURES;
  return usable && state.movedTo !== null ? state.movedTo : feed.url;
}

/**
 * What to remember of permanent redirects (301, 308) after a poll that ended in a readable feed; a login or maintenance page
 * must never get here. Temporary redirects (302, 303, 307) arrive as null and end a run that is not yet believed.
 *
 * @param asked the address that was requested
 * @param permanentUrl target when every hop was permanent, else null
 */
export function rememberRedirect(
  feed: { url: string; everySeconds: number },
  state: Move,
  answer: { asked: string; permanentUrl: string | null },
  now: Date,
): Move {
  const { permanentUrl } = answer;
  const isRemembered = hasMoved(state, feed.everySeconds) && answer.asked === state.movedTo;
  // The remembered target answered by itself: nothing new, and nothing lapses.
  if (isRemembered && permanentUrl === null) return { ...pick(state), movedLastAt: now };
  if (permanentUrl === null || permanentUrl === feed.url) return { movedTo: null, movedCount: 0, movedLastAt: null };
  // A day's cadence would lapse between two polls: the pause allowed grows with it.
  const lapseMs = Math.max(LAPSE_MS, 3 * feed.everySeconds * 1000);
  const isSame = permanentUrl === state.movedTo;
  const isFresh = state.movedLastAt !== null && now.getTime() - state.movedLastAt.getTime() <= lapseMs;
  return { movedTo: permanentUrl, movedCount: isSame && isFresh ? state.movedCount + 1 : 1, movedLastAt: now };
}

function pick(state: Move): Move {
  return { movedTo: state.movedTo, movedCount: state.movedCount, movedLastAt: state.movedLastAt };
}
