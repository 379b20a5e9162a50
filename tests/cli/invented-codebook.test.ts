import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../cli/index.js';
import { CODER } from '../../cli/open-context.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { loadInstallation } from '../../runtime/load-installation.js';
import { createLog } from '../../runtime/log.js';
import { startServer } from '../../server/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FeedServer, rssFeed, startFeedServer } from '../support/feed-server.js';

// No actor, domain or indicator is written in the program: three invented islands go the whole way, from a feed's bytes to the page.
const INVENTED = fileURLToPath(new URL('../coder/fixtures/codebook-invented', import.meta.url));

let database: TestDatabase;
let server: FeedServer;
let sql: Sql;
let configDir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startFeedServer();
  sql = connectDatabase(database.url);
  configDir = mkdtempSync(join(tmpdir(), 'axiswatch-islands-'));
  cpSync(INVENTED, join(configDir, 'codebook'), { recursive: true });
  writeFileSync(
    join(configDir, 'sources.yaml'),
    `sources:
  - { id: gazette, name: Island Gazette, bloc: other, language: en, feeds: [{ id: gazette, url: "${server.url}/islands.xml", every: 15m }] }
  - { id: herald, name: Herald, bloc: western, language: en, feeds: [{ id: herald, url: "${server.url}/herald.xml", every: 15m }] }
`,
  );
  writeFileSync(
    join(configDir, 'rules.yaml'),
    `rules:
  - { id: any-quarrel, kind: level, scope: { polarity: -1, domain: [maritime] }, series: indicator, window_days: 7, threshold: 1, single_source: true, severity: high }
`,
  );
  const entry = (id: string, title: string) => ({ guid: id, title, link: `${server.url}/${id}` });
  server.routes['/islands.xml'] = {
    body: rssFeed([
      entry('1', 'Aldorian patrol seizes Brevonian trawler off cape'),
      entry('2', 'Aldoria and Brevonia sign fishing accord'),
      entry('3', 'Russia and China sign a treaty'),
    ]),
  };
  server.routes['/herald.xml'] = { body: rssFeed([entry('4', 'Weather over Aldoria')]) };
});
afterAll(async () => {
  await sql.end();
  await server.close();
  await database.drop();
  rmSync(configDir, { recursive: true });
});

async function run(...argv: string[]): Promise<string> {
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
  const code = await main(argv, { out: sink('out'), err: sink('err'), env });
  expect([code, said.err]).toEqual([0, '']);
  return said.out;
}

it('polls, codes, stores and rolls up acts of members that nobody has heard of', async () => {
  expect(await run('poll', '--once')).toContain('2 of 2 feeds polled: 4 new items, 0 edited, 2 observations');
  const rows = await sql`select indicator, domain, dyad, polarity from observations order by indicator`;
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { indicator: 'sea.fishing', domain: 'maritime', dyad: 'ALD-BRE', polarity: 1 },
    { indicator: 'sea.quarrel', domain: 'maritime', dyad: 'ALD-BRE', polarity: -1 },
  ]);
  const [kept] = await sql`select content from codebooks`;
  expect(kept!.content.members.map((member: { code: string }) => member.code)).toEqual(['ALD', 'BRE', 'CYR']);
});

it('answers in their words', async () => {
  const trends = JSON.parse(await run('trends', '--dyad', 'BRE-ALD', '--domain', 'maritime', '--last', '4w', '--json'));
  const total = (indicator: string) =>
    trends.series
      .filter((series: { indicator: string }) => series.indicator === indicator)
      .flatMap((series: { points: Array<{ stories: number | null }> }) => series.points)
      .reduce((sum: number, point: { stories: number | null }) => sum + (point.stories ?? 0), 0);
  expect([total('sea.fishing'), total('sea.quarrel')]).toEqual([1, 1]);
  const matrix = await run('matrix');
  expect(matrix).toMatch(/^pair +maritime +cultural/m);
  expect(matrix).toMatch(/ALD.BRE[\s\S]*ALD.CYR[\s\S]*BRE.CYR/);
  const items = JSON.parse(await run('items', '--dyad', 'ALD-BRE', '--json'));
  expect(items.items).toHaveLength(2);
  expect(await run('explain', items.items[0].id)).toMatch(/ALD.BRE/);
  expect(await run('alerts', 'list')).toContain('Quarrels at sea');
});

it('shows them on the page', async () => {
  const { config, codebook } = loadInstallation(configDir);
  const running = await startServer({
    sql,
    config,
    codebook,
    coderVersion: CODER,
    version: '0.0.0',
    clock: { now: () => new Date() },
    env: { host: '127.0.0.1', port: 0, apiToken: null },
    log: createLog({ logLevel: 'silent' }, new Writable({ write: (_chunk, _encoding, done) => done() })),
    readiness: async () => ({
      ready: true,
      problems: [],
      temporal: { address: null, server_version: null, worker: null },
    }),
    banner: null,
  });
  try {
    const page = await (await fetch(running.url)).text();
    expect(page).toContain('Aldoria and Brevonia');
    expect(page).toContain('Maritime');
    expect(page).toContain('Quarrels at sea');
    expect(page).not.toMatch(/CHN|RUS/);
  } finally {
    await running.close();
  }
});
