import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { syncSources } from '../../db/feeds.js';
import { countLeftovers, listSilentGroups, listUnpolledGroups } from '../../db/watch.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { sampleSource } from '../support/store-samples.js';

let database: TestDatabase;
let sql: Sql;
const NOW = new Date('2026-07-01T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate sources, feeds, hosts, dirty_cells, alerts, deliveries cascade`;
  const sources = [sampleSource('one', ['one-a', 'one-b']), sampleSource('two', ['two-a'])];
  for (const feed of sources.flatMap((source) => source.feeds)) feed.everySeconds = 900;
  const groups = new Map([
    ['one-a', '900s-00'],
    ['one-b', '900s-00'],
    ['two-a', '900s-01'],
  ]);
  await syncSources(sql, sources, groups, NOW);
  await sql`update feeds set last_polled_at = ${minutesAgo(20)}, next_due_at = ${minutesAgo(6)}`;
});

it('a group that is only a little late is not silent', async () => {
  expect(await listSilentGroups(sql, NOW)).toEqual([]);
});

it('a group with a feed due for more than three times its cadence is silent, the worst first', async () => {
  await sql`update feeds set next_due_at = ${minutesAgo(46)} where id = 'one-b'`;
  await sql`update feeds set next_due_at = ${minutesAgo(90)} where id = 'two-a'`;
  expect(await listSilentGroups(sql, NOW)).toEqual([
    { groupId: '900s-01', overdueSeconds: 5400, feeds: 1 },
    { groupId: '900s-00', overdueSeconds: 2760, feeds: 1 },
  ]);
});

it('feeds that nobody may poll make no group silent', async () => {
  await sql`update feeds set next_due_at = ${minutesAgo(90)}`;
  await sql`update feeds set paused = true where id = 'one-a'`;
  await sql`update feeds set muted_at = ${NOW} where id = 'one-b'`;
  await sql`insert into hosts (host, next_allowed_at, reason) select host, ${new Date(NOW.getTime() + 60_000)}, 'rate-limited' from feeds where id = 'two-a' on conflict do nothing`;
  expect(await listSilentGroups(sql, NOW)).toEqual([]);
  await sql`update hosts set next_allowed_at = ${NOW}`;
  expect((await listSilentGroups(sql, NOW)).map(({ groupId }) => groupId)).toEqual(['900s-01']);
  await sql`update feeds set removed_at = ${NOW}`;
  expect(await listSilentGroups(sql, NOW)).toEqual([]);
});

it('a group with a feed that was just added is to be polled now', async () => {
  expect(await listUnpolledGroups(sql)).toEqual([]);
  await sql`update feeds set last_polled_at = null, next_due_at = null where id = 'two-a'`;
  expect(await listUnpolledGroups(sql)).toEqual(['900s-01']);
  await sql`update feeds set paused = true where id = 'two-a'`;
  expect(await listUnpolledGroups(sql)).toEqual([]);
});

it('cells go by the clock of the world, deliveries by ours', async () => {
  await sql`insert into dirty_cells (indicator, dyad, day, marked_at) values
    ('x.trade', 'AAA-BBB', '2026-07-01', ${minutesAgo(5)}), ('x.trade', 'AAA-CCC', '2026-07-01', ${minutesAgo(1)})`;
  const query = { markedBefore: minutesAgo(2), dueBefore: minutesAgo(2) };
  expect(await countLeftovers(sql, query)).toEqual({ dirtyCells: 1, dueDeliveries: 0 });
  expect((await countLeftovers(sql, { ...query, markedBefore: NOW })).dirtyCells).toBe(2);
});
