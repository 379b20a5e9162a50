import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestSourceDeps, testSource } from '../../activities/test-source.js';
import { createFetchFeed } from '../../feeds/fetch.js';
import { readFeedBytes } from '../../feeds/parse.js';
import { type FeedServer, rssFeed, startFeedServer } from '../support/feed-server.js';

const NOW = new Date('2026-11-24T12:00:00Z');
const FEED = rssFeed([
  { guid: '17', title: 'One & two', link: '/1', date: 'Tue, 24 Nov 2026 10:00:00', text: 'Text' },
  { link: 'https://example.org/2' },
]).replace('One &amp; two', 'One & two');
let server: FeedServer;
let said: string[];

beforeEach(async () => {
  server = await startFeedServer({ '/feed': { body: FEED } });
  said = [];
});
afterEach(() => server.close());

function deps(overrides: Partial<TestSourceDeps> = {}): TestSourceDeps {
  return {
    clock: { now: () => NOW },
    fetchFeed: createFetchFeed({ allowAddresses: ['127.0.0.1'], userAgent: 'axiswatch/test' }),
    readFeed: readFeedBytes,
    findFeed: () => null,
    readFile: async () => null,
    tell: (sentence) => said.push(sentence),
    signal: new AbortController().signal,
    ...overrides,
  };
}

const FAILED = { reason: null, format: null, encoding: null, repairs: [], entries: [], suggestions: [] };

it('reads a URL and reports exactly what the contract names', async () => {
  const target = `${server.url}/feed`;
  expect(await testSource(deps(), target)).toEqual({
    target,
    outcome: 'polled',
    reason: null,
    format: 'rss',
    encoding: 'utf-8',
    repairs: ['bare-ampersand'],
    entries: [
      {
        id: '17',
        title: 'One & two',
        url: 'https://example.org/1',
        published_at: '2026-11-24T10:00:00.000Z',
        updated_at: null,
        summary: 'Text',
      },
      { id: null, title: null, url: 'https://example.org/2', published_at: null, updated_at: null, summary: null },
    ],
    suggestions: [],
  });
});

it('reads a configured feed with its zone and kind', async () => {
  server.routes['/page'] = {
    headers: { 'Content-Type': 'text/html' },
    body: '<ul><li><a href="/a">Action</a> <i>2026-11-24 15:00</i></li></ul>',
  };
  const findFeed = (id: string) =>
    id === 'ofac'
      ? {
          url: `${server.url}/page`,
          kind: 'html-list' as const,
          timezone: 'Asia/Seoul',
          options: { list: { entry: 'li', date: 'i' } },
        }
      : null;
  const report = await testSource(deps({ findFeed }), 'ofac');
  expect(report?.entries).toEqual([
    {
      id: null,
      title: 'Action',
      url: `${server.url}/a`,
      published_at: '2026-11-24T06:00:00.000Z',
      updated_at: null,
      summary: null,
    },
  ]);
});

it('reads a file', async () => {
  const report = await testSource(
    deps({ readFile: async (path) => (path === './saved feed.xml' ? Buffer.from(FEED) : null) }),
    './saved feed.xml',
  );
  expect(report).toMatchObject({
    target: './saved feed.xml',
    outcome: 'polled',
    entries: [{ url: 'https://example.org/1' }, {}],
  });
});

it('a target that is nothing gives nothing', async () => {
  expect(await testSource(deps(), 'no-such-feed')).toBeNull();
});

it('a page names the feeds it knows', async () => {
  server.routes['/'] = {
    headers: { 'Content-Type': 'text/html' },
    body: '<!doctype html><link rel="alternate" type="application/atom+xml" href="/atom.xml">',
  };
  const target = `${server.url}/`;
  expect(await testSource(deps(), target)).toEqual({
    ...FAILED,
    target,
    outcome: 'failed',
    reason: 'not-a-feed',
    suggestions: [`${server.url}/atom.xml`],
  });
  expect(said.join()).toContain('web page');
});

it.each([
  [410, {}, { outcome: 'gone', reason: 'gone' }],
  [429, { 'Retry-After': '60' }, { outcome: 'rate-limited', reason: 'rate-limited' }],
  [404, {}, { outcome: 'failed', reason: 'client' }],
  [500, {}, { outcome: 'failed', reason: 'server' }],
])('HTTP %i is told as such', async (status, headers, expected) => {
  server.routes['/x'] = { status, headers };
  const target = `${server.url}/x`;
  expect(await testSource(deps(), target)).toEqual({ ...FAILED, target, ...expected });
  expect(said).toHaveLength(1);
});

it.each([
  ['a private address', 'http://10.0.0.1/feed', 'network'],
  ['another scheme', 'file:///etc/passwd', 'network'],
])('%s is refused', async (_, target, reason) => {
  expect(await testSource(deps(), target)).toEqual({ ...FAILED, target, outcome: 'failed', reason });
});

it('says where a feed has moved', async () => {
  server.routes['/old'] = { status: 301, headers: { Location: '/feed' } };
  expect(await testSource(deps(), `${server.url}/old`)).toMatchObject({ outcome: 'polled' });
  expect(said).toEqual([`The feed has moved for good to ${server.url}/feed`]);
});

it('a fault of ours is not taken for one of the feed', async () => {
  const readFeed = () => Promise.reject(new TypeError('a bug'));
  await expect(testSource(deps({ readFeed }), `${server.url}/feed`)).rejects.toThrow(TypeError);
});

it('a file of the corpus comes out as its reference says', async () => {
  const folder = new URL('../../../shared/corpus/', import.meta.url);
  const { file, entries } = JSON.parse(readFileSync(new URL('feeds.expected.jsonl', folder), 'utf8').split('\n')[1]!);
  const report = await testSource(deps({ readFile: async () => readFileSync(new URL(`feeds/${file}`, folder)) }), file);
  expect(report?.entries.map(({ title, url, id }) => ({ title, url, id }))).toEqual(
    entries.map(({ title, link, id }: Record<string, string>) => ({ title, url: link, id })),
  );
});
