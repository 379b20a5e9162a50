import { describe, expect, it } from 'vitest';
import type { PollDeps } from '../../activities/deps.js';
import { pollFeed } from '../../activities/poll-feed.js';
import { MAX_ENTRIES } from '../../activities/poll-record.js';
import { Failure } from '../../core/errors.js';
import { hasMoved, sightingsNeeded } from '../../core/polling/redirects.js';
import type { LoadedFeed } from '../../db/feeds.js';
import type { StorePoll } from '../../db/items.js';
import type { FetchedFeed, FetchRequest } from '../../feeds/feed.js';
import { entry } from '../support/entries.js';
import {
  answer,
  loadedFeed,
  movedClock,
  notModified,
  readJson,
  SILENT,
  sampleFeed,
  TEST_CODEBOOK,
  TEST_CODER,
} from '../support/poll-deps.js';
import { FRESH_STATE, newId } from '../support/store-samples.js';

type Answers = FetchedFeed | Failure | ((request: FetchRequest) => FetchedFeed);

/** One feed over a store in memory that knows nothing and keeps what it is given. */
function oneFeed(start: Partial<LoadedFeed> = {}, overrides: Partial<PollDeps> = {}) {
  const clock = movedClock('2026-03-10T12:00:00Z');
  const calls = { requests: [] as FetchRequest[], reads: 0, probes: 0, stored: [] as StorePoll[] };
  let loaded = loadedFeed('one-feed', start);
  let next: Answers = answer([]);
  const deps: PollDeps = {
    clock,
    log: SILENT,
    coder: TEST_CODER,
    codebook: TEST_CODEBOOK,
    newId,
    async fetchFeed(request) {
      calls.requests.push(request);
      if (next instanceof Failure) throw next;
      return typeof next === 'function' ? next(request) : next;
    },
    readFeed(body) {
      calls.reads++;
      return readJson(body);
    },
    async probeItems() {
      calls.probes++;
      return [];
    },
    async storePoll(input) {
      calls.stored.push(input);
      return { added: input.items.length, revised: input.revisions.length, observations: 0, dirty: 0 };
    },
    listDueFeeds: () => Promise.reject(new Error('not a poll’s business')),
    loadFeeds: () => Promise.reject(new Error('not a poll’s business')),
    recordPolls: () => Promise.reject(new Error('not a poll’s business')),
    holdHost: () => Promise.reject(new Error('not a poll’s business')),
    ...overrides,
  };
  return {
    calls,
    clock,
    state: () => loaded.state,
    async poll(given: Answers, signal = new AbortController().signal) {
      next = given;
      clock.forward(900);
      const result = await pollFeed(deps, loaded, clock.now(), signal);
      loaded = { ...loaded, state: result.record.state };
      return result;
    },
  };
}

const A = entry({ id: 'a', title: 'A' });
const B = entry({ id: 'b', title: 'B' });

describe('row 1 and 2: conditional requests', () => {
  it('sends both validators verbatim; a 304 reads, asks and stores nothing', async () => {
    const feed = oneFeed();
    await feed.poll(answer([A], { etag: 'W/"x y"', lastModified: 'Tue, 10 Mar 2026 11:00:00 GMT' }));
    const { record, stored } = await feed.poll(notModified());
    expect(feed.calls.requests[1]).toMatchObject({ etag: 'W/"x y"', lastModified: 'Tue, 10 Mar 2026 11:00:00 GMT' });
    expect(record.outcome).toMatchObject({ kind: 'not-modified', status: 304, entries: 0 });
    expect([stored, feed.calls.reads, feed.calls.probes, feed.calls.stored.length]).toEqual([null, 1, 1, 1]);
    expect(record.state.lastSuccessAt).toEqual(feed.clock.now());
  });
});

