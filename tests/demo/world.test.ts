import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/load.js';
import { demoSources, OUTLETS } from '../../demo/outlets.js';
import { BREAKS_AT, type DemoServers, GARBAGE_AT, HEALS_AT, MOVES_AT, startDemoServers } from '../../demo/server.js';
import { startDemoWorld } from '../../demo/start-world.js';
import { planTimeline, RETRACTED_ID, windowAt } from '../../demo/timeline.js';
import { readFeedBytes } from '../../feeds/parse.js';

const timeline = planTimeline(OUTLETS);
const END = new Date('2025-12-31T23:59:59Z');
let now = END;
let servers: DemoServers;
let requests = 0;

beforeAll(async () => {
  servers = await startDemoServers({
    outlets: OUTLETS,
    timeline,
    now: () => now,
    onRequest: () => {
      requests++;
    },
  });
});
afterAll(() => servers.close());

const outletOf = (quirk: string) => OUTLETS.find((outlet) => outlet.quirk === quirk)!;

async function get(feed: string, headers: Record<string, string> = {}, path?: string) {
  const url = servers.urls.get(feed)!;
  return fetch(path ? new URL(path, url) : url, { headers, redirect: 'manual' });
}

async function read(feed: string) {
  const outlet = OUTLETS.find((one) => one.feed === feed)!;
  const response = await fetch(servers.urls.get(feed)!);
  const body = new Uint8Array(await response.arrayBuffer());
  return readFeedBytes(body, {
    contentType: response.headers.get('content-type'),
    finalUrl: response.url,
    timezone: outlet.timezone,
    now,
  });
}

describe('every outlet', () => {
  it.each(OUTLETS.map((outlet) => [outlet.feed, outlet] as const))(
    '%s is read entry by entry',
    async (feed, outlet) => {
      now = END;
      const shown = windowAt(timeline.get(feed)!, now).shown;
      const got = await read(feed);
      expect(got.format).toBe(outlet.format);
      const source = demoSources(servers.urls, 60).find((one) => one.id === outlet.source)!;
      expect(got.language ?? source.language).toBe(outlet.language);
      expect(got.repairs).toEqual([]);
      const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
      expect(got.entries.map((entry) => [plain(entry.title), entry.publishedAt?.toISOString()])).toEqual(
        // RFC 822 knows no fractions of a second; nor do the plans.
        shown.map((item) => [plain(item.title), item.publishedAt.toISOString()]),
      );
      expect(got.entries.every((entry) => entry.url?.startsWith(`https://${outlet.source}.example/`))).toBe(true);
    },
  );

  it('speaks RSS, Atom, RDF or JSON', () => {
    expect(new Set(OUTLETS.map((outlet) => outlet.format))).toEqual(new Set(['rss', 'atom', 'rdf', 'json']));
  });

  it('shows over the two years every item of its world once or longer', () => {
    for (const [feed, items] of timeline) {
      const seen = new Set<string>();
      // A poll every 30 days is slower than any machine polls the demo.
      for (let day = 0; day <= 731; day += 30)
        for (const item of windowAt(items, new Date(Date.UTC(2024, 0, 1 + day))).shown) seen.add(item.id);
      const published = items.filter(
        (item) => item.publishedAt >= new Date('2024-01-01') && item.publishedAt < new Date('2025-12-20'),
      );
      expect(
        published.filter((item) => !seen.has(item.id)),
        feed,
      ).toEqual([]);
    }
  });
});

describe('conditional requests', () => {
  it('both validators are given and honoured, each by itself', async () => {
    now = END;
    const first = await get('wire-a');
    const etag = first.headers.get('etag')!;
    const lastModified = first.headers.get('last-modified')!;
    expect((await get('wire-a', { 'if-none-match': etag })).status).toBe(304);
    expect((await get('wire-a', { 'if-modified-since': lastModified })).status).toBe(304);
    expect((await get('wire-a', { 'if-none-match': '"other"', 'if-modified-since': lastModified })).status).toBe(200);
  });

  it('a new item changes them', async () => {
    now = new Date('2024-06-01T00:00:00Z');
    const etag = (await get('wire-a')).headers.get('etag')!;
    expect((await get('wire-a', { 'if-none-match': etag })).status).toBe(304);
    now = new Date('2024-07-01T00:00:00Z');
    expect((await get('wire-a', { 'if-none-match': etag })).status).toBe(200);
  });
});

