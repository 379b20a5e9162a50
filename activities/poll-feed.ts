import { Failure } from '../core/errors.js';
import { digest } from '../core/identity/digest.js';
import { itemKeys } from '../core/identity/item-keys.js';
import { hostHeldUntil } from '../core/polling/next-check.js';
import type { FeedRecord, FeedState } from '../core/polling/poll.js';
import { pollUrl } from '../core/polling/redirects.js';
import { validatorsToSend } from '../core/polling/validators.js';
import type { PollRecord } from '../db/feeds.js';
import type { StoredPoll } from '../db/items.js';
import type { FetchedFeed } from '../feeds/feed.js';
import type { PollDeps } from './deps.js';
import { failureRecord, MAX_ENTRIES, type Polled, type Seen, successRecord } from './poll-record.js';
import { storeEntries } from './store-entries.js';

/** A poll that is over. `stored` is null when it brought no items and its record is still to be written. */
export interface PolledFeed {
  record: PollRecord;
  stored: StoredPoll | null;
  /** Until when its host wants to be left alone. */
  holdUntil: Date | null;
}

/**
 * Polls one feed: fetch with its validators, leave at the first sign that nothing changed (304, same ETag, same bytes, same
 * entries, all items known), else code what is new and store it together with the feed's new state. Trouble of the feed is an
 * outcome; only trouble of the store, or a cancellation, is thrown.
 *
 * @param runAt the tick that caused this poll: due times count from it
 */
export async function pollFeed(
  deps: PollDeps,
  { feed, state }: Polled,
  runAt: Date,
  signal: AbortSignal,
): Promise<PolledFeed> {
  const failed = (failure: Failure): PolledFeed => {
    const now = deps.clock.now();
    return {
      record: failureRecord({ feed, state }, failure, now, runAt),
      stored: null,
      holdUntil: failure.reason === 'rate-limited' ? hostHeldUntil(failure.more.retryAfterSeconds ?? null, now) : null,
    };
  };

  let seen: Seen;
  try {
    seen = await look(deps, { feed, state }, signal);
  } catch (error) {
    signal.throwIfAborted();
    return failed(toFailure(deps, feed, error));
  }
  const entries = itemKeys(seen.read?.entries.slice(0, MAX_ENTRIES) ?? [], seen.at);
  const record = successRecord({ feed, state }, seen, entries, runAt);
  const unread: PolledFeed = { record, stored: null, holdUntil: null };
  const { entriesDigest } = record.state;
  if (entries.length === 0 || (entriesDigest !== null && entriesDigest === state.entriesDigest)) return unread;
  try {
    const stored = await storeEntries(deps, feed, entries, seen.read?.language ?? null, record);
    if (stored === null) return unread;
    const { added, revised } = stored;
    return { record: { ...record, outcome: { ...record.outcome, added, revised } }, stored, holdUntil: null };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    deps.log.error({ err: error, feed: feed.id }, 'the store refused what a feed brought');
    return failed(new Failure('malformed', 'the store refused its entries; see the log'));
  }
}

/** Asks the server and reads what it sends, unless that is known. */
async function look(deps: PollDeps, { feed, state }: Polled, signal: AbortSignal): Promise<Seen> {
  const asked = pollUrl(feed, state);
  const validators = validatorsToSend(state, deps.clock.now());
  const answer = await deps.fetchFeed({ url: asked, ...validators, ...fetchOptions(feed) }, signal);
  // Judged by the time of the answer: a slow server may well send what did not exist when it was asked.
  const at = deps.clock.now();
  if (answer.kind === 'gone')
    throw new Failure('gone', 'the server says that the feed is gone for good (410)', { status: 410 });
  if (isUnchanged(answer, state)) return { asked, answer, read: null, at };
  const { contentType, finalUrl, truncated, body } = answer;
  const { timezone, kind, options } = feed;
  const read = await deps.readFeed(body, { contentType, finalUrl, truncated, timezone, kind, options, now: at });
  return { asked, answer, read, at };
}

/**
 * A 304, the same ETag, or the same bytes: some servers answer 200 to a conditional request. An ETag counts only when
 * Last-Modified did not move, because a few keep the ETag of an older document.
 */
function isUnchanged(answer: FetchedFeed, state: FeedState): boolean {
  if (answer.kind === 'not-modified') return true;
  // Nothing was ever read whole: there is nothing this could be equal to.
  if (state.bodyDigest === null) return false;
  const sameEtag = answer.etag !== null && answer.etag === state.etag;
  if (sameEtag && answer.lastModified === state.lastModified) return true;
  return digest(answer.body, 64) === state.bodyDigest;
}

/** A bug of ours that one document met: its feed fails and says so, the others go on. */
function toFailure(deps: PollDeps, feed: FeedRecord, error: unknown): Failure {
  if (error instanceof Failure) return error;
  deps.log.error({ err: error, feed: feed.id }, 'polling a feed broke');
  return new Failure('malformed', 'fetching or reading it broke; see the log', { fault: 'parse', cause: error });
}

/**
 * True when the database will never take these rows (SQLSTATE classes 22 and 23: data exception, integrity violation): a bug of ours
 * that must not keep the other feeds of a chunk from being polled. Everything else is trouble that a retry may end.
 */
function isRefusal(error: unknown): boolean {
  return /^2[23]/.test(String((error as { code?: unknown } | null)?.code ?? ''));
}

/** What an operator may set per feed: another User-Agent, an exception for a certificate. */
function fetchOptions({ options }: FeedRecord): { userAgent?: string; insecureTls: boolean } {
  const agent = options.userAgent;
  return {
    userAgent: typeof agent === 'string' && agent !== '' ? agent : undefined,
    insecureTls: options.insecureTls === true,
  };
}
