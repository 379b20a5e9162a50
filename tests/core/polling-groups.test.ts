import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkFeeds } from '../../core/polling/chunks.js';
import { groupFeeds, MAX_FEEDS_PER_GROUP, parseGroupId } from '../../core/polling/groups.js';
import { fixedShare, hashText, hostOf } from '../../core/polling/host.js';

const feed = (id: string, url: string, everySeconds = 900) => ({ id, url, everySeconds });
const manyHosts = (count: number) =>
  Array.from({ length: count }, (_, i) => feed(`f${i}`, `http://10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/rss`));

describe('hosts', () => {
  it('are compared in lower case with their port', () => {
    expect(hostOf('https://News.Example.ORG/a')).toBe('news.example.org');
    expect(hostOf('http://127.0.0.1:8081/a')).toBe('127.0.0.1:8081');
  });

  it('of an unreadable address are the address itself', () => {
    expect(hostOf('no address')).toBe('no address');
  });

  it('hash alike on every machine', () => {
    expect([hashText(''), hashText('news.example.org')]).toEqual([2872998923, 3377896658]);
    expect(fixedShare('x')).toBeGreaterThanOrEqual(0);
    expect(fixedShare('x')).toBeLessThan(1);
  });
});

describe('groupFeeds', () => {
  it('puts a few feeds of one cadence into one group with a readable id', () => {
    const groups = groupFeeds([
      { feeds: [feed('a', 'http://a.example/rss'), feed('b', 'http://b.example/rss', 3600)] },
      { feeds: [feed('c', 'http://c.example/rss')] },
    ]);
    expect([...groups]).toEqual([
      ['a', '900s-00'],
      ['c', '900s-00'],
      ['b', '3600s-00'],
    ]);
  });

  it('keeps every group of 10,000 feeds within the limit, most of them well filled', () => {
    const sizes = new Map<string, number>();
    for (const group of groupFeeds([{ feeds: manyHosts(10_000) }]).values())
      sizes.set(group, (sizes.get(group) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBeLessThanOrEqual(MAX_FEEDS_PER_GROUP);
    expect(sizes.size).toBeLessThanOrEqual(75);
  });

  it('never parts the feeds of one host and cadence, even beyond the limit', () => {
    const one = Array.from({ length: 300 }, (_, i) => feed(`q${i}`, `https://search.example/rss?q=${i}`));
    const groups = groupFeeds([{ feeds: [...one, ...manyHosts(500)] }]);
    expect(new Set(one.map(({ id }) => groups.get(id))).size).toBe(1);
  });

  it('does not depend on the order of the sources', () => {
    const feeds = manyHosts(450);
    const forward = groupFeeds([{ feeds }]);
    const backward = groupFeeds(feeds.map((f) => ({ feeds: [f] })).reverse());
    expect(Object.fromEntries(backward)).toEqual(Object.fromEntries(forward));
  });

  it('leaves all feeds where they are when one more comes within the same number of shards', () => {
    const before = groupFeeds([{ feeds: manyHosts(150) }]);
    const after = groupFeeds([{ feeds: manyHosts(151) }]);
    for (const [id, group] of before) expect(after.get(id)).toBe(group);
  });

  it('has ids that can be read back', () => {
    expect(parseGroupId('900s-03')).toEqual({ everySeconds: 900, shard: 3 });
    expect(parseGroupId('900s-3')).toBeNull();
  });
});

describe('chunkFeeds', () => {
  const due = (hosts: Record<string, number>) =>
    Object.entries(hosts).flatMap(([host, n]) => Array.from({ length: n }, (_, i) => ({ id: `${host}${i}`, host })));

  it('fills chunks with whole hosts', () => {
    expect(chunkFeeds(due({ a: 2, b: 2, c: 1 }), { size: 3, lanes: 2 })).toEqual([
      [['a0', 'a1', 'c0']],
      [['b0', 'b1']],
    ]);
  });

  it('gives a host that is too big for a chunk its own chunks in one lane', () => {
    expect(chunkFeeds(due({ a: 1, big: 5 }), { size: 2, lanes: 2 })).toEqual([
      [['big0', 'big1'], ['big2', 'big3'], ['big4']],
      [['a0']],
    ]);
  });

  it('pins hosts to lanes at chunk size 1', () => {
    expect(chunkFeeds(due({ a: 2, b: 1 }), { size: 1, lanes: 5 })).toEqual([[['a0'], ['a1']], [['b0']]]);
  });

  it('gives no lanes for no feeds', () => {
    expect(chunkFeeds([])).toEqual([]);
  });

  it('polls every feed once, no chunk too big, no host in two lanes or split without need', () => {
    const feeds = fc.array(fc.record({ id: fc.uuid(), host: fc.constantFrom(...'abcdefgh') }), { maxLength: 80 });
    fc.assert(
      fc.property(feeds, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 6 }), (input, size, laneCount) => {
        const lanes = chunkFeeds(input, { size, lanes: laneCount });
        const host = new Map(input.map((f) => [f.id, f.host]));
        expect(lanes.flat(2).sort()).toEqual(input.map((f) => f.id).sort());
        expect(lanes.length).toBeLessThanOrEqual(laneCount);
        expect(lanes.flat().every((chunk) => chunk.length >= 1 && chunk.length <= size)).toBe(true);
        for (const h of new Set(host.values())) {
          const inLanes = lanes.filter((lane) => lane.flat().some((id) => host.get(id) === h));
          expect(inLanes.length).toBe(1);
          const count = input.filter((f) => f.host === h).length;
          const inChunks = lanes.flat().filter((chunk) => chunk.some((id) => host.get(id) === h));
          expect(inChunks.length).toBe(Math.ceil(count / size));
        }
      }),
    );
  });
});
