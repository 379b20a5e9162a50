import { Failure } from '../core/errors.js';
import { digest } from '../core/identity/digest.js';
import { entriesDigest } from '../core/identity/entries-digest.js';
import { itemKeys, type KeyedEntry } from '../core/identity/item-keys.js';
import { hostHeldUntil, nextCheck } from '../core/polling/next-check.js';
import type { FeedRecord, FeedState, PollOutcome } from '../core/polling/poll.js';
import { pollUrl, rememberRedirect } from '../core/polling/redirects.js';
import { rememberValidators, validatorsToSend } from '../core/polling/validators.js';
import type { PollRecord } from '../db/feeds.js';
import type { StoredPoll } from '../db/items.js';
import type { FetchedFeed, ReadFeed } from '../feeds/feed.js';
import type { PollDeps } from './deps.js';
import { storeEntries } from './store-entries.js';

/** Entries taken of one document (feedbin: 300): a feed that lists its whole archive must not flood the store on every poll. */
export const MAX_ENTRIES = 300;
/** So many empty polls in a row are told to the operator. */
export const EMPTY_POLLS_ALARM = 3;

/** A poll that is over. `stored` is null when it brought no items and its record is still to be written. */
export interface PolledFeed {
  record: PollRecord;
  stored: StoredPoll | null;
  /** Until when its host wants to be left alone. */
  holdUntil: Date | null;
}

type Polled = { feed: FeedRecord; state: FeedState };

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
  const now = deps.clock.now();
  const asked = pollUrl(feed, state);
  let answer: FetchedFeed;
  let read: ReadFeed | null;
  try {
    answer = await deps.fetchFeed({ url: asked, ...validatorsToSend(state, now), ...fetchOptions(feed) }, signal);
    if (answer.kind === 'gone')
      throw new Failure('gone', 'the server says that the feed is gone for good (410)', { status: 410 });
    read = isUnchanged(answer, state) ? null : await readDocument(deps, feed, answer, now);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    return failedPoll({ feed, state }, error, now, runAt);
  }

  const entries = itemKeys(read?.entries.slice(0, MAX_ENTRIES) ?? [], now);
  const kind = read === null ? 'not-modified' : 'polled';
  const isEmpty = read === null ? state.emptyPolls > 0 : read.entries.length === 0;
  const after: FeedState = {
    ...state,
    ...rememberValidators(state, { ...answer, kind: answer.kind === 'body' ? 'body' : 'not-modified' }, now),
    ...rememberRedirect(feed, state, { asked, permanentUrl: answer.permanentUrl }, now),
    ...(read === null ? {} : rememberDocument(answer, entries)),
    consecutiveFailures: 0,
    emptyPolls: isEmpty ? state.emptyPolls + 1 : 0,
    lastPolledAt: now,
    lastSuccessAt: now,
    mutedAt: null,
    nextDueAt: nextCheck(
      {
        feedId: feed.id,
        everySeconds: feed.everySeconds,
        kind,
        fault: null,
        consecutiveFailures: 0,
        freshSeconds: answer.freshSeconds,
        ttlSeconds: read?.ttlSeconds ?? null,
        retryAfterSeconds: null,
      },
      runAt,
    ),
  };
  const outcome: PollOutcome = {
    ...NOTHING,
    feedId: feed.id,
    kind,
    entries: entries.length,
    detail: describeSuccess(read, after.emptyPolls),
    status: answer.status,
    repairs: read?.repairs ?? [],
  };
  const record: PollRecord = {
    feedId: feed.id,
    url: feed.url,
    polledAt: now,
    outcome,
    state: after,
    format: read?.format ?? null,
    encoding: read?.encoding ?? null,
    reachesBackTo: oldestPublication(entries),
  };
  const sameEntries = after.entriesDigest !== null && after.entriesDigest === state.entriesDigest;
  if (entries.length === 0 || sameEntries) return { record, stored: null, holdUntil: null };
  let stored: StoredPoll | null;
  try {
    stored = await storeEntries(deps, feed, entries, read?.language ?? null, record);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    deps.log.error({ err: error, feed: feed.id }, 'the store refused what a feed brought');
    return failedPoll(
      { feed, state },
      new Failure('malformed', 'the store refused its entries; see the log'),
      now,
      runAt,
    );
  }
  if (stored === null) return { record, stored, holdUntil: null };
  const counted = { ...outcome, added: stored.added, revised: stored.revised };
  return { record: { ...record, outcome: counted }, stored, holdUntil: null };
}

