import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { holdHost, listDueFeeds, loadFeeds, recordPolls, setPaused, syncSources } from '../../db/feeds.js';
import { storePoll } from '../../db/items.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  AT,
  addSources,
  FRESH_STATE,
  sampleItem,
  samplePoll,
  sampleRecord,
  sampleSource,
} from '../support/store-samples.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate sources, feeds, hosts, items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews cascade`;
});

const later = (seconds: number) => new Date(AT.getTime() + seconds * 1000);
const feed = async (id: string) => (await loadFeeds(sql, [id]))[0]!;
const due = async (query: Partial<Parameters<typeof listDueFeeds>[1]> = {}) =>
  (await listDueFeeds(sql, { now: AT, ...query })).map(({ id }) => id);

describe('bringing the sources of the configuration into the tables', () => {
  it('adds sources and feeds with group and host; again, nothing is written', async () => {
    await addSources(sql, sampleSource('one', ['a', 'b']));
    expect(await sql`select id, source_id, host, group_id, every_seconds from feeds order by id`).toEqual([
      { id: 'a', source_id: 'one', host: 'one.example', group_id: '900s-00', every_seconds: 900 },
      { id: 'b', source_id: 'one', host: 'one.example', group_id: '900s-00', every_seconds: 900 },
    ]);
    const versions = () =>
      sql`select id, xmin::text from feeds union all select id, xmin::text from sources order by 1`;
    const before = await versions();
    await addSources(sql, sampleSource('one', ['a', 'b']));
    expect(await versions()).toEqual(before);
  });

  it('keeps what polls remember when something else changes', async () => {
    await addSources(sql, sampleSource('one', ['a']));
    await recordPolls(sql, [sampleRecord('a', AT, { state: { etag: '"1"', bodyDigest: 'd', nextDueAt: later(900) } })]);
    await addSources(sql, sampleSource('one', ['a'], { name: 'Another name', bloc: 'russian' }));
    expect(await feed('a')).toMatchObject({
      feed: { bloc: 'russian' },
      state: { etag: '"1"', bodyDigest: 'd', nextDueAt: later(900) },
    });
  });

  it('forgets validators, digests, failures and mute of another address, and polls it now', async () => {
    await addSources(sql, sampleSource('one', ['a']));
    const state = {
      etag: '"1"',
      bodyDigest: 'd',
      entriesDigest: 'e',
      consecutiveFailures: 4,
      mutedAt: AT,
      nextDueAt: later(900),
    };
    await recordPolls(sql, [sampleRecord('a', AT, { state })]);
    const moved = sampleSource('one', ['a']);
    moved.feeds[0]!.url = 'https://elsewhere.example/rss';
    await addSources(sql, moved);
    expect(await feed('a')).toMatchObject({
      host: 'elsewhere.example',
      state: { ...FRESH_STATE, lastPolledAt: AT, lastSuccessAt: AT },
    });
  });

  it('a feed that left the configuration is kept, marked and not polled; it comes back as it was', async () => {
    await addSources(sql, sampleSource('one', ['a', 'b']), sampleSource('two', ['c']));
    await addSources(sql, sampleSource('one', ['a']));
    expect(await due()).toEqual(['a']);
    expect(await sql`select id from feeds where removed_at is not null order by id`).toEqual([
      { id: 'b' },
      { id: 'c' },
    ]);
    expect(await sql`select id from sources where removed_at is not null`).toEqual([{ id: 'two' }]);
    await addSources(sql, sampleSource('one', ['a', 'b']), sampleSource('two', ['c']));
    expect(await due()).toEqual(['a', 'b', 'c']);
  });

  it('may be done by many processes at once', async () => {
    const sources = Array.from({ length: 30 }, (_, i) => sampleSource(`s${i}`));
    await Promise.all(Array.from({ length: 6 }, () => syncSources(sql, sources, new Map(), AT)));
    expect(await sql`select count(*)::int as n from feeds where removed_at is null`).toEqual([{ n: 30 }]);
  });
});

