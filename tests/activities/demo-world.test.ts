import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActivityRuntime } from '../../activities/deps.js';
import { createActivities } from '../../activities/index.js';
import { loadCodebook } from '../../config/codebook.js';
import { readEnv, SHIPPED_CONFIG_DIR } from '../../config/env.js';
import { configFile, loadConfig } from '../../config/load.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { groupFeeds } from '../../core/polling/groups.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { syncSources } from '../../db/feeds.js';
import { seriesMismatches } from '../../db/series.js';
import { demoSources, OUTLETS } from '../../demo/outlets.js';
import { type DemoServers, startDemoServers } from '../../demo/server.js';
import { planTimeline, type WorldItem } from '../../demo/timeline.js';
import { buildDeps } from '../../runtime/deps.js';
import { runPollGroup } from '../../workflows/orchestrate.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const DAY_MS = 86_400_000;
const START = new Date('2024-01-01T00:00:00Z');
const END = new Date('2025-12-31T23:59:59Z');
/** What passes between two ticks of the demo on an ordinary machine. */
const STEP_DAYS = 13;

const timeline = planTimeline(OUTLETS);
const { codebook, data } = loadCodebook(configFile(SHIPPED_CONFIG_DIR, 'codebook'));
let now = START;
let database: TestDatabase;
let sql: Sql;
let servers: DemoServers;
let poll: () => Promise<{ added: number; revised: number; failed: number }>;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  servers = await startDemoServers({ outlets: OUTLETS, timeline, now: () => now, slowMs: 12 });
  const sources = demoSources(servers.urls, 86_400);
  await syncSources(sql, sources, groupFeeds(sources), now);
  const env = readEnv({ AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1' });
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const config = { ...loadConfig(SHIPPED_CONFIG_DIR), sources };
  const clock = { now: () => now };
  const deps = buildDeps({ config, codebook, coder: createRulesCoder(data), sql, env, log: quiet, clock });
  const runtime: ActivityRuntime = {
    heartbeat: () => undefined,
    lastHeartbeat: () => undefined,
    signal: new AbortController().signal,
    attempt: 1,
  };
  const activities = createActivities(deps, () => runtime);
  poll = () => runPollGroup({ ...activities, startDelivery: async () => undefined }, {});
  for (let at = START.getTime(); at < END.getTime(); at += STEP_DAYS * DAY_MS) {
    now = new Date(at);
    await poll();
  }
  now = END;
  await poll();
}, 240_000);

afterAll(async () => {
  await servers?.close();
  await sql?.end();
  await database?.drop();
});

const inYears = (item: WorldItem) => item.publishedAt >= START && item.publishedAt <= END;

describe('two years of the demo world, polled for real', () => {
  it('every item is stored once, with its outlet, title and time', async () => {
    const expected = OUTLETS.flatMap((outlet) =>
      timeline
        .get(outlet.feed)!
        .filter(inYears)
        .map((item) => `${outlet.feed} ${item.publishedAt.toISOString()}`),
    );
    const rows = await sql<Array<{ feed_id: string; published_at: Date }>>`
      select feed_id, published_at from items where published_at >= ${START}`;
    expect(rows.map((row) => `${row.feed_id} ${row.published_at.toISOString()}`).sort()).toEqual(expected.sort());
  });

  it('every edit is a revision of its item', async () => {
    const edited = [...timeline.values()].flat().filter((item) => inYears(item) && item.edit && item.edit.at <= END);
    const [row] = await sql`select count(*)::int as n from revisions r join items i on i.id = r.item_id
      where i.published_at >= ${START}`;
    expect(row?.n).toBe(edited.length);
  });

  it('every pair of members has stories in both years', async () => {
    const rows = await sql<Array<{ dyad: string; year: string }>>`
      select distinct dyad, to_char(day, 'YYYY') as year from series_days where level = 'dyad' and items > 0 and day >= ${'2024-01-01'}`;
    const expected = codebook.dyads.flatMap((dyad) => ['2024', '2025'].map((year) => `${dyad} ${year}`));
    expect(rows.map((row) => `${row.dyad} ${row.year}`).sort()).toEqual(expected);
  });

  it('the roll-up equals a full recount', async () => {
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('the feed that broke is told in two ways and is well again', async () => {
    const reasons = await sql<Array<{ reason: string }>>`
      select distinct reason from polls where feed_id = 'volga-ru' and kind = 'failed' order by reason`;
    expect(reasons.map((row) => row.reason)).toEqual(['not-a-feed', 'server']);
    const failing = await sql`select id from feeds where consecutive_failures > 0`;
    expect([...failing]).toEqual([]);
  });

  it('one more look changes nothing', async () => {
    now = new Date(END.getTime() + 2 * DAY_MS);
    expect(await poll()).toMatchObject({ added: 0, revised: 0, failed: 0 });
  });
});