describe('what outlets do', () => {
  it('one moves for good', async () => {
    const { feed } = outletOf('moves');
    now = new Date(MOVES_AT - 1);
    expect((await get(feed)).status).toBe(200);
    now = new Date(MOVES_AT);
    const moved = await get(feed);
    expect([moved.status, moved.headers.get('location')]).toEqual([301, '/rss/v2']);
    expect((await get(feed, {}, '/rss/v2')).status).toBe(200);
  });

  it('one breaks, shows a page where the feed was, and heals', async () => {
    const { feed } = outletOf('breaks-and-heals');
    const statusAt = async (time: number) => {
      now = new Date(time);
      return (await get(feed)).status;
    };
    expect(await statusAt(BREAKS_AT - 1)).toBe(200);
    expect(await statusAt(BREAKS_AT)).toBe(500);
    expect(await statusAt(GARBAGE_AT)).toBe(200);
    await expect(read(feed)).rejects.toMatchObject({ reason: 'not-a-feed' });
    now = new Date(HEALS_AT);
    expect((await read(feed)).entries.length).toBeGreaterThan(0);
  });

  it('one writes windows-1251', async () => {
    const { feed } = outletOf('windows-1251');
    now = END;
    expect((await get(feed)).headers.get('content-type')).toContain('windows-1251');
    expect((await read(feed)).encoding).toBe('windows-1251');
  });

  it('one is slow: its bytes come in portions', async () => {
    const { feed } = outletOf('slow');
    now = END;
    const portions: number[] = [];
    for await (const chunk of (await get(feed)).body!) portions.push(chunk.length);
    expect(portions.length).toBeGreaterThan(1);
  });

  it('some titles are edited after publication', () => {
    const items = [...timeline.values()].flat();
    const edited = items.find((item) => item.edit)!;
    const title = (time: Date) => windowAt([edited], time).shown[0]?.title;
    expect(title(edited.publishedAt)).toBe(edited.title);
    expect(title(edited.edit!.at)).toBe(`${edited.title} (updated)`);
  });

  it('one report is taken back', () => {
    const item = [...timeline.values()].flat().find((one) => one.id === RETRACTED_ID)!;
    expect(windowAt([item], item.publishedAt).shown).toHaveLength(1);
    expect(windowAt([item], item.retractedAt!).shown).toEqual([]);
  });

  it('a paper repeats reports of the wire', () => {
    const courier = timeline.get('courier')!.map((item) => item.title);
    const wire = timeline.get('wire-a')!.map((item) => item.title);
    expect(courier.filter((title) => wire.includes(title)).length).toBeGreaterThan(3);
  });
});

describe('the world as a whole', () => {
  it('waits for the first request, and tells its feeds as configuration', async () => {
    const configDir = join(mkdtempSync(join(tmpdir(), 'axiswatch-demo-')), 'config');
    let real = 0;
    const world = await startDemoWorld({ configDir, real: () => new Date(real), seconds: 100 });
    try {
      real = 60_000;
      expect(world.clock.now().toISOString()).toBe('2024-01-01T00:00:00.000Z');
      const feeds = world.config.sources.flatMap((source) => source.feeds);
      await fetch(feeds[0]!.url);
      real = 61_000;
      expect(world.clock.now().toISOString().slice(0, 10)).toBe('2024-01-08');
      expect(feeds).toHaveLength(OUTLETS.length);
      expect(loadConfig(configDir)).toEqual(world.config);
      expect(readFileSync(join(configDir, 'sources.yaml'), 'utf8')).toContain('every: 1d');
      expect(world.config.rules.map((rule) => rule.id)).toEqual(['first-in-months', 'first-friction', 'busy-pair']);
    } finally {
      await world.close();
    }
  });

  it('leaves rules alone that somebody changed', async () => {
    const configDir = mkdtempSync(join(tmpdir(), 'axiswatch-demo-'));
    const mine = 'rules: [{ id: mine, kind: level, scope: {}, series: dyad, window_days: 7, threshold: 3 }]\n';
    writeFileSync(join(configDir, 'rules.yaml'), mine);
    const world = await startDemoWorld({ configDir, real: () => new Date(0), seconds: 100 });
    await world.close();
    expect(world.config.rules.map((rule) => rule.id)).toEqual(['mine']);
    expect(readFileSync(join(configDir, 'rules.yaml'), 'utf8')).toBe(mine);
  });

  it('ends after its last item, by more than outlets are behind', () => {
    const days = [...timeline.values()].flat().map((item) => item.publishedAt.toISOString().slice(0, 10));
    expect(days.sort().at(-1)! <= '2025-12-29').toBe(true);
  });

  it('counted its requests', () => {
    expect(requests).toBeGreaterThan(OUTLETS.length);
  });
});
