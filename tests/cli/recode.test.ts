import { afterEach, beforeEach, expect, it } from 'vitest';
import { recodeItems } from '../../activities/recode.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { endRecoding } from '../../db/recodings.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type IslandConfig, makeIslandConfig, runCommand } from '../support/island-config.js';
import { testRuntime } from '../support/poll-deps.js';
import { begin, fillIslands, OLD, recodeDeps, TITLES } from '../support/recode-world.js';

let database: TestDatabase;
let sql: Sql;
let islands: IslandConfig;

beforeEach(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 2 });
  islands = makeIslandConfig();
  await fillIslands(sql, 50);
});
afterEach(async () => {
  islands.remove();
  await sql.end();
  await database.drop();
});

const run = (...argv: string[]) =>
  runCommand(argv, {
    DATABASE_URL: `${database.url}?default_transaction_read_only=${argv.includes('--dry-run') ? 'on' : 'off'}`,
    AXISWATCH_CONFIG_DIR: islands.configDir,
    AXISWATCH_LOG_LEVEL: 'error',
  });

async function recode(): Promise<string> {
  const { id } = await begin(sql, islands.later);
  await recodeItems(recodeDeps(sql), testRuntime(), { id, maxItems: 1e6 });
  return id;
}

it('a dry run reports as the run itself does, over a connection that may not write', async () => {
  const dry = await run('recode', '--dry-run', '--json', '--codebook', islands.laterDir);
  expect([dry.code, dry.err]).toEqual([0, '']);
  expect(await sql`select from recodings`).toHaveLength(0);
  const { id, state, requested_at, ended_at, observations, ...forecast } = JSON.parse(dry.out);
  expect([id, state, observations]).toEqual([null, 'dry-run', 0]);
  expect(forecast.moved).toEqual({ gained: 10, lost: 10, status: 0, items: 20 });

  await recode();
  const report = await run('recode', 'report', '--json');
  const {
    id: _,
    state: __,
    requested_at: ___,
    ended_at: ____,
    observations: written,
    ...done
  } = JSON.parse(report.out);
  expect(written).toBe(30);
  expect(done).toEqual(forecast);
});

it('the report names series, items and both labels', async () => {
  const id = await recode();
  const { out } = await run('recode', 'report', id.slice(-8), '--by', 'month', '--limit', '30');
  expect(out).toMatch(/Recoding [0-9a-f]{8}, done: 50 items of the first day to today by rules/);
  expect(out).toContain('moved: 10 gained, 10 lost, 0 with another status, in 20 items');
  expect(out).toMatch(/sea\.quarrel +ALD-BRE +2026-01 +10 +0 +0 +\+10/);
  expect(out).toMatch(/sea\.fishing +ALD-BRE +2026-01 +0 +10 +0 +−10/);
  expect(out).toMatch(/ALD-BRE {2}sea\.quarrel {2}gained \(occurred, severity \d, confidence 0\.\d\d\)/);
  expect(out).toContain(TITLES.gained);
  const { moves } = JSON.parse((await run('recode', 'report', id, '--json')).out);
  expect(moves.find((move: { kind: string }) => move.kind === 'lost')).toMatchObject({
    title: TITLES.lost,
    source: 'gazette',
    before: { status: 'occurred', codebook_version: OLD.codebook.version },
    after: null,
  });
  const short = await run('recode', 'report', '--limit', '3');
  expect(short.out).toContain('and 17 more');
});

it('status lists runs; cancel ends the running one, and a new one is refused until then', async () => {
  expect((await run('recode', 'status')).out).toBe('no history was coded again yet\n');
  await recode();
  const { id } = await begin(sql, islands.later, {}, new Date('2026-06-02T00:00:00Z'));
  const listed = JSON.parse((await run('recode', 'status', '--json')).out).recodings;
  expect(listed.map((one: { state: string }) => one.state)).toEqual(['running', 'done']);
  const second = await run('recode');
  expect([second.code, second.err]).toEqual([
    1,
    expect.stringContaining(`recoding ${id.slice(-8)} (0 of 50 items) is running`),
  ]);
  expect((await run('recode', 'cancel')).out).toContain(`recoding ${id.slice(-8)} cancelled after 0 of 50 items`);
  expect(await run('recode', 'cancel')).toMatchObject({ code: 2, err: 'no recoding is running\n' });
});

it('a failed run says why', async () => {
  const { id } = await begin(sql, islands.later);
  await endRecoding(sql, id, 'failed', new Date(), 'the disk is full');
  expect((await run('recode', 'status')).out).toMatch(/failed.*the disk is full/);
  expect((await run('recode', 'report')).out).toContain('the disk is full');
});

it.each([
  [['--from', '2026-02-01', '--to', '2026-01-01'], '--from 2026-02-01 is not before --to 2026-01-01'],
  [['--from', '1/2/2026'], 'write YYYY-MM-DD'],
  [['report', '1234'], 'no recoding "1234"'],
  [['report', '--by', 'year'], 'Allowed choices are range, month'],
])('%j is wrong use', async (argv, message) => {
  const { code, err } = await run('recode', ...argv);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});
