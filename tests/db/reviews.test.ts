import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DecidedCell, Decision, Verdict } from '../../core/review/decision.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { type DyadLabel, removeItem, storePoll } from '../../db/items.js';
import { putReview, undoReview } from '../../db/reviews.js';
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
  sql = connectDatabase(database.url, { max: 8 });
  await addSources(sql, sampleSource('one'), sampleSource('two'));
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews
    restart identity cascade`;
  await sql`update feeds set last_polled_at = null`;
});

const later = (minutes: number) => new Date(AT.getTime() + minutes * 60_000);
const CODER = { name: 'rules', version: '1', codebookVersion: '1+aa' };

/** Stores an item with these labels of the machine coder. */
async function givenItem(...labels: DyadLabel[]) {
  const item = sampleItem('a', labels);
  await storePoll(sql, samplePoll('one', { items: [item], coder: CODER }));
  return item.id;
}

const cell = (verdict: Verdict, { indicator, dyad, ...label }: DyadLabel): DecidedCell => ({
  indicator,
  dyad,
  verdict,
  label: verdict === 'reject' ? null : { ...label, confidence: 1 },
});

const decisionOn = (itemId: string, cells: DecidedCell[], more: Partial<Decision> = {}): Decision => ({
  decisionId: newId(),
  itemId,
  revision: 0,
  coder: 'human',
  coderVersion: 'ann',
  codebookVersion: '1+aa',
  author: 'ann',
  reason: 'because',
  sample: null,
  seen: null,
  cells,
  ...more,
});

async function recode(itemId: string, version: string, labels: DyadLabel[], at: Date, revision = 0) {
  const coding = {
    item_id: itemId,
    revision,
    coder: 'rules',
    coder_version: version,
    codebook_version: '1+aa',
    labels,
  };
  await sql`select put_observations(${sql.json([coding] as never)}, ${at})`;
}

const undo = (itemId: string, reviewId: number, labels: DyadLabel[], at: Date, revision = 0) =>
  undoReview(
    sql,
    {
      decisionId: newId(),
      reviewId,
      author: 'ann',
      reason: 'a slip',
      codebookVersion: '1+aa',
      coding: { itemId, revision, coder: CODER, labels },
    },
    at,
  );

/** Live labels as `coder indicator dyad status`, or those known at a time. */
async function labels(asOf: Date | null = null): Promise<string[]> {
  const rows = await sql`
    select coder || ' ' || indicator || ' ' || dyad || ' ' || status as line from observations
    where ${
      asOf === null
        ? sql`superseded_at is null`
        : sql`recorded_at <= ${asOf} and (superseded_at is null or superseded_at > ${asOf})`
    } order by 1`;
  return rows.map(({ line }) => line);
}

const counted = async () =>
  (await sql`select code || ' ' || dyad as cell, items, stories from series_days where level = 'indicator' order by 1`)
    .filter(({ items }) => items > 0)
    .map(({ cell: name, items, stories }) => `${name} ${items} ${stories}`);

const arms = sampleLabel('mil.arms', 'AAA-BBB');
const talks = sampleLabel('pol.talks', 'AAA-BBB');

describe('a decision', () => {
  it('that rejects a label supersedes its row and deletes nothing', async () => {
    const item = await givenItem(arms, talks);
    const stored = await putReview(sql, decisionOn(item, [cell('reject', arms)]), later(1));
    expect(stored).toEqual({ outcome: 'written', decided: 1, observations: 0, dirty: 1 });
    expect(await labels()).toEqual(['rules pol.talks AAA-BBB occurred']);
    expect(await sql`select indicator, superseded_at from observations order by 1`).toEqual([
      { indicator: 'mil.arms', superseded_at: later(1) },
      { indicator: 'pol.talks', superseded_at: null },
    ]);
    expect(await counted()).toEqual(['pol.talks AAA-BBB 1 1']);
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('that confirms puts a human row in place and counts what was counted', async () => {
    const item = await givenItem(arms);
    const before = await counted();
    await putReview(sql, decisionOn(item, [cell('confirm', arms)]), later(1));
    expect(await labels()).toEqual(['human mil.arms AAA-BBB occurred']);
    expect(await counted()).toEqual(before);
    expect(
      await sql`select o.review_id::int, r.author, r.observation_id::int from observations o join reviews r on r.id = o.review_id`,
    ).toEqual([{ review_id: 1, author: 'ann', observation_id: 1 }]);
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('that corrects moves the counts to the cell that was meant', async () => {
    const item = await givenItem(arms);
    const meant = sampleLabel('eco.trade', 'AAA-CCC', { status: 'denied' });
    await putReview(sql, decisionOn(item, [{ ...cell('correct', arms), label: null }, cell('add', meant)]), later(1));
    expect(await labels()).toEqual(['human eco.trade AAA-CCC denied']);
    expect(await counted()).toEqual(['eco.trade AAA-CCC 1 0']);
    expect(await seriesMismatches(sql)).toEqual([]);
    expect(await sql`select verdict, indicator, observation_id::int from reviews order by id`).toEqual([
      { verdict: 'correct', indicator: 'mil.arms', observation_id: 1 },
      { verdict: 'add', indicator: 'eco.trade', observation_id: null },
    ]);
  });

  it('sent again writes nothing', async () => {
    const decision = decisionOn(await givenItem(arms), [cell('confirm', arms)]);
    await putReview(sql, decision, later(1));
    const before = [await dumpStore(sql), await sql`select * from reviews`];
    expect(await putReview(sql, decision, later(2))).toEqual({
      outcome: 'replayed',
      decided: 0,
      observations: 0,
      dirty: 0,
    });
    expect([await dumpStore(sql), await sql`select * from reviews`]).toEqual(before);
  });

  it('marks the cells that it moves for the alert rules', async () => {
    const item = await givenItem(arms);
    await sql`truncate dirty_cells`;
    await putReview(sql, decisionOn(item, [cell('reject', arms)]), later(1));
    expect(await sql`select * from dirty_cells`).toEqual([
      { indicator: 'mil.arms', dyad: 'AAA-BBB', day: '2026-03-10', marked_at: later(1) },
    ]);
  });

  it('is not known before it was made', async () => {
    const item = await givenItem(arms);
    await putReview(sql, decisionOn(item, [cell('reject', arms)]), later(5));
    expect(await labels(later(4))).toEqual(['rules mil.arms AAA-BBB occurred']);
    expect(await labels(later(5))).toEqual([]);
  });

  it('outlives recoding: neither what was rejected nor what was confirmed comes back as the machine says it', async () => {
    const item = await givenItem(arms, talks);
    await putReview(sql, decisionOn(item, [cell('reject', arms), cell('confirm', talks)]), later(1));
    await recode(item, '2', [arms, { ...talks, status: 'denied' }, sampleLabel('eco.trade', 'AAA-BBB')], later(2));
    expect(await labels()).toEqual(['human pol.talks AAA-BBB occurred', 'rules eco.trade AAA-BBB occurred']);
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('outlives an edit of the text', async () => {
    const item = await givenItem(arms);
    await putReview(sql, decisionOn(item, [cell('reject', arms)]), later(1));
    await storePoll(
      sql,
      samplePoll('one', { at: later(9), coder: CODER, revisions: [sampleRevision(item, 'a 1', [arms, talks])] }),
    );
    expect(await labels()).toEqual(['rules pol.talks AAA-BBB occurred']);
  });

  it.each([
    ['a text that was edited since', { revision: 1 }, 'edited'],
    ['an item that is not there', { itemId: newId() }, 'unknown-item'],
  ])('about %s writes nothing', async (_, more, outcome) => {
    const item = await givenItem(arms);
    expect(await putReview(sql, decisionOn(item, [cell('reject', arms)], more), later(1))).toMatchObject({ outcome });
    expect(await sql`select * from reviews`).toEqual([]);
    expect(await labels()).toEqual(['rules mil.arms AAA-BBB occurred']);
  });

  it('about a removed item writes nothing, and removing an item takes human labels along', async () => {
    const item = await givenItem(arms);
    await putReview(sql, decisionOn(item, [cell('confirm', arms)]), later(1));
    await removeItem(sql, item, 'test', later(2));
    expect(await labels()).toEqual([]);
    expect(await putReview(sql, decisionOn(item, [cell('reject', arms)]), later(3))).toMatchObject({
      outcome: 'removed',
    });
    expect(await seriesMismatches(sql)).toEqual([]);
  });
});

describe('two who decide', () => {
  it('a person outranks the second coder, which outranks the rules', async () => {
    const item = await givenItem(arms);
    const model = { coder: 'llm' as const, coderVersion: 'm 1', author: 'm' };
    await putReview(sql, decisionOn(item, [cell('reject', arms)], model), later(1));
    await recode(item, '2', [arms], later(2));
    expect(await labels()).toEqual([]);
    await putReview(sql, decisionOn(item, [cell('confirm', arms)]), later(3));
    expect(await putReview(sql, decisionOn(item, [cell('reject', arms)], model), later(4))).toMatchObject({
      outcome: 'outranked',
    });
    expect(await labels()).toEqual(['human mil.arms AAA-BBB occurred']);
    expect(
      await sql`select coder, verdict, observation_id::int, superseded_at is null as stands from reviews order by id`,
    ).toEqual([
      { coder: 'llm', verdict: 'reject', observation_id: 1, stands: false },
      { coder: 'human', verdict: 'confirm', observation_id: 1, stands: true },
    ]);
  });

  it('the later one stands, and the label they judge is the coder’s', async () => {
    const item = await givenItem(arms);
    await putReview(sql, decisionOn(item, [cell('confirm', arms)]), later(1));
    await putReview(sql, decisionOn(item, [cell('reject', arms)], { author: 'bob', coderVersion: 'bob' }), later(2));
    expect(await labels()).toEqual([]);
    expect(
      await sql`select author, observation_id::int, replaces::int, superseded_at from reviews order by id`,
    ).toEqual([
      { author: 'ann', observation_id: 1, replaces: null, superseded_at: later(2) },
      { author: 'bob', observation_id: 1, replaces: 1, superseded_at: null },
    ]);
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('one who has not seen the other’s decision is told instead', async () => {
    const item = await givenItem(arms);
    await putReview(sql, decisionOn(item, [cell('confirm', arms)], { seen: 0 }), later(1));
    expect(await putReview(sql, decisionOn(item, [cell('reject', arms)], { seen: 0 }), later(2))).toMatchObject({
      outcome: 'meanwhile',
    });
    expect(await putReview(sql, decisionOn(item, [cell('reject', arms)], { seen: 1 }), later(2))).toMatchObject({
      outcome: 'written',
    });
  });

  it('at once leave one last word, one or no live row, and counts that agree', async () => {
    const item = await givenItem(arms, talks);
    const verdicts: Verdict[] = ['confirm', 'reject', 'confirm', 'reject', 'confirm', 'reject', 'confirm', 'reject'];
    await Promise.all([
      ...verdicts.map((verdict, i) =>
        putReview(sql, decisionOn(item, [cell(verdict, arms)], { author: `author ${i}` }), later(i)),
      ),
      recode(item, '2', [arms, talks], later(3)),
    ]);
    const [last, ...others] = await sql`select verdict from reviews where superseded_at is null`;
    expect(others).toEqual([]);
    expect(await labels()).toEqual([
      ...(last!.verdict === 'confirm' ? ['human mil.arms AAA-BBB occurred'] : []),
      'rules pol.talks AAA-BBB occurred',
    ]);
    expect(await sql`select count(*)::int as n from reviews`).toEqual([{ n: 8 }]);
    expect(await seriesMismatches(sql)).toEqual([]);
  });
});

describe('an undo', () => {
  it('is a row of its own, after which the coder’s labels count again', async () => {
    const item = await givenItem(arms);
    await putReview(sql, decisionOn(item, [cell('reject', arms)]), later(1));
    expect(await undo(item, 1, [arms], later(2))).toEqual({
      outcome: 'written',
      decided: 1,
      observations: 1,
      dirty: 1,
    });
    expect(await labels()).toEqual(['rules mil.arms AAA-BBB occurred']);
    expect(await sql`select verdict, reason, superseded_at from reviews order by id`).toEqual([
      { verdict: 'reject', reason: 'because', superseded_at: later(2) },
      { verdict: 'undo', reason: 'a slip', superseded_at: null },
    ]);
    expect(await labels(later(1))).toEqual([]);
    expect(await counted()).toEqual(['mil.arms AAA-BBB 1 1']);
    expect(await seriesMismatches(sql)).toEqual([]);
    await recode(item, '2', [{ ...arms, status: 'denied' }], later(3));
    expect(await labels()).toEqual(['rules mil.arms AAA-BBB denied']);
  });

  it('puts the decision before back in force, in its author’s name', async () => {
    const item = await givenItem(arms);
    await putReview(sql, decisionOn(item, [cell('confirm', { ...arms, status: 'denied' })]), later(1));
    await putReview(sql, decisionOn(item, [cell('reject', arms)], { author: 'bob', coderVersion: 'bob' }), later(2));
    expect(await undo(item, 2, [arms], later(3))).toMatchObject({ outcome: 'written', decided: 1 });
    expect(await labels()).toEqual(['human mil.arms AAA-BBB denied']);
    expect(
      await sql`select author, verdict, restores::int, observation_id::int from reviews where superseded_at is null`,
    ).toEqual([{ author: 'ann', verdict: 'confirm', restores: 1, observation_id: 1 }]);
    expect(await seriesMismatches(sql)).toEqual([]);
    // The restored decision can be undone as well; then nothing human is left.
    expect(await undo(item, 4, [arms], later(4))).toMatchObject({ outcome: 'written' });
    expect(await labels()).toEqual(['rules mil.arms AAA-BBB occurred']);
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('of what is superseded, undone, or not there says so', async () => {
    const item = await givenItem(arms);
    await putReview(sql, decisionOn(item, [cell('confirm', arms)]), later(1));
    await putReview(sql, decisionOn(item, [cell('reject', arms)]), later(2));
    expect(await undo(item, 1, [arms], later(3))).toMatchObject({ outcome: 'superseded', decided: 0 });
    expect(await undo(item, 99, [arms], later(3))).toMatchObject({ outcome: 'unknown-review' });
    await undo(item, 2, [arms], later(3));
    expect(await undo(item, 3, [arms], later(4))).toMatchObject({ outcome: 'is-undo' });
  });

  it('of a word of the second coder stands against that coder, of a person’s word against nobody', async () => {
    const item = await givenItem(arms, talks);
    const model = { coder: 'llm' as const, coderVersion: 'm 1', author: 'm' };
    await putReview(sql, decisionOn(item, [cell('reject', arms)], model), later(1));
    await putReview(sql, decisionOn(item, [cell('reject', talks)]), later(1));
    await undo(item, 1, [arms, talks], later(2));
    await undo(item, 2, [arms, talks], later(2));
    expect(await labels()).toEqual(['rules mil.arms AAA-BBB occurred', 'rules pol.talks AAA-BBB occurred']);
    expect(await putReview(sql, decisionOn(item, [cell('reject', arms)], model), later(3))).toMatchObject({
      outcome: 'outranked',
    });
    expect(await putReview(sql, decisionOn(item, [cell('reject', talks)], model), later(3))).toMatchObject({
      outcome: 'written',
    });
  });
});

describe('codings', () => {
  it('of an older version that comes back are live again, as new rows', async () => {
    const item = await givenItem(arms);
    await recode(item, '2', [talks], later(1));
    await recode(item, '1', [arms], later(2));
    expect(await labels()).toEqual(['rules mil.arms AAA-BBB occurred']);
    expect(await labels(later(1))).toEqual(['rules pol.talks AAA-BBB occurred']);
    expect(await seriesMismatches(sql)).toEqual([]);
  });
});