describe('which feeds are due', () => {
  beforeEach(async () => {
    await addSources(sql, sampleSource('one', ['a', 'b']), sampleSource('two', ['c']));
  });

  it('those never polled first, then the longest due; none before its time', async () => {
    await recordPolls(sql, [
      sampleRecord('a', AT, { state: { nextDueAt: later(60) } }),
      sampleRecord('b', AT, { state: { nextDueAt: later(30) } }),
    ]);
    expect(await due()).toEqual(['c']);
    expect(await due({ now: later(30) })).toEqual(['c', 'b']);
    expect(await due({ now: later(60) })).toEqual(['c', 'b', 'a']);
    expect(await due({ force: true })).toEqual(['c', 'b', 'a']);
  });

  it('of a group, or the named ones', async () => {
    await syncSources(
      sql,
      [sampleSource('one', ['a', 'b']), sampleSource('two', ['c'])],
      new Map([['c', '900s-01']]),
      AT,
    );
    expect(await due({ groupId: '900s-01' })).toEqual(['c']);
    expect(await due({ feedIds: ['b', 'nobody'] })).toEqual(['b']);
  });

  it('none that is paused, also when forced', async () => {
    expect(await setPaused(sql, 'a', true)).toBe(true);
    expect(await due({ force: true, feedIds: ['a', 'b'] })).toEqual(['b']);
    expect(await setPaused(sql, 'a', false)).toBe(true);
    expect(await due()).toEqual(['a', 'b', 'c']);
    expect(await setPaused(sql, 'nobody', true)).toBe(false);
  });

  it('row 15: none that is muted by a 410, unless it is named and forced; resuming lifts the mute', async () => {
    await recordPolls(sql, [sampleRecord('a', AT, { state: { mutedAt: AT, nextDueAt: null } })]);
    expect(await due({ now: later(1e6) })).toEqual(['b', 'c']);
    expect(await due({ force: true })).toEqual(['b', 'c']);
    expect(await due({ force: true, feedIds: ['a'] })).toEqual(['a']);
    await setPaused(sql, 'a', false);
    expect(await due()).toEqual(['a', 'b', 'c']);
  });

  it('row 6: none on a host that asked to be left alone; a shorter hold never ends a longer one', async () => {
    await holdHost(sql, 'one.example', later(600), '429');
    await holdHost(sql, 'one.example', later(60), '503');
    expect(await due({ now: later(599), force: true })).toEqual(['c']);
    expect(await due({ now: later(600) })).toEqual(['a', 'b', 'c']);
    expect((await feed('a')).heldUntil).toEqual(later(600));
  });
});

describe('the record of a poll', () => {
  beforeEach(async () => {
    await addSources(sql, sampleSource('one', ['a', 'b']));
  });

  it('keeps the whole state of the feed', async () => {
    const state = {
      etag: 'W/"x"',
      lastModified: 'Tue, 10 Mar 2026 12:00:00 GMT',
      validatorsSince: later(-5),
      bodyDigest: 'b',
      entriesDigest: 'e',
      consecutiveFailures: 3,
      emptyPolls: 2,
      lastPolledAt: AT,
      lastSuccessAt: later(-10),
      nextDueAt: later(900),
      movedTo: 'https://new.example/',
      movedCount: 4,
      movedLastAt: later(-1),
      paused: false,
      mutedAt: null,
    };
    await recordPolls(sql, [sampleRecord('a', AT, { state })]);
    expect((await feed('a')).state).toEqual(state);
  });

  it('is written once: a replay and an older one change nothing', async () => {
    const record = sampleRecord('a', AT, {
      outcome: { kind: 'failed', reason: 'server', fault: 'http', status: 500 },
      state: { consecutiveFailures: 1 },
    });
    expect(await recordPolls(sql, [record, sampleRecord('b')])).toBe(2);
    expect(await recordPolls(sql, [record, sampleRecord('b', later(-1))])).toBe(0);
    expect(await sql`select feed_id, successes, failures from coverage_days order by 1`).toEqual([
      { feed_id: 'a', successes: 0, failures: 1 },
      { feed_id: 'b', successes: 1, failures: 0 },
    ]);
    expect(await sql`select feed_id, kind, reason, fault, status from polls`).toEqual([
      { feed_id: 'a', kind: 'failed', reason: 'server', fault: 'http', status: 500 },
    ]);
  });

  it('is written whatever characters a server put into its words', async () => {
    const detail = 'the server said \u0000\ud83d and then 😀';
    await recordPolls(sql, [sampleRecord('a', AT, { outcome: { kind: 'failed', reason: 'server', detail } })]);
    expect(await sql`select last_detail from feeds where id = 'a'`).toEqual([
      { last_detail: 'the server said  and then 😀' },
    ]);
  });

  it('of an address that the configuration has changed meanwhile changes nothing', async () => {
    const record = sampleRecord('a', AT, { state: { etag: '"old"' }, record: { url: 'https://one.example/a.xml' } });
    const moved = sampleSource('one', ['a', 'b']);
    moved.feeds[0]!.url = 'https://one.example/new.xml';
    await addSources(sql, moved);
    expect(await recordPolls(sql, [record])).toBe(0);
    expect((await feed('a')).state).toEqual(FRESH_STATE);
  });

  it('an unchanged poll leaves no row in the log', async () => {
    await recordPolls(sql, [
      sampleRecord('a', AT, { outcome: { kind: 'not-modified', status: 304 } }),
      sampleRecord('b'),
    ]);
    expect(await sql`select count(*)::int as n from polls`).toEqual([{ n: 0 }]);
  });

  it('keeps how a document was read until the next one is read', async () => {
    await recordPolls(sql, [
      sampleRecord('a', AT, { outcome: { repairs: ['truncated'] }, record: { format: 'rdf', encoding: 'koi8-r' } }),
    ]);
    await recordPolls(sql, [
      sampleRecord('a', later(1), { outcome: { kind: 'not-modified' }, record: { format: null, encoding: null } }),
    ]);
    expect(await sql`select last_kind, last_format, last_encoding, last_repairs from feeds where id = 'a'`).toEqual([
      { last_kind: 'not-modified', last_format: 'rdf', last_encoding: 'koi8-r', last_repairs: ['truncated'] },
    ]);
  });

  it('does not deadlock when batches overlap in opposite order', async () => {
    await addSources(
      sql,
      sampleSource(
        'many',
        Array.from({ length: 40 }, (_, i) => `f${i}`),
      ),
    );
    const ids = Array.from({ length: 40 }, (_, i) => `f${i}`);
    const batches = Array.from({ length: 12 }, (_, i) =>
      (i % 2 ? ids : [...ids].reverse()).map((id) => sampleRecord(id, later(i + 1))),
    );
    await Promise.all(batches.map((batch) => recordPolls(sql, batch)));
    expect(await sql`select count(*)::int as n from feeds where last_polled_at = ${later(12)}`).toEqual([{ n: 40 }]);
  });
});

