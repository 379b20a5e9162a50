import type { ActivityRuntime, Clock, Log, PollDeps } from '../../activities/deps.js';
import type { Codebook } from '../../core/codebook/codebook.js';
import type { Coder, Label } from '../../core/coder/label.js';
import type { Entry } from '../../core/identity/entry.js';
import type { FeedRecord } from '../../core/polling/poll.js';
import type { Sql } from '../../db/client.js';
import { holdHost, type LoadedFeed, listDueFeeds, loadFeeds, recordPolls } from '../../db/feeds.js';
import { probeItems, storePoll } from '../../db/items.js';
import type { FetchedFeed, ReadFeed } from '../../feeds/feed.js';
import { FRESH_STATE, newId } from './store-samples.js';

export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A clock that stands until it is moved. */
export function movedClock(start: string | Date): Clock & { at: Date; forward(seconds: number): Date } {
  const clock = {
    at: new Date(start),
    now: () => clock.at,
    forward(seconds: number) {
      clock.at = new Date(clock.at.getTime() + seconds * 1000);
      return clock.at;
    },
  };
  return clock;
}

export function testRuntime(more: Partial<ActivityRuntime> = {}): ActivityRuntime & { beats: unknown[] } {
  const beats: unknown[] = [];
  return {
    heartbeat: (details) => void beats.push(details),
    lastHeartbeat: () => undefined,
    signal: new AbortController().signal,
    attempt: 1,
    beats,
    ...more,
  };
}

/** Three invented members; one indicator, given to every item whose title holds the names of two of them. */
export const TEST_CODEBOOK: Codebook = {
  version: '1+test',
  members: ['AAA', 'BBB', 'CCC'].map((code) => ({ code, name: code, country: null })),
  domains: [{ code: 'mil', name: 'military' }],
  indicators: [
    { id: 'mil.exercise', title: 'Exercise', domain: 'military', polarity: 1, direction: 'mutual', definition: '' },
  ],
  dyads: ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'],
};

export const TEST_CODER: Coder = {
  name: 'rules',
  version: 't1',
  codebookVersion: TEST_CODEBOOK.version,
  code({ title }): Label[] {
    const found = TEST_CODEBOOK.members.map(({ code }) => code).filter((code) => title.includes(code));
    if (found.length < 2) return [];
    return [
      {
        indicator: 'mil.exercise',
        participants: found,
        direction: 'mutual',
        status: title.includes('denies') ? 'denied' : 'occurred',
        polarity: 1,
        severity: 2,
        confidence: 0.8,
        flags: [],
        rules: ['test'],
        evidence: found.map((code) => ({
          for: code,
          field: 'title',
          start: title.indexOf(code),
          end: title.indexOf(code) + 3,
          text: code,
        })),
      },
    ];
  },
};

export function sampleFeed(id = 'one-feed', more: Partial<FeedRecord> = {}): FeedRecord {
  return {
    id,
    sourceId: id.replace(/-feed$/, ''),
    url: `https://${id}.example/rss.xml`,
    kind: 'feed',
    everySeconds: 900,
    timezone: null,
    language: null,
    country: null,
    bloc: 'western',
    family: id,
    options: {},
    ...more,
  };
}

export function loadedFeed(id = 'one-feed', more: Partial<LoadedFeed> = {}): LoadedFeed {
  const feed = more.feed ?? sampleFeed(id);
  return { feed, state: FRESH_STATE, host: new URL(feed.url).host, heldUntil: null, ...more };
}

/** A 200 whose body is the JSON of `entries`, which `readJson` reads back. */
export function answer(entries: Entry[], more: Partial<FetchedFeed> = {}): FetchedFeed {
  return {
    kind: 'body',
    status: 200,
    finalUrl: 'https://one.example/rss.xml',
    permanentUrl: null,
    body: Buffer.from(JSON.stringify(entries)),
    contentType: 'application/rss+xml',
    etag: null,
    lastModified: null,
    freshSeconds: null,
    truncated: false,
    wireBytes: 100,
    ...more,
  };
}

export function notModified(more: Partial<FetchedFeed> = {}): FetchedFeed {
  return { ...answer([]), kind: 'not-modified', status: 304, body: new Uint8Array(), ...more };
}

const reviveDates = (key: string, value: unknown) =>
  (key === 'publishedAt' || key === 'updatedAt') && typeof value === 'string' ? new Date(value) : value;

export async function readJson(body: Uint8Array): Promise<ReadFeed> {
  const entries = JSON.parse(Buffer.from(body).toString('utf8'), reviveDates) as Entry[];
  return {
    format: 'json',
    encoding: 'utf-8',
    title: null,
    language: null,
    entries,
    repairs: [],
    problems: [],
    ttlSeconds: null,
  };
}

/** Deps of a poll over a real database; the network is what a test makes it. */
export function databaseDeps(sql: Sql, more: Partial<PollDeps> & Pick<PollDeps, 'clock' | 'fetchFeed'>): PollDeps {
  return {
    log: SILENT,
    readFeed: readJson,
    coder: TEST_CODER,
    codebook: TEST_CODEBOOK,
    newId,
    listDueFeeds: (query) => listDueFeeds(sql, query),
    loadFeeds: (ids) => loadFeeds(sql, ids),
    probeItems: (sourceId, keys) => probeItems(sql, sourceId, keys),
    storePoll: (input) => storePoll(sql, input),
    recordPolls: (records) => recordPolls(sql, records),
    holdHost: (host, until, reason) => holdHost(sql, host, until, reason),
    ...more,
  };
}
