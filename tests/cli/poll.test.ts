import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { main } from '../../cli/index.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FeedServer, rssFeed, startFeedServer } from '../support/feed-server.js';

let database: TestDatabase;
let server: FeedServer;
let sql: Sql;
let configDir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startFeedServer();
  sql = connectDatabase(database.url);
  configDir = mkdtempSync(join(tmpdir(), 'axiswatch-poll-'));
  writeFileSync(
    join(configDir, 'sources.yaml'),
    `sources:
  - id: agency
    name: Agency
    bloc: western
    feeds:
      - { id: agency-world, url: "${server.url}/world.xml", every: 15m }
      - { id: agency-asia, url: "${server.url}/asia.xml", every: 15m }
  - id: gone
    name: Gone
    bloc: other
    feeds:
      - { id: gone-feed, url: "${server.url}/gone.xml", every: 1h }
`,
  );
});
afterAll(async () => {
  await sql.end();
  await server.close();
  await database.drop();
  rmSync(configDir, { recursive: true });
});
beforeEach(async () => {
  server.requests.length = 0;
  server.routes['/world.xml'] = {
    body: rssFeed([
      { guid: '1', title: 'Russia and North Korea sign a defence treaty in Pyongyang', link: `${server.url}/1` },
      { guid: '2', title: 'Weather', link: `${server.url}/2` },
    ]),
  };
  server.routes['/asia.xml'] = { body: rssFeed([{ guid: '3', title: 'Markets', link: `${server.url}/3` }]) };
  server.routes['/gone.xml'] = { status: 404 };
  await sql`truncate sources, feeds, hosts, items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews cascade`;
});

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += String(chunk);
        done();
      },
    });
  const env = {
    DATABASE_URL: database.url,
    AXISWATCH_CONFIG_DIR: configDir,
    AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1',
    AXISWATCH_LOG_LEVEL: 'error',
  };
  const code = await main(['poll', ...argv], { out: sink('out'), err: sink('err'), env });
  return { code, ...said };
}

it('polls every feed once and tells what came of each; a failed feed makes exit code 1', async () => {
  const { code, out, err } = await run('--once');
  expect([code, err]).toEqual([1, '']);
  expect(out).toMatch(/^agency-asia +read +1 +1$/m);
  expect(out).toMatch(/^agency-world +read +2 +2$/m);
  expect(out).toMatch(/^gone-feed +failed +client: .*404/m);
  expect(out).toMatch(/3 of 3 feeds polled: 3 new items, 0 edited, \d+ observations; 0 unchanged, 1 failed/);
  expect(await sql`select count(*)::int as n from items`).toEqual([{ n: 3 }]);
});

it('polls the named feeds only, a source id naming all of its feeds, and again although not due', async () => {
  expect((await run('agency-asia', '--once')).code).toBe(0);
  expect(server.paths()).toEqual(['/asia.xml']);
  const again = await run('agency', '--once');
  expect(again.code).toBe(0);
  expect(again.out).toMatch(/^agency-asia +unchanged$/m);
  expect(server.paths().slice(1).sort()).toEqual(['/asia.xml', '/world.xml']);
});

it('polls only what is due when asked to', async () => {
  await run('agency');
  const { out, code } = await run('agency', '--due');
  expect([out, code]).toEqual(['nothing to poll\n', 0]);
});

it('gives outcomes as JSON', async () => {
  const { out } = await run('agency-world', 'gone-feed', '--json');
  expect(JSON.parse(out)).toMatchObject({
    due: 2,
    polled: 2,
    failed: 1,
    added: 2,
    feeds: [
      { feed: 'agency-world', kind: 'polled', entries: 2, added: 2, reason: null },
      { feed: 'gone-feed', kind: 'failed', reason: 'client', fault: 'http', status: 404 },
    ],
  });
});

it('a name that is no feed is wrong use, with the nearest one', async () => {
  expect(await run('agency-wrld')).toMatchObject({
    code: 2,
    err: expect.stringContaining('did you mean "agency-world"?'),
  });
  expect(server.requests).toEqual([]);
});

it('observations have words behind them, and their roll-up is there at once', async () => {
  await run('agency-world');
  const rows = await sql`select dyad, evidence from observations`;
  expect(rows.map(({ dyad }) => dyad)).toContain('PRK-RUS');
  for (const { evidence } of rows) expect(evidence.length).toBeGreaterThan(0);
  expect(await sql`select items, stories from series_days where level = 'dyad' and dyad = 'PRK-RUS'`).toEqual([
    { items: 1, stories: 1 },
  ]);
});