/** State after a failure, counted once per poll. The fault `offline` says that the line was ours: that does not count. */
export function failedState(
  { feed, state }: Polled,
  outcome: PollOutcome,
  retryAfterSeconds: number | null,
  now: Date,
  runAt: Date,
): FeedState {
  const { kind, fault } = outcome;
  const consecutiveFailures = state.consecutiveFailures + (fault === 'offline' ? 0 : 1);
  const asked = { freshSeconds: null, ttlSeconds: null, retryAfterSeconds };
  return {
    ...state,
    consecutiveFailures,
    lastPolledAt: now,
    mutedAt: kind === 'gone' ? now : state.mutedAt,
    nextDueAt: nextCheck(
      { feedId: feed.id, everySeconds: feed.everySeconds, kind, fault, consecutiveFailures, ...asked },
      runAt,
    ),
  };
}

const NOTHING = {
  entries: 0,
  added: 0,
  revised: 0,
  reason: null,
  fault: null,
  detail: null,
  status: null,
  repairs: [],
};

function failedPoll({ feed, state }: Polled, failure: Failure, now: Date, runAt: Date): PolledFeed {
  const { fault = null, status = null, retryAfterSeconds = null, suggestions = [] } = failure.more;
  const hint = suggestions.length === 0 ? '' : `; the page names ${suggestions.join(', ')}`;
  const outcome: PollOutcome = {
    ...NOTHING,
    feedId: feed.id,
    kind: failure.reason === 'gone' || failure.reason === 'rate-limited' ? failure.reason : 'failed',
    reason: failure.reason as PollOutcome['reason'],
    fault,
    detail: `${failure.message}${failure.message.includes(suggestions[0] ?? '\n') ? '' : hint}`,
    status,
  };
  const record: PollRecord = {
    feedId: feed.id,
    url: feed.url,
    polledAt: now,
    outcome,
    state: failedState({ feed, state }, outcome, retryAfterSeconds, now, runAt),
    format: null,
    encoding: null,
    reachesBackTo: null,
  };
  const holdUntil = outcome.kind === 'rate-limited' ? hostHeldUntil(retryAfterSeconds, now) : null;
  return { record, stored: null, holdUntil };
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

async function readDocument(deps: PollDeps, feed: FeedRecord, answer: FetchedFeed, now: Date): Promise<ReadFeed> {
  const { contentType, finalUrl, truncated } = answer;
  const { timezone, kind, options } = feed;
  try {
    return await deps.readFeed(answer.body, { contentType, finalUrl, truncated, timezone, kind, options, now });
  } catch (error) {
    if (error instanceof Failure) throw error;
    // A bug of ours that one document met: this feed fails and says so, the others go on.
    deps.log.error({ err: error, feed: feed.id }, 'reading a feed broke');
    throw new Failure('malformed', 'reading the document broke; see the log', { fault: 'parse', cause: error });
  }
}

/**
 * True when the database will never take these rows (SQLSTATE classes 22 and 23: data exception, integrity violation): a bug of ours
 * that must not keep the other feeds of a chunk from being polled. Everything else is trouble that a retry may end.
 */
function isRefusal(error: unknown): boolean {
  return /^2[23]/.test(String((error as { code?: unknown } | null)?.code ?? ''));
}

/** Of a document that was cut short nothing is remembered: the next poll must read it again, whole. */
function rememberDocument(answer: FetchedFeed, entries: readonly KeyedEntry[]): Partial<FeedState> {
  if (answer.truncated) return { etag: null, lastModified: null, bodyDigest: null, entriesDigest: null };
  return { bodyDigest: digest(answer.body, 64), entriesDigest: entriesDigest(entries) };
}

/** What an operator should know although the poll went well; null when there is nothing. */
function describeSuccess(read: ReadFeed | null, emptyPolls: number): string | null {
  const said: string[] = [];
  if (emptyPolls >= EMPTY_POLLS_ALARM) said.push(`no entries for ${emptyPolls} polls in a row`);
  if (read !== null && read.entries.length > MAX_ENTRIES)
    said.push(`${read.entries.length} entries, of which the first ${MAX_ENTRIES} were taken`);
  if (read !== null && read.problems.length > 0)
    said.push(`partly read: ${read.problems.length} entries could not be, e.g. ${read.problems[0]}`);
  return said.length === 0 ? null : said.join('; ');
}

function oldestPublication(entries: readonly KeyedEntry[]): Date | null {
  const times = entries.flatMap(({ publishedAt }) => (publishedAt === null ? [] : [publishedAt.getTime()]));
  return times.length === 0 ? null : new Date(Math.min(...times));
}

/** What an operator may set per feed: another User-Agent, an exception for a certificate. */
function fetchOptions({ options }: FeedRecord): { userAgent?: string; insecureTls: boolean } {
  const agent = options.userAgent;
  return {
    userAgent: typeof agent === 'string' && agent !== '' ? agent : undefined,
    insecureTls: options.insecureTls === true,
  };
}