describe('row 3: a 200 that is unchanged', () => {
  const validators = { etag: '"1"', lastModified: 'Tue, 10 Mar 2026 11:00:00 GMT' };

  it('the same ETag and Last-Modified are not read, whatever the body', async () => {
    const feed = oneFeed();
    await feed.poll(answer([A], validators));
    expect((await feed.poll(answer([A, B], validators))).record.outcome.kind).toBe('not-modified');
    expect(feed.calls.reads).toBe(1);
  });

  it('the same bytes are not read, with or without validators', async () => {
    const feed = oneFeed();
    await feed.poll(answer([A]));
    expect((await feed.poll(answer([A], { etag: '"new"' }))).record.outcome.kind).toBe('not-modified');
    expect(feed.calls.reads).toBe(1);
    expect(feed.state().etag).toBe('"new"');
  });

  it('the same ETag with a newer Last-Modified is read', async () => {
    const feed = oneFeed();
    await feed.poll(answer([A], validators));
    const changed = answer([A, B], { ...validators, lastModified: 'Tue, 10 Mar 2026 12:10:00 GMT' });
    expect((await feed.poll(changed)).record.outcome).toMatchObject({ kind: 'polled', entries: 2 });
  });

  it('other bytes with the same entries ask the store nothing', async () => {
    const feed = oneFeed();
    await feed.poll(answer([A, B]));
    const { record, stored } = await feed.poll(answer([B, { ...A, updatedAt: new Date('2026-03-10T12:20:00Z') }]));
    expect([record.outcome.kind, stored, feed.calls.probes]).toEqual(['polled', null, 1]);
  });

  it('a feed that was never read whole equals nothing', async () => {
    const feed = oneFeed();
    const { record } = await feed.poll(answer([A], { truncated: true, etag: '"1"' }));
    expect(record.state).toMatchObject({ etag: null, bodyDigest: null, entriesDigest: null });
    await feed.poll(answer([A], { etag: '"1"' }));
    expect([feed.calls.requests[1]!.etag, feed.calls.reads]).toEqual([null, 2]);
  });
});

describe('rows 12 and 13: failures', () => {
  it('keeps class, sentence, status and the time of the last success, and counts once per poll', async () => {
    const feed = oneFeed();
    await feed.poll(answer([A]));
    const lastSuccessAt = feed.clock.now();
    const fails = new Failure('server', 'the server answered 500', { fault: 'http', status: 500 });
    for (const failures of [1, 2, 3]) {
      const { record } = await feed.poll(fails);
      expect(record.outcome).toMatchObject({ kind: 'failed', reason: 'server', fault: 'http', status: 500 });
      expect(record.outcome.detail).toBe('the server answered 500');
      expect(record.state).toMatchObject({ consecutiveFailures: failures, lastSuccessAt });
    }
    expect((await feed.poll(notModified())).record.state.consecutiveFailures).toBe(0);
  });

  it('waits longer after every failure, and never stops', async () => {
    const feed = oneFeed();
    const waits: number[] = [];
    for (let i = 0; i < 40; i++) {
      const { record } = await feed.poll(new Failure('timeout', 'no answer in time', { fault: 'deadline' }));
      waits.push(record.state.nextDueAt!.getTime() - feed.clock.now().getTime());
    }
    expect(waits[2]!).toBeGreaterThan(60 * 60_000);
    expect(waits[39]!).toBeLessThan(27 * 3_600_000);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
  });

  it('an HTML page is told with the feeds that it names', async () => {
    const { record } = await oneFeed().poll(
      new Failure('not-a-feed', 'HTML where a feed was expected', {
        fault: 'html',
        suggestions: ['https://x.org/rss'],
      }),
    );
    expect(record.outcome.detail).toBe('HTML where a feed was expected; the page names https://x.org/rss');
  });

  it('a bug of ours in the reader fails this feed only', async () => {
    const feed = oneFeed({}, { readFeed: () => Promise.reject(new TypeError('x is undefined')) });
    expect((await feed.poll(answer([A]))).record.outcome).toMatchObject({ kind: 'failed', reason: 'malformed' });
  });

  it('trouble of the store is thrown, so that the driver tries again', async () => {
    const feed = oneFeed({}, { probeItems: () => Promise.reject(new Error('connection lost')) });
    await expect(feed.poll(answer([A]))).rejects.toThrow('connection lost');
  });

  it('rows that the database will never take fail this feed only, and its document is read again', async () => {
    const refusal = Object.assign(new Error('violates check constraint'), { code: '23514' });
    const feed = oneFeed({}, { storePoll: () => Promise.reject(refusal) });
    const { record } = await feed.poll(answer([A], { etag: '"1"' }));
    expect(record.outcome).toMatchObject({ kind: 'failed', reason: 'malformed' });
    expect(record.state).toMatchObject({ etag: null, bodyDigest: null, consecutiveFailures: 1 });
  });

  it('a cancelled poll blames nobody', async () => {
    const controller = new AbortController();
    const feed = oneFeed();
    const request = feed.poll(() => {
      controller.abort(new Error('shutting down'));
      throw new Failure('timeout', 'aborted', { fault: 'deadline' });
    }, controller.signal);
    await expect(request).rejects.toThrow('shutting down');
  });
});

