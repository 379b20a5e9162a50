import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { removeItem, storePoll } from '../../db/items.js';
import { recountSeries, seriesMismatches } from '../../db/series.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  AT,
  addSources,
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
  sql = connectDatabase(database.url, { max: 4 });
  await addSources(sql, sampleSource('one'), sampleSource('two'));
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
const empty = async () => {
  await sql`truncate items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews cascade`;
  await sql`update feeds set last_polled_at = null`;
};
beforeEach(empty);

const label = fc
  .tuple(
    fc.constantFrom('mil.a', 'mil.b', 'eco.c'),
    fc.constantFrom('AAA-BBB', 'AAA-CCC', 'BBB-CCC'),
    fc.constantFrom('occurred' as const, 'alleged' as const, 'denied' as const),
    fc.constantFrom(1 as const, -1 as const),
  )
  .map(([indicator, dyad, status, polarity]) => sampleLabel(indicator, dyad, { status, polarity }));
const labels = fc.uniqueArray(label, { selector: ({ indicator, dyad }) => `${indicator} ${dyad}`, maxLength: 4 });
const day = fc.constantFrom('2026-03-09', '2026-03-10');
/** One thing that happens: an item appears, is edited, is removed, or is coded again after an update of the codebook. */
const event = fc.record({
  kind: fc.constantFrom('poll' as const, 'poll' as const, 'edit' as const, 'remove' as const, 'recode' as const),
  source: fc.constantFrom('one', 'two'),
  item: fc.integer({ min: 0, max: 5 }),
  text: fc.integer({ min: 0, max: 2 }),
  day,
  labels,
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** Counts kept by hand, the slow and obvious way: which labels hold now, and what follows from them. */
function expectedSeries(model: Map<string, { day: string; labels: Event['labels'] }>) {
  const cells = new Map<string, { items: Set<string>; acts: Set<string> }>();
  for (const [item, { day: itemDay, labels: held }] of model)
    for (const { indicator, domain, dyad, polarity, status } of held)
      for (const cell of [`indicator|${indicator}|${dyad}`, `domain|${domain}|${dyad}`, `dyad||${dyad}`, 'all||']) {
        const key = `${itemDay}|${cell}|${polarity}`;
        const count = cells.get(key) ?? { items: new Set(), acts: new Set() };
        count.items.add(item);
        if (status !== 'denied') count.acts.add(item);
        cells.set(key, count);
      }
  return new Map([...cells].map(([key, { items, acts }]) => [key, { items: items.size, stories: acts.size }]));
}

describe('the roll-up', () => {
  it('equals counts kept by hand and a full recount, after any polls, edits, removals and codings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 25 }), async (events) => {
        await empty();
        const model = new Map<string, { id: string; texts: Set<string>; day: string; labels: Event['labels'] }>();
        const removed = new Set<string>();
        let version = 1;
        for (const [i, { kind, source, item, text, day: on, labels: said }] of events.entries()) {
          const at = new Date(AT.getTime() + i * 60_000);
          const name = `${source} ${item}`;
          const known = model.get(name);
          const coder = { name: 'rules', version: String(version), codebookVersion: '1' };
          if (kind === 'poll') {
            const fresh = sampleItem(name, said, {
              id: newId(at),
              storyId: newId(at),
              day: on,
              fingerprint: `${name} 0`,
            });
            await storePoll(sql, samplePoll(source, { at, coder, items: [fresh] }));
            if (known === undefined && !removed.has(name))
              model.set(name, { id: fresh.id, texts: new Set([fresh.fingerprint]), day: on, labels: said });
          } else if (kind === 'edit' && known !== undefined) {
            const print = `${name} ${text}`;
            await storePoll(sql, samplePoll(source, { at, coder, revisions: [sampleRevision(known.id, print, said)] }));
            if (!known.texts.has(print)) known.labels = said;
            known.texts.add(print);
          } else if (kind === 'remove' && known !== undefined) {
            await removeItem(sql, known.id, 'test', at);
            model.delete(name);
            removed.add(name);
          } else if (kind === 'recode' && known !== undefined) {
            version++;
            const coding = {
              item_id: known.id,
              revision: known.texts.size - 1,
              coder: 'rules',
              coder_version: String(version),
              codebook_version: '1',
              labels: said,
            };
            await sql`select put_observations(${sql.json([coding] as never)}, ${at})`;
            known.labels = said;
          }
        }
        const rows = await sql`select * from series_days where items > 0 or stories > 0`;
        const stored = new Map(
          rows.map((row) => [
            `${row.day}|${row.level}|${row.code}|${row.dyad}|${row.polarity}`,
            { items: row.items, stories: row.stories },
          ]),
        );
        expect(stored).toEqual(expectedSeries(model));
        expect(await seriesMismatches(sql)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('counts a story once, on the day of its first report, however many items tell of it', async () => {
    const first = sampleItem('a', [sampleLabel('mil.a', 'AAA-BBB')], { day: '2026-03-09' });
    await storePoll(sql, samplePoll('one', { items: [first] }));
    // A second report of the same story, a day later; stories of several items come with near-duplicate search.
    const second = sampleItem('b', [], { day: '2026-03-10' });
    await storePoll(sql, samplePoll('two', { items: [second] }));
    await sql`update items set story_id = ${first.storyId} where id = ${second.id}`;
    const coding = {
      item_id: second.id,
      revision: 0,
      coder: 'rules',
      coder_version: '1',
      codebook_version: '1',
      labels: [sampleLabel('mil.a', 'AAA-BBB')],
    };
    await sql`select put_observations(${sql.json([coding] as never)}, ${AT})`;
    expect(await sql`select day, items, stories from series_days where level = 'all' order by day`).toEqual([
      { day: '2026-03-09', items: 1, stories: 1 },
      { day: '2026-03-10', items: 1, stories: 0 },
    ]);
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('that was damaged is found and counted anew', async () => {
    await storePoll(sql, samplePoll('one', { items: [sampleItem('a', [sampleLabel('mil.a', 'AAA-BBB')])] }));
    await sql`update series_days set items = 7 where level = 'dyad'`;
    await sql`delete from series_days where level = 'all'`;
    expect(await seriesMismatches(sql)).toMatchObject([
      { level: 'all', items: 0, countedItems: 1 },
      { level: 'dyad', items: 7, countedItems: 1 },
    ]);
    expect(await recountSeries(sql)).toBe(4);
    expect(await seriesMismatches(sql)).toEqual([]);
  });
});

describe('what was known on a date', () => {
  it('is what was recorded by then and not yet superseded', async () => {
    const item = sampleItem('a', [sampleLabel('mil.a', 'AAA-BBB')]);
    const edited = new Date(AT.getTime() + 3_600_000);
    await storePoll(sql, samplePoll('one', { items: [item] }));
    await storePoll(
      sql,
      samplePoll('one', { at: edited, revisions: [sampleRevision(item.id, 'a 1', [sampleLabel('eco.c', 'AAA-BBB')])] }),
    );
    const knownAt = async (at: Date) =>
      (
        await sql`select indicator from observations
                  where recorded_at <= ${at} and (superseded_at is null or superseded_at > ${at})`
      ).map(({ indicator }) => indicator);
    expect(await knownAt(new Date(AT.getTime() - 1))).toEqual([]);
    expect(await knownAt(AT)).toEqual(['mil.a']);
    expect(await knownAt(new Date(edited.getTime() - 1))).toEqual(['mil.a']);
    expect(await knownAt(edited)).toEqual(['eco.c']);
  });

  it('a clock that went back supersedes nothing before it was recorded', async () => {
    const item = sampleItem('a', [sampleLabel('mil.a', 'AAA-BBB')]);
    await storePoll(sql, samplePoll('one', { items: [item] }));
    const earlier = new Date(AT.getTime() - 60_000);
    await storePoll(sql, samplePoll('one', { at: earlier, revisions: [sampleRevision(item.id, 'a 1')] }));
    expect(await sql`select superseded_at from observations`).toEqual([{ superseded_at: AT }]);
  });
});
