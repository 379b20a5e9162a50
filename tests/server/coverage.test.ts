import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { coverageCtes } from '../../db/coverage.js';
import { recordPolls } from '../../db/feeds.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { addSources, sampleRecord, sampleSource } from '../support/store-samples.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  await addSources(sql, sampleSource('north', ['a', 'b']));
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate coverage_days`;
  await sql`update feeds set last_polled_at = null, removed_at = null, reaches_back_to = null`;
});

/** A success of `feed` at noon of `day`, whose oldest entry was of `back` (a day, at 08:00) or unknown. */
async function read(feed: string, day: string, back: string | null = null, kind: 'polled' | 'failed' = 'polled') {
  const at = new Date(`${day}T12:00:00Z`);
  const reachesBackTo = back === null ? null : new Date(`${back}T08:00:00Z`);
  await recordPolls(sql, [sampleRecord(feed, at, { outcome: { kind }, record: { reachesBackTo } })]);
}

async function covered(today: string, from: string | null = null): Promise<Record<string, number>> {
  const rows = await sql<Array<{ day: string; feeds: number }>>`
    with ${coverageCtes(sql, today, from)} select day, feeds from covered order by day`;
  return Object.fromEntries(rows.map(({ day, feeds }) => [day, feeds]));
}

it('a day is covered by every feed that was read on it, and a failed poll covers nothing', async () => {
  await read('a', '2026-03-01');
  await read('b', '2026-03-01');
  await read('a', '2026-03-02');
  await read('b', '2026-03-02', null, 'failed');
  expect(await covered('2026-03-10')).toEqual({ '2026-03-01': 2, '2026-03-02': 1 });
});

it('days of an outage are covered as far as the next read still reaches back; the day of its oldest entry is not whole', async () => {
  await read('a', '2026-03-01');
  await read('a', '2026-03-06', '2026-03-03');
  expect(await covered('2026-03-10')).toEqual({ '2026-03-01': 1, '2026-03-04': 1, '2026-03-05': 1, '2026-03-06': 1 });
});

it('an outage longer than the memory of the feed stays a gap', async () => {
  await read('a', '2026-03-01');
  await read('a', '2026-03-06', '2026-03-06');
  expect(await covered('2026-03-10')).toEqual({ '2026-03-01': 1, '2026-03-06': 1 });
});

it('a memory that reaches behind the read before counts no day twice', async () => {
  await read('a', '2026-03-01', '2026-02-27');
  await read('a', '2026-03-03', '2026-02-20');
  expect(await covered('2026-03-10')).toEqual({ '2026-02-28': 1, '2026-03-01': 1, '2026-03-02': 1, '2026-03-03': 1 });
});

it('an old entry that a feed keeps on top vouches for 31 days, not for years', async () => {
  await read('a', '2026-03-01', '2019-01-01');
  const days = Object.keys(await covered('2026-03-10'));
  expect([days.length, days[0], days.at(-1)]).toEqual([32, '2026-01-29', '2026-03-01']);
});

it('narrowed to a range, its days are the same', async () => {
  await read('a', '2026-02-01');
  await read('a', '2026-03-06', '2026-02-20');
  await read('b', '2026-03-04', '2026-03-01');
  const all = await covered('2026-03-10');
  const late = Object.fromEntries(Object.entries(all).filter(([day]) => day >= '2026-03-03'));
  expect(await covered('2026-03-10', '2026-03-03')).toEqual(late);
  expect(late).toEqual({ '2026-03-03': 2, '2026-03-04': 2, '2026-03-05': 1, '2026-03-06': 1 });
});

it('a feed that is no longer configured covers nothing, and what is read later was not known before', async () => {
  await read('a', '2026-03-01');
  await read('b', '2026-03-03');
  expect(await covered('2026-03-02')).toEqual({ '2026-03-01': 1 });
  await sql`update feeds set removed_at = now() where id = 'a'`;
  expect(await covered('2026-03-10')).toEqual({ '2026-03-03': 1 });
});
