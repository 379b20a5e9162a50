import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { loadFeeds } from '../../db/feeds.js';
import { probeItems, removeItem, storePoll } from '../../db/items.js';
import { seriesMismatches } from '../../db/series.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  AT,
  addSources,
  dumpStore,
  newId,
  sampleItem,
  sampleLabel,
  samplePoll,
  sampleRevision,
  sampleSource,
} from '../support/store-samples.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  await addSources(sql, sampleSource('one'), sampleSource('two'));
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews restart identity cascade`;
  await sql`update feeds set last_polled_at = null`;
});

const cells = () => sql`
  select day, level, code, dyad, polarity, items, stories from series_days order by day, level, code, dyad, polarity`;

describe('storing a poll', () => {
  it('stores item, story, keys, observations, roll-up, dirty cells, feed row, coverage and log together', async () => {
    const item = sampleItem('a', [sampleLabel('mil.exercise', 'AAA-BBB'), sampleLabel('mil.visit', 'AAA-BBB')]);
    const stored = await storePoll(sql, samplePoll('one', { items: [item] }));
    expect(stored).toEqual({ added: 1, revised: 0, observations: 2, dirty: 2 });
    expect(await cells()).toEqual([
      { day: '2026-03-10', level: 'all', code: '', dyad: '', polarity: 1, items: 1, stories: 1 },
      { day: '2026-03-10', level: 'domain', code: 'mil', dyad: 'AAA-BBB', polarity: 1, items: 1, stories: 1 },
      { day: '2026-03-10', level: 'dyad', code: '', dyad: 'AAA-BBB', polarity: 1, items: 1, stories: 1 },
      {
        day: '2026-03-10',
        level: 'indicator',
        code: 'mil.exercise',
        dyad: 'AAA-BBB',
        polarity: 1,
        items: 1,
        stories: 1,
      },
      { day: '2026-03-10', level: 'indicator', code: 'mil.visit', dyad: 'AAA-BBB', polarity: 1, items: 1, stories: 1 },
    ]);
    expect(await dumpStore(sql)).toMatchObject({
      items: [{ source_id: 'one', feed_id: 'one-feed', key: 'guid:a', revision: 0 }],
      keys: [{ key: 'guid:a' }, { key: 'url:example.org/a' }],
      dirty: [{ indicator: 'mil.exercise' }, { indicator: 'mil.visit' }],
      coverage: [{ feed_id: 'one-feed', day: '2026-03-10', successes: 1, failures: 0, items: 1 }],
      polls: [{ feed_id: 'one-feed', kind: 'polled', added: 1, revised: 0 }],
    });
    const [loaded] = await loadFeeds(sql, ['one-feed']);
    expect(loaded!.state.lastSuccessAt).toEqual(AT);
  });

  it('writes nothing when the same poll is stored again, with the ids of another process or its own', async () => {
    const items = () => [sampleItem('a', [sampleLabel('mil.exercise', 'AAA-BBB')]), sampleItem('b')];
    const poll = samplePoll('one', { items: items() });
    await storePoll(sql, poll);
    const before = await dumpStore(sql);
    const nothing = { added: 0, revised: 0, observations: 0, dirty: 0 };
    expect(await storePoll(sql, poll)).toEqual(nothing);
    expect(await storePoll(sql, { ...poll, items: items() })).toEqual(nothing);
    expect(await dumpStore(sql)).toEqual(before);
  });

  it('ends in the same tables when many processes store the same poll at once', async () => {
    const poll = () =>
      samplePoll('one', {
        items: [
          sampleItem('a', [sampleLabel('mil.exercise', 'AAA-BBB')]),
          sampleItem('b', [sampleLabel('pol.visit', 'AAA-CCC')]),
        ],
      });
    await storePoll(sql, poll());
    const once = await dumpStore(sql);
    await sql`truncate items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews cascade`;
    await sql`update feeds set last_polled_at = null`;
    const results = await Promise.all(Array.from({ length: 8 }, () => storePoll(sql, poll())));
    expect(results.map(({ added }) => added).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 2]);
    expect(await dumpStore(sql)).toEqual(once);
  });

  it('does not deadlock or lose counts when two sources touch the same cells in opposite order', async () => {
    const labels = ['mil.a', 'mil.b', 'pol.c'].map((indicator) => sampleLabel(indicator, 'AAA-BBB'));
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        storePoll(
          sql,
          samplePoll(i % 2 ? 'one' : 'two', {
            at: new Date(AT.getTime() + i),
            items: [sampleItem(`n${i}`, i % 2 ? labels : [...labels].reverse())],
          }),
        ),
      ),
    );
    expect(await seriesMismatches(sql)).toEqual([]);
    expect((await cells())[0]).toMatchObject({ level: 'all', items: 20, stories: 20 });
  });

  it('keeps the first of two items that share a key, with the labels of the first only', async () => {
    await storePoll(sql, samplePoll('one', { items: [sampleItem('a', [sampleLabel('mil.exercise', 'AAA-BBB')])] }));
    const other = sampleItem('z', [sampleLabel('pol.visit', 'AAA-BBB')], { keys: ['guid:z', 'url:example.org/a'] });
    expect(
      await storePoll(sql, samplePoll('one', { items: [other], at: new Date(AT.getTime() + 1000) })),
    ).toMatchObject({
      added: 0,
      observations: 0,
    });
  });
});

describe('an edit', () => {
  const first = () => sampleItem('a', [sampleLabel('mil.exercise', 'AAA-BBB'), sampleLabel('mil.visit', 'AAA-BBB')]);
  const at = new Date('2026-03-11T09:00:00Z');

  it('is a revision: the first version stays, its observations are superseded, the day stays', async () => {
    const item = first();
    await storePoll(sql, samplePoll('one', { items: [item] }));
    const edit = samplePoll('one', {
      at,
      revisions: [
        sampleRevision(item.id, 'a 1', [sampleLabel('mil.exercise', 'AAA-BBB'), sampleLabel('eco.trade', 'AAA-CCC')]),
      ],
    });
    expect(await storePoll(sql, edit)).toEqual({ added: 0, revised: 1, observations: 2, dirty: 3 });
    const dump = await dumpStore(sql);
    expect(dump.items).toMatchObject([{ title: 'Title of a', fingerprint: 'a 0', revision: 1 }]);
    expect(dump.observations).toMatchObject([
      { revision: 0, indicator: 'mil.exercise', live: false },
      { revision: 0, indicator: 'mil.visit', live: false },
      { revision: 1, indicator: 'eco.trade', day: '2026-03-10', live: true },
      { revision: 1, indicator: 'mil.exercise', day: '2026-03-10', live: true },
    ]);
    expect(await seriesMismatches(sql)).toEqual([]);
    expect(await storePoll(sql, edit)).toEqual({ added: 0, revised: 0, observations: 0, dirty: 0 });
  });

  it('to a text that the item already had is none', async () => {
    const item = first();
    await storePoll(sql, samplePoll('one', { items: [item] }));
    await storePoll(sql, samplePoll('one', { at, revisions: [sampleRevision(item.id, 'a 1')] }));
    const back = samplePoll('one', {
      at: new Date(at.getTime() + 1),
      revisions: [sampleRevision(item.id, 'a 0', [sampleLabel('mil.exercise', 'AAA-BBB')])],
    });
    expect(await storePoll(sql, back)).toEqual({ added: 0, revised: 0, observations: 0, dirty: 0 });
  });

  it('stored by two processes at once is one revision', async () => {
    const item = first();
    await storePoll(sql, samplePoll('one', { items: [item] }));
    const edit = () =>
      samplePoll('one', { at, revisions: [sampleRevision(item.id, 'a 1', [sampleLabel('mil.visit', 'AAA-BBB')])] });
    await Promise.all([storePoll(sql, edit()), storePoll(sql, edit()), storePoll(sql, edit())]);
    const dump = await dumpStore(sql);
    expect(dump.revisions).toHaveLength(1);
    expect(dump.observations!.filter((o) => (o as { live: boolean }).live)).toHaveLength(1);
    expect(await seriesMismatches(sql)).toEqual([]);
  });
});

describe('counting', () => {
  it('counts an item once in an aggregate however many of its indicators fall there', async () => {
    const labels = [
      sampleLabel('mil.exercise', 'AAA-BBB'),
      sampleLabel('mil.visit', 'AAA-BBB'),
      sampleLabel('mil.exercise', 'AAA-CCC'),
      sampleLabel('mil.exercise', 'BBB-CCC'),
    ];
    await storePoll(sql, samplePoll('one', { items: [sampleItem('a', labels), sampleItem('b', labels.slice(0, 1))] }));
    expect(await sql`select dyad, items from series_days where level = 'domain' order by dyad`).toEqual([
      { dyad: 'AAA-BBB', items: 2 },
      { dyad: 'AAA-CCC', items: 1 },
      { dyad: 'BBB-CCC', items: 1 },
    ]);
    expect(await sql`select items, stories from series_days where level = 'all'`).toEqual([{ items: 2, stories: 2 }]);
  });

  it('keeps cooperation and friction apart', async () => {
    const labels = [sampleLabel('mil.exercise', 'AAA-BBB'), sampleLabel('mil.restraint', 'AAA-BBB', { polarity: -1 })];
    await storePoll(sql, samplePoll('one', { items: [sampleItem('a', labels)] }));
    expect(await sql`select polarity, items from series_days where level = 'dyad' order by polarity`).toEqual([
      { polarity: -1, items: 1 },
      { polarity: 1, items: 1 },
    ]);
  });

  it('counts a denied report as attention, never as an act', async () => {
    await storePoll(
      sql,
      samplePoll('one', { items: [sampleItem('a', [sampleLabel('mil.transfer', 'AAA-BBB', { status: 'denied' })])] }),
    );
    expect(await sql`select items, stories from series_days where level = 'indicator'`).toEqual([
      { items: 1, stories: 0 },
    ]);
  });
});

describe('a removed item', () => {
  it('counts nowhere, stays as a tombstone, and cannot be edited or stored again', async () => {
    const item = sampleItem('a', [sampleLabel('mil.exercise', 'AAA-BBB')]);
    await storePoll(sql, samplePoll('one', { items: [item] }));
    expect(await removeItem(sql, item.id, 'legal request', AT)).toBe(true);
    expect(await removeItem(sql, item.id, 'again', AT)).toBe(false);
    expect(await removeItem(sql, newId(), 'no such item', AT)).toBe(false);
    expect(await sql`select distinct items, stories from series_days`).toEqual([{ items: 0, stories: 0 }]);
    expect(await seriesMismatches(sql)).toEqual([]);
    const at = new Date(AT.getTime() + 1000);
    expect(
      await storePoll(
        sql,
        samplePoll('one', { at, items: [sampleItem('a')], revisions: [sampleRevision(item.id, 'a 1')] }),
      ),
    ).toMatchObject({ added: 0, revised: 0 });
    expect(await probeItems(sql, 'one', ['guid:a'])).toMatchObject([{ removed: true }]);
  });
});

describe('probing', () => {
  it('gives every content an item had, its matched keys and its number of keys', async () => {
    const item = sampleItem('a');
    await storePoll(sql, samplePoll('one', { items: [item, sampleItem('b')] }));
    await storePoll(
      sql,
      samplePoll('one', { at: new Date(AT.getTime() + 1), revisions: [sampleRevision(item.id, 'a 1')] }),
    );
    expect(await probeItems(sql, 'one', ['guid:a', 'url:example.org/a', 'guid:nobody'])).toEqual([
      {
        itemId: item.id,
        keys: ['guid:a', 'url:example.org/a'],
        keyCount: 2,
        fingerprints: ['a 0', 'a 1'],
        title: 'Title of a',
        publishedAt: AT,
        day: '2026-03-10',
        removed: false,
      },
    ]);
    expect(await probeItems(sql, 'two', ['guid:a'])).toEqual([]);
  });
});
