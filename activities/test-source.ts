import { Failure, type FeedReason } from '../core/errors.js';
import type { Entry } from '../core/identity/entry.js';
import type { PollKind } from '../core/polling/poll.js';
import type { FeedFormat, FetchFeed, ReadContext, ReadFeed, ReadFeedBytes } from '../feeds/feed.js';
import type { Clock } from './deps.js';

/** What a test of a source touches. */
export interface TestSourceDeps {
  clock: Clock;
  fetchFeed: FetchFeed;
  readFeed: ReadFeedBytes;
  /** The configured feed of this id, with its source's zone; null when there is none. */
  findFeed(id: string): TestedFeed | null;
  /** Bytes of a file; null when there is no such file. */
  readFile(path: string): Promise<Uint8Array | null>;
  /** Hears, in plain sentences, what the report's closed words do not say. */
  tell?(sentence: string): void;
  signal: AbortSignal;
}

export interface TestedFeed {
  url: string;
  kind: NonNullable<ReadContext['kind']>;
  timezone: string | null;
  options: Record<string, unknown>;
}

/** The body of `axiswatch sources test --json`. */
export interface SourceTest {
  target: string;
  outcome: PollKind;
  reason: FeedReason | null;
  format: FeedFormat | null;
  encoding: string | null;
  repairs: string[];
  entries: TestedEntry[];
  suggestions: string[];
}

export interface TestedEntry {
  id: string | null;
  title: string | null;
  url: string | null;
  published_at: string | null;
  updated_at: string | null;
  summary: string | null;
}

/**
 * Fetches and reads one feed without storing anything. `target` is the id of a configured feed, a URL, or a file, looked for in
 * this order. Trouble with the feed is in the report; null means that the target is none of the three.
 */
export async function testSource(deps: TestSourceDeps, target: string): Promise<SourceTest | null> {
  const configured = deps.findFeed(target);
  const isUrl = /^[a-z][a-z\d+.-]*:\/\//i.test(target);
  const file = configured || isUrl ? null : await deps.readFile(target);
  if (!configured && !isUrl && file === null) return null;
  const report: SourceTest = {
    target,
    outcome: 'polled',
    reason: null,
    format: null,
    encoding: null,
    repairs: [],
    entries: [],
    suggestions: [],
  };
  try {
    const feed = configured ?? { url: target, kind: 'feed', timezone: null, options: {} };
    const read = file ? await readSaved(deps, file, target) : await readOnline(deps, feed);
    if (read === null) return { ...report, outcome: 'gone', reason: 'gone' };
    for (const problem of read.problems) deps.tell?.(problem);
    const { format, encoding, repairs } = read;
    return { ...report, format, encoding, repairs, entries: read.entries.map(describeEntry) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    deps.tell?.(error.message);
    const outcome = error.reason === 'rate-limited' ? 'rate-limited' : 'failed';
    return { ...report, outcome, reason: error.reason as FeedReason, suggestions: error.more.suggestions ?? [] };
  }
}

/** Null when the server says that the feed is gone for good. */
async function readOnline(deps: TestSourceDeps, feed: TestedFeed): Promise<ReadFeed | null> {
  const { userAgent, insecureTls } = feed.options;
  const request = {
    url: feed.url,
    userAgent: typeof userAgent === 'string' ? userAgent : undefined,
    insecureTls: insecureTls === true,
  };
  const answer = await deps.fetchFeed(request, deps.signal);
  if (answer.permanentUrl !== null) deps.tell?.(`The feed has moved for good to ${answer.permanentUrl}`);
  if (answer.kind !== 'body') {
    deps.tell?.('The server says that the feed is gone for good (HTTP 410).');
    return null;
  }
  const { contentType, finalUrl, truncated } = answer;
  const { kind, options, timezone } = feed;
  return deps.readFeed(answer.body, {
    contentType,
    finalUrl,
    truncated,
    timezone,
    kind,
    options,
    now: deps.clock.now(),
    keepBlank: true,
  });
}

/** A saved document has no address: its relative links stay as they are written. */
function readSaved(deps: TestSourceDeps, body: Uint8Array, path: string): Promise<ReadFeed> {
  return deps.readFeed(body, {
    contentType: null,
    finalUrl: `file:///${encodeURI(path.replace(/^\/+/, ''))}`,
    timezone: null,
    now: deps.clock.now(),
    keepBlank: true,
  });
}

function describeEntry(entry: Entry): TestedEntry {
  return {
    id: entry.id,
    title: entry.title || null,
    url: entry.url,
    published_at: entry.publishedAt?.toISOString() ?? null,
    updated_at: entry.updatedAt?.toISOString() ?? null,
    summary: entry.summary || null,
  };
}
