import type { Failure } from '../core/errors.js';
import { digest } from '../core/identity/digest.js';
import { entriesDigest } from '../core/identity/entries-digest.js';
import type { KeyedEntry } from '../core/identity/item-keys.js';
import { nextCheck } from '../core/polling/next-check.js';
import type { FeedRecord, FeedState, PollOutcome } from '../core/polling/poll.js';
import { rememberRedirect } from '../core/polling/redirects.js';
import { rememberValidators } from '../core/polling/validators.js';
import type { PollRecord } from '../db/feeds.js';
import type { FetchedFeed, ReadFeed } from '../feeds/feed.js';

/** Entries taken of one document (feedbin: 300): a feed that lists its whole archive must not flood the store on every poll. */
export const MAX_ENTRIES = 300;
/** So many empty polls in a row are told to the operator. */
export const EMPTY_POLLS_ALARM = 3;

/** A feed and what was remembered of it when its poll began. */
export interface Polled {
  feed: FeedRecord;
  state: FeedState;
}

/** What a request brought. `read` is null when the document is the one that was read last time. */
export interface Seen {
  /** The address that was asked. */
  asked: string;
  answer: FetchedFeed;
  read: ReadFeed | null;
  /** When it answered: the time of the poll. */
  at: Date;
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
const ASKED_NOTHING = { freshSeconds: null, ttlSeconds: null, retryAfterSeconds: null };

/** The record of a poll that ended in a readable or unchanged document; due times count from `runAt`. */
export function successRecord(
  { feed, state }: Polled,
  { asked, answer, read, at: now }: Seen,
  entries: readonly KeyedEntry[],
  runAt: Date,
): PollRecord {
  const kind = read === null ? 'not-modified' : 'polled';
  const isEmpty = read === null ? state.emptyPolls > 0 : read.entries.length === 0;
  const emptyPolls = isEmpty ? state.emptyPolls + 1 : 0;
  const check = {
    feedId: feed.id,
    everySeconds: feed.everySeconds,
    kind,
    fault: null,
    consecutiveFailures: 0,
    freshSeconds: answer.freshSeconds,
    ttlSeconds: read?.ttlSeconds ?? null,
    retryAfterSeconds: null,
  } as const;
  return {
    feedId: feed.id,
    url: feed.url,
    polledAt: now,
    outcome: {
      ...NOTHING,
      feedId: feed.id,
      kind,
      entries: entries.length,
      detail: describeSuccess(read, emptyPolls),
      status: answer.status,
      repairs: read?.repairs ?? [],
    },
    state: {
      ...state,
      ...rememberValidators(state, { ...answer, kind: answer.kind === 'body' ? 'body' : 'not-modified' }, now),
      ...rememberRedirect(feed, state, { asked, permanentUrl: answer.permanentUrl }, now),
      ...(read === null ? {} : rememberDocument(answer, entries)),
      consecutiveFailures: 0,
      emptyPolls,
      lastPolledAt: now,
      lastSuccessAt: now,
      mutedAt: null,
      nextDueAt: nextCheck(check, runAt),
    },
    format: read?.format ?? null,
    encoding: read?.encoding ?? null,
    reachesBackTo: oldestPublication(entries),
  };
}

/** The record of a poll that failed, was asked to wait, or found the feed gone. */
export function failureRecord(polled: Polled, failure: Failure, now: Date, runAt: Date): PollRecord {
  const { fault = null, status = null, retryAfterSeconds = null, suggestions = [] } = failure.more;
  const isTold = suggestions.length === 0 || failure.message.includes(suggestions[0]!);
  const outcome: PollOutcome = {
    ...NOTHING,
    feedId: polled.feed.id,
    kind: failure.reason === 'gone' || failure.reason === 'rate-limited' ? failure.reason : 'failed',
    reason: failure.reason as PollOutcome['reason'],
    fault,
    detail: isTold ? failure.message : `${failure.message}; the page names ${suggestions.join(', ')}`,
    status,
  };
  return {
    feedId: polled.feed.id,
    url: polled.feed.url,
    polledAt: now,
    outcome,
    state: failedState(polled, outcome, retryAfterSeconds, now, runAt),
    format: null,
    encoding: null,
    reachesBackTo: null,
  };
}

/** State after a failure, counted once per poll. The fault `offline` says that the line was ours: that does not count. */
export function failedState(
  { feed, state }: Polled,
  { kind, fault }: PollOutcome,
  retryAfterSeconds: number | null,
  now: Date,
  runAt: Date,
): FeedState {
  const consecutiveFailures = state.consecutiveFailures + (fault === 'offline' ? 0 : 1);
  const { id: feedId, everySeconds } = feed;
  const check = { ...ASKED_NOTHING, feedId, everySeconds, kind, fault, consecutiveFailures, retryAfterSeconds };
  return {
    ...state,
    consecutiveFailures,
    lastPolledAt: now,
    mutedAt: kind === 'gone' ? now : state.mutedAt,
    nextDueAt: nextCheck(check, runAt),
  };
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
