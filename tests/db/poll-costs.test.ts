import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PollDeps } from '../../activities/deps.js';
import { pollChunk } from '../../activities/poll-feeds.js';
import type { Entry } from '../../core/identity/entry.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { probeItems } from '../../db/items.js';
import type { FetchedFeed } from '../../feeds/feed.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { entry } from '../support/entries.js';
import { answer, databaseDeps, movedClock, notModified, testRuntime } from '../support/poll-deps.js';
import { addSources, sampleSource } from '../support/store-samples.js';

/**
 * What a poll costs on a real Postgres, in counters that do not depend on the machine: statements sent, tuples written, bytes of WAL.
 * A statement of postgres.js is one round trip once it is prepared; every connection here is warmed up first.
 */
let database: TestDatabase;
let sql: Sql;
let watch: Sql;
let pid: number;
const statements: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  // One connection: its statements are then prepared by the first poll, as on a worker that has run for a minute.
  sql = connectDatabase(database.url, { max: 1, onStatement: (text) => statements.push(text) });
  watch = connectDatabase(database.url, { max: 1 });
  await addSources(sql, sampleSource('one'));
  pid = (await sql`select pg_backend_pid() as pid`)[0]!.pid;
});
afterAll(async () => {
  await sql.end();
  await watch.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews cascade`;
  await sql`update feeds set last_polled_at = null, body_digest = null, entries_digest = null, etag = null`;
});

const ITEM_TABLES = ['items', 'item_keys', 'revisions', 'stories', 'observations', 'series_days', 'dirty_cells'];

/**
 * What the connection of the polls has written so far: tuples per table of items, and WAL of its own (Postgres 18 counts that per
 * backend, so neither autovacuum nor another test is in it).
 */
async function readCounters() {
  await sql`select pg_stat_force_next_flush()`;
  const rows = await watch`
    select relname, n_tup_ins + n_tup_upd + n_tup_del as written from pg_stat_user_tables where relname = any(${ITEM_TABLES})`;
  const [wal] = await watch`select wal_records, wal_bytes from pg_stat_get_backend_wal(${pid})`;
  return {
    tuples: Object.fromEntries(rows.map((row) => [row.relname, Number(row.written)])),
    walRecords: Number(wal!.wal_records),
    walBytes: Number(wal!.wal_bytes),
  };
}

/** Tuples read by any scan of the tables of items. */
async function countRead(session: Sql): Promise<number> {
  await session`select pg_stat_force_next_flush()`;
  const [row] = await watch`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as read from pg_stat_user_tables where relname = any(${ITEM_TABLES})`;
  return Number(row!.read);
}

const entries = (n: number, from = 0): Entry[] =>
  Array.from({ length: n }, (_, i) =>
    entry({
      id: `guid ${from + i}`,
      title: `AAA and BBB hold talks number ${from + i}`,
      url: `https://one.example/${from + i}`,
      publishedAt: new Date(Date.parse('2026-03-10T06:00:00Z') + (from + i) * 1000),
    }),
  );

function feedOf() {
  const clock = movedClock('2026-03-10T12:00:00Z');
  let next: FetchedFeed = notModified();
  const deps = databaseDeps(sql, { clock, fetchFeed: async () => next });
  return async (document: FetchedFeed, more: Partial<PollDeps> = {}) => {
    clock.forward(900);
    next = document;
    statements.length = 0;
    const result = await pollChunk({ ...deps, ...more }, testRuntime(), {
      feedIds: ['one-feed'],
      runAt: clock.now().toISOString(),
      force: false,
    });
    return {
      ...result,
      statements: statements.map((text) => /probe_items|store_poll|record_polls|from feeds f/.exec(text)?.[0] ?? text),
    };
  };
}
const LOAD = 'from feeds f';
const PROBE = 'probe_items';
const STORE = 'store_poll';
const RECORD = 'record_polls';

describe('what a poll costs', () => {
  it('a 304, an equal ETag and equal bytes ask nothing about items: one load and one record per chunk', async () => {
    const poll = feedOf();
    await poll(answer(entries(50), { etag: '"1"' }));
    for (const document of [notModified(), answer(entries(50), { etag: '"1"' }), answer(entries(50), { etag: '"2"' })])
      expect((await poll(document)).statements).toEqual([LOAD, RECORD]);
  });

  it('other bytes with the same entries ask nothing about items either', async () => {
    const poll = feedOf();
    await poll(answer(entries(50)));
    expect((await poll(answer(entries(50).reverse()))).statements).toEqual([LOAD, RECORD]);
  });

  it('a document of known items is one round trip, 0 rows, 0 bytes of WAL', async () => {
    const poll = feedOf();
    await poll(answer(entries(50)));
    await poll(answer(entries(49)));
    // Hint bits and page images of a first read after writing are Postgres's own housekeeping: get them over with.
    for (const table of ['items', 'item_keys', 'revisions']) await watch.unsafe(`vacuum (freeze) ${table}`);
    const around: Array<Awaited<ReturnType<typeof readCounters>>> = [];
    const result = await poll(answer(entries(48)), {
      async probeItems(...asked) {
        around.push(await readCounters());
        statements.length = 0;
        const known = await probeItems(sql, ...asked);
        expect(statements).toHaveLength(1);
        around.push(await readCounters());
        return known;
      },
    });
    expect(result).toMatchObject({ polled: 1, unchanged: 1, added: 0 });
    expect(around).toHaveLength(2);
    expect(around[1]).toEqual(around[0]);
  });

  it('the counters see a row and its WAL when there is one', async () => {
    const before = await readCounters();
    await feedOf()(answer(entries(1)));
    const after = await readCounters();
    expect(after.tuples.items).toBe(before.tuples.items! + 1);
    expect(after.walBytes).toBeGreaterThan(before.walBytes);
  });

  it.each([1, 7, 50])('%i new of 50 is two round trips', async (k) => {
    const poll = feedOf();
    await poll(answer(entries(50)));
    const result = await poll(answer([...entries(50 - k), ...entries(k, 100)]));
    expect(result).toMatchObject({ added: k, observations: k });
    expect(result.statements).toEqual([LOAD, PROBE, STORE]);
  });

  it('rows read per poll do not grow with what is stored, in a session that began on empty tables', async () => {
    // A session of its own, so that its plans are made here.
    const fresh = connectDatabase(database.url, { max: 1 });
    const clock = movedClock('2026-03-10T12:00:00Z');
    const read: number[] = [];
    for (let round = 0; round < 40; round++) {
      const deps = databaseDeps(fresh, { clock, fetchFeed: async () => answer(entries(20, round * 20)) });
      const before = await countRead(fresh);
      await pollChunk(deps, testRuntime(), { feedIds: ['one-feed'], runAt: clock.now().toISOString(), force: true });
      read.push((await countRead(fresh)) - before);
      clock.forward(900);
    }
    await fresh.end();
    expect(await watch`select count(*)::int as n from items`).toEqual([{ n: 800 }]);
    expect(Math.max(...read.slice(5))).toBeLessThan(2 * Math.max(...read.slice(1, 5)));
  });

  it('an edit is two round trips', async () => {
    const poll = feedOf();
    await poll(answer(entries(50)));
    const [first, ...others] = entries(50);
    const result = await poll(answer([{ ...first!, title: 'AAA and BBB break off talks' }, ...others]));
    expect(result).toMatchObject({ added: 0, revised: 1, observations: 1 });
    expect(result.statements).toEqual([LOAD, PROBE, STORE]);
  });
});