describe('rows 5 and 6: Retry-After', () => {
  it('moves the next check and asks for a hold of the host', async () => {
    const feed = oneFeed();
    const limited = new Failure('rate-limited', 'the server asks to wait', { status: 429, retryAfterSeconds: 7200 });
    const { record, holdUntil } = await feed.poll(limited);
    expect(record.outcome.kind).toBe('rate-limited');
    expect(holdUntil).toEqual(new Date(feed.clock.now().getTime() + 7_200_000));
    expect(record.state.nextDueAt!.getTime()).toBeGreaterThanOrEqual(holdUntil!.getTime());
  });
});

describe('row 14: permanent redirects', () => {
  const target = 'https://new.example/rss.xml';
  const daily = { feed: sampleFeed('one-feed', { everySeconds: 86_400 }) };

  it('are followed now and remembered only after many polls in a row', async () => {
    const feed = oneFeed(daily);
    const needed = sightingsNeeded(86_400);
    for (let i = 1; i <= needed; i++) {
      expect(hasMoved(feed.state(), 86_400)).toBe(false);
      await feed.poll(i % 2 ? answer([A], { permanentUrl: target }) : notModified({ permanentUrl: target }));
    }
    await feed.poll(answer([A]));
    const asked = feed.calls.requests.map(({ url }) => url);
    expect(new Set(asked.slice(0, needed))).toEqual(new Set([daily.feed.url]));
    expect(asked[needed]).toBe(target);
  });

  it('to a page that is no feed are not remembered', async () => {
    const feed = oneFeed(daily, { readFeed: () => Promise.reject(new Failure('not-a-feed', 'a login page')) });
    for (let i = 0; i < 20; i++) await feed.poll(answer([], { permanentUrl: 'https://one.example/login' }));
    expect(feed.state()).toMatchObject({ movedTo: null, movedCount: 0 });
  });

  it('temporary ones are never remembered', async () => {
    const feed = oneFeed(daily);
    for (let i = 0; i < 20; i++) await feed.poll(answer([A], { finalUrl: target }));
    expect(feed.state().movedTo).toBeNull();
  });
});

describe('row 15: gone or not found', () => {
  it('a 410 mutes at once and keeps what is known', async () => {
    const feed = oneFeed();
    await feed.poll(answer([A], { etag: '"1"' }));
    const { record } = await feed.poll(notModified({ kind: 'gone', status: 410 }));
    expect(record.outcome).toMatchObject({ kind: 'gone', reason: 'gone', status: 410 });
    expect(record.state).toMatchObject({ mutedAt: feed.clock.now(), nextDueAt: null, etag: '"1"' });
  });

  it('a 404 backs off and mutes nothing', async () => {
    const feed = oneFeed();
    const { record } = await feed.poll(new Failure('client', 'not found', { status: 404, fault: 'http' }));
    expect(record.outcome.kind).toBe('failed');
    expect(record.state.mutedAt).toBeNull();
    expect(record.state.nextDueAt).not.toBeNull();
  });
});