describe('the coverage ledger', () => {
  beforeEach(async () => {
    await addSources(sql, sampleSource('one', ['one-feed']));
  });

  it('says per UTC day how often a feed was read, from when to when, and how far back it reached', async () => {
    const at = (time: string) => new Date(`2026-03-${time}Z`);
    const read = (time: string, reachesBackTo: Date | null) =>
      sampleRecord('one-feed', at(time), { record: { reachesBackTo } });
    await recordPolls(sql, [read('10T23:50:00', at('09T06:00:00'))]);
    await recordPolls(sql, [
      sampleRecord('one-feed', at('11T00:10:00'), { outcome: { kind: 'failed', reason: 'timeout' } }),
    ]);
    // A 304 shows what the document before it showed.
    await recordPolls(sql, [
      sampleRecord('one-feed', at('11T01:00:00'), {
        outcome: { kind: 'not-modified' },
        record: { reachesBackTo: null },
      }),
    ]);
    await recordPolls(sql, [read('11T09:00:00', at('10T12:00:00'))]);
    expect(await sql`select * from coverage_days order by day`).toEqual([
      {
        day: '2026-03-10',
        feed_id: 'one-feed',
        successes: 1,
        failures: 0,
        items: 0,
        first_success_at: at('10T23:50:00'),
        last_success_at: at('10T23:50:00'),
        reaches_back_to: at('09T06:00:00'),
      },
      {
        day: '2026-03-11',
        feed_id: 'one-feed',
        successes: 2,
        failures: 1,
        items: 0,
        first_success_at: at('11T01:00:00'),
        last_success_at: at('11T09:00:00'),
        reaches_back_to: at('09T06:00:00'),
      },
    ]);
  });

  it('counts items that were really new', async () => {
    const poll = (at: Date, names: string[]) =>
      storePoll(sql, samplePoll('one', { at, items: names.map((name) => sampleItem(name)) }));
    await poll(AT, ['a', 'b']);
    await poll(later(60), ['b', 'c']);
    await poll(later(86_400), ['d']);
    expect(await sql`select day, items from coverage_days order by day`).toEqual([
      { day: '2026-03-10', items: 3 },
      { day: '2026-03-11', items: 1 },
    ]);
  });
});