describe('row 41 and 42: few, bad and many entries', () => {
  it('no entries is no failure; three such polls in a row are told', async () => {
    const feed = oneFeed();
    const details: Array<string | null> = [];
    for (const given of [answer([]), answer([], { etag: '"2"' }), notModified(), answer([A])]) {
      const { record } = await feed.poll(given);
      expect(record.outcome.reason).toBeNull();
      details.push(record.outcome.detail);
    }
    expect(details).toEqual([null, null, 'no entries for 3 polls in a row', null]);
  });

  it('takes the first 300 entries and says so', async () => {
    const feed = oneFeed();
    const many = Array.from({ length: 350 }, (_, i) => entry({ id: `g${i}`, title: `T${i}` }));
    const { record } = await feed.poll(answer(many));
    expect(feed.calls.stored[0]!.items.map(({ title }) => title)).toEqual(
      many.slice(0, MAX_ENTRIES).map((e) => e.title),
    );
    expect(record.outcome.detail).toBe('350 entries, of which the first 300 were taken');
  });

  it('a partly read document is told as such and its good entries are kept', async () => {
    const partly = async (body: Uint8Array) => ({
      ...(await readJson(body)),
      problems: ['entry 2: no title'],
      repairs: ['truncated'],
    });
    const feed = oneFeed({}, { readFeed: partly });
    const { record } = await feed.poll(answer([A]));
    expect(record.outcome).toMatchObject({ added: 1, repairs: ['truncated'] });
    expect(record.outcome.detail).toBe('partly read: 1 entries could not be, e.g. entry 2: no title');
  });
});

describe('what is stored', () => {
  it('an item has canonical and raw address, credible time, day, the operator’s language, labels per dyad', async () => {
    const feed = oneFeed({ feed: sampleFeed('one-feed', { language: 'ru' }), state: FRESH_STATE });
    const publishedAt = new Date('2026-03-09T23:00:00Z');
    await feed.poll(
      answer([
        entry({
          id: 'g',
          title: 'AAA, BBB and CCC exercise',
          url: 'https://x.org/a?utm_source=rss',
          language: 'en',
          publishedAt,
        }),
        entry({ id: 'h', title: 'Weather', publishedAt: new Date('2031-01-01T00:00:00Z') }),
      ]),
    );
    expect(feed.calls.stored[0]!.items).toMatchObject([
      {
        keys: ['guid:g', 'url:x.org/a', expect.stringMatching(/^dated:/)],
        url: 'https://x.org/a',
        rawUrl: 'https://x.org/a?utm_source=rss',
        language: 'ru',
        publishedAt,
        publishedRaw: 'Mon, 09 Mar 2026 23:00:00 GMT',
        day: '2026-03-09',
        labels: ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'].map((dyad) => ({
          dyad,
          domain: 'military',
          participants: ['AAA', 'BBB', 'CCC'],
        })),
      },
      { publishedAt: null, publishedRaw: 'Wed, 01 Jan 2031 00:00:00 GMT', day: '2026-03-10', labels: [] },
    ]);
  });

  it('an item that breaks the coder is stored without labels', async () => {
    const coder = {
      ...TEST_CODER,
      code: (input: Parameters<typeof TEST_CODER.code>[0]) => {
        if (input.title === 'A') throw new Error('broken rule');
        return TEST_CODER.code(input);
      },
    };
    const feed = oneFeed({}, { coder });
    await feed.poll(answer([A, entry({ id: 'c', title: 'AAA-BBB' })]));
    expect(feed.calls.stored[0]!.items.map(({ labels }) => labels.length)).toEqual([0, 1]);
  });
});
