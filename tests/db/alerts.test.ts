import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { evaluateRules } from '../../activities/evaluate-rules.js';
import type { RuleScope } from '../../core/alerts/rule.js';
import type { Series, SeriesKey } from '../../core/alerts/series.js';
import { type EvaluationBatch, listAlerts, openAlertStore } from '../../db/alerts.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { storePoll } from '../../db/items.js';
import { alertDeps, coverDays, report, ruleOf } from '../support/alert-world.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { AT, addSources, newId, sampleItem, sampleLabel, samplePoll, sampleSource } from '../support/store-samples.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  await addSources(sql, sampleSource('one'), sampleSource('two', ['two-feed'], { bloc: 'other', name: 'The two' }));
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews, alerts,
    deliveries restart identity cascade`;
  await coverDays(sql, '2025-09-01');
});

const exercise = (more: Parameters<typeof sampleLabel>[2] = {}) => sampleLabel('mil.exercise', 'AAA-BBB', more);
const FIRST = ruleOf('first-seen', {});
const dirty = async () => (await sql<Array<{ n: number }>>`select count(*)::int as n from dirty_cells`)[0]!.n;
const alerts = () => sql`select rule_id, level, code, dyad, episode, severity, day from alerts order by 1, 2, 3, 4, 5`;

/** What an evaluation sees of a series. */
async function look<T>(work: (batch: EvaluationBatch) => Promise<T>): Promise<T> {
  const result = await openAlertStore(sql).evaluate(10, work);
  if (result === null) throw new Error('nothing was dirty');
  return result;
}

describe('evaluating', () => {
  it('raises once with what stands behind it, one delivery a channel, and leaves no cell dirty', async () => {
    await report(sql, 'one', 'a', [exercise({ severity: 2 })]);
    await report(sql, 'two', 'b', [exercise({ status: 'alleged', severity: 4 })]);
    const routes = [{ match: {}, channels: ['chat', 'archive'], continue: false }];
    expect(await evaluateRules(alertDeps(sql, { rules: [FIRST], routes }))).toEqual({
      cells: 1,
      raised: 1,
      deliveries: 2,
    });
    expect(await dirty()).toBe(0);
    expect(await alerts()).toEqual([
      {
        rule_id: 'first-seen',
        level: 'indicator',
        code: 'mil.exercise',
        dyad: 'AAA-BBB',
        episode: '+first-ever',
        severity: 'high',
        day: '2026-03-10',
      },
    ]);
    const [alert] = await listAlerts(sql, 10);
    expect(alert?.facts).toMatchObject({
      symbol: '★',
      headline: 'first ever',
      series: { title: 'AAA–BBB · Joint exercises', dyad: 'AAA-BBB', domain: 'mil', indicator: 'mil.exercise' },
      value: 2,
      usual: 0,
      window: { start: '2026-03-10', end: '2026-03-10', days: 1 },
      provisional: true,
      coverage: { day: '2026-03-09', read: 2, of: 2 },
      tracked: 2,
      families: ['one', 'two'],
      outlets: 2,
      languages: ['en'],
      blocs: ['other', 'western'],
      statuses: { occurred: 1, alleged: 1 },
      words: ['text'],
      totalItems: 2,
      versions: { codebook: ['1+aa'], coder: ['rules 1'] },
    });
    expect(alert?.facts.items).toMatchObject([
      { title: 'Title of b', outlet: 'The two', bloc: 'other', status: 'alleged', similar: 0 },
      { title: 'Title of a', outlet: 'The one', url: 'https://example.org/a', day: '2026-03-10', status: 'occurred' },
    ]);
    expect(alert?.deliveries).toEqual([
      { channel: 'archive', state: 'pending' },
      { channel: 'chat', state: 'pending' },
    ]);
  });

  it('raises nothing twice: not for the same cells, not for more items, not after a replay', async () => {
    const deps = alertDeps(sql, { rules: [FIRST, ruleOf('level', { threshold: 2 })] });
    await report(sql, 'one', 'a', [exercise()]);
    await report(sql, 'two', 'b', [exercise()]);
    expect(await evaluateRules(deps)).toMatchObject({ raised: 2 });
    expect(await evaluateRules(deps)).toEqual({ cells: 0, raised: 0, deliveries: 2 });
    await report(sql, 'one', 'c', [exercise()]);
    expect(await evaluateRules(deps)).toEqual({ cells: 1, raised: 0, deliveries: 2 });
    await sql`insert into dirty_cells values ('mil.exercise', 'AAA-BBB', '2026-03-10', now())`;
    expect(await evaluateRules(deps)).toEqual({ cells: 1, raised: 0, deliveries: 2 });
    expect(await alerts()).toHaveLength(2);
  });

  it('many evaluators at once raise once', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `n${i}`);
    for (const [i, name] of names.entries())
      await report(sql, i % 2 ? 'one' : 'two', name, [exercise(), sampleLabel('mil.visit', 'AAA-BBB')], {
        day: `2026-03-0${5 + (i % 5)}`,
      });
    const rules = [FIRST, ruleOf('level', { threshold: 3, series: 'dyad' })];
    const results = await Promise.all(Array.from({ length: 6 }, () => evaluateRules(alertDeps(sql, { rules }))));
    expect(results.reduce((sum, { raised }) => sum + raised, 0)).toBe(3);
    expect(await alerts()).toHaveLength(3);
    expect(await sql`select count(*)::int as n from deliveries`).toEqual([{ n: 3 }]);
    expect(await dirty()).toBe(0);
  });

  it('a crash in the middle leaves the cells dirty and no alert', async () => {
    await report(sql, 'one', 'a', [exercise()]);
    await report(sql, 'two', 'b', [exercise()]);
    const deps = alertDeps(sql, { rules: [FIRST] });
    const broken = {
      ...deps,
      alertStore: {
        ...deps.alertStore,
        evaluate: <T>(limit: number, work: (batch: EvaluationBatch) => Promise<T>) =>
          deps.alertStore.evaluate(limit, async (batch) => {
            await work(batch);
            throw new Error('killed');
          }),
      },
    };
    await expect(evaluateRules(broken)).rejects.toThrow('killed');
    expect([await dirty(), (await alerts()).length]).toEqual([1, 0]);
    expect(await evaluateRules(deps)).toMatchObject({ cells: 1, raised: 1 });
  });

  it('a cell that is being marked is left for the next time, with the counts of its writer', async () => {
    await report(sql, 'one', 'a', [exercise()]);
    const writer = connectDatabase(database.url, { max: 1 });
    let finish: () => void = () => undefined;
    const mayFinish = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let wrote: () => void = () => undefined;
    const hasWritten = new Promise<void>((resolve) => {
      wrote = resolve;
    });
    const writing = writer.begin(async (tx) => {
      const poll = samplePoll('two', { at: new Date(AT.getTime() + 60_000), items: [sampleItem('b', [exercise()])] });
      await storePoll(tx as unknown as Sql, poll);
      wrote();
      await mayFinish;
    });
    await hasWritten;
    const deps = alertDeps(sql, { rules: [FIRST] });
    expect(await evaluateRules(deps)).toEqual({ cells: 0, raised: 0, deliveries: 0 });
    finish();
    await writing;
    expect(await evaluateRules(deps)).toMatchObject({ cells: 1, raised: 1 });
    await writer.end();
  });

  it('an alert without a matching route is kept and goes nowhere', async () => {
    await report(sql, 'one', 'a', [exercise()]);
    await report(sql, 'two', 'b', [exercise()]);
    const routes = [{ match: { dyad: ['BBB-CCC'] }, channels: ['chat'], continue: false }];
    expect(await evaluateRules(alertDeps(sql, { rules: [FIRST], routes }))).toEqual({
      cells: 1,
      raised: 1,
      deliveries: 0,
    });
  });

  it('says in the log why it was quiet, and what it raised', async () => {
    await report(sql, 'one', 'a', [exercise()]);
    const deps = alertDeps(sql, { rules: [FIRST] });
    await evaluateRules(deps);
    expect(deps.log.lines.join()).toContain('only one reports it; the rule wants two publisher families');
    await report(sql, 'two', 'b', [exercise()]);
    await evaluateRules(deps);
    expect(deps.log.lines.join()).toContain('alert: AAA–BBB · Joint exercises');
  });

  it('denials alone raise nothing', async () => {
    await report(sql, 'one', 'a', [exercise({ status: 'denied' })]);
    await report(sql, 'two', 'b', [exercise({ status: 'denied' })]);
    const rules = [FIRST, ruleOf('level', { threshold: 1, measure: 'items' })];
    expect(await evaluateRules(alertDeps(sql, { rules }))).toMatchObject({ raised: 0 });
  });

  it('cooperation and friction of a dyad are alerts of their own', async () => {
    for (const source of ['one', 'two'])
      await report(sql, source, `x${source}`, [exercise(), sampleLabel('mil.quarrel', 'AAA-BBB', { polarity: -1 })]);
    const rules = [ruleOf('first-seen', { series: 'dyad' })];
    expect(await evaluateRules(alertDeps(sql, { rules }))).toMatchObject({ raised: 2 });
    expect((await listAlerts(sql, 10)).map(({ facts }) => facts.series.title).sort()).toEqual([
      'AAA–BBB · Cooperation',
      'AAA–BBB · Friction',
    ]);
    await report(sql, 'one', 'again', [exercise(), sampleLabel('mil.quarrel', 'AAA-BBB', { polarity: -1 })]);
    expect(await evaluateRules(alertDeps(sql, { rules }))).toMatchObject({ raised: 0 });
  });
});

describe('a series as rules see it', () => {
  const KEY: SeriesKey = { level: 'indicator', code: 'mil.exercise', dyad: 'AAA-BBB', polarity: 1 };
  const RANGE = { from: '2026-03-01', to: '2026-03-10', familiesFrom: '2026-03-01' };
  const counts = (series: Series) =>
    series.days
      .filter(({ items, stories }) => items + stories > 0)
      .map(({ day, items, stories }) => [day, items, stories]);
  const load = (key: SeriesKey, scope: RuleScope) => look((batch) => batch.loadSeries(key, scope, RANGE, []));

  beforeEach(async () => {
    await report(sql, 'one', 'old', [exercise()], { day: '2026-02-01' });
    await report(sql, 'one', 'a', [exercise()], { day: '2026-03-05' });
    await report(sql, 'two', 'b', [exercise({ status: 'denied' })], { day: '2026-03-06' });
    await report(sql, 'two', 'c', [exercise({ status: 'alleged' }), sampleLabel('mil.visit', 'AAA-BBB')], {
      day: '2026-03-06',
    });
    await report(sql, 'two', 'd', [sampleLabel('mil.visit', 'BBB-CCC')], { day: '2026-03-07' });
  });

  it('is laid over every day, with the last day before it and the families that do not merely deny', async () => {
    const series = await load(KEY, {});
    expect(series.days).toHaveLength(10);
    expect(counts(series)).toEqual([
      ['2026-03-05', 1, 1],
      ['2026-03-06', 2, 1],
    ]);
    expect(series.lastBefore).toBe('2026-02-01');
    expect(series.families).toEqual([
      { day: '2026-03-05', family: 'one' },
      { day: '2026-03-06', family: 'two' },
    ]);
  });

  it('counted from observations it equals the roll-up, at every level', async () => {
    const all: RuleScope = { status: ['occurred', 'announced', 'alleged', 'denied'] };
    const keys: SeriesKey[] = [
      KEY,
      { level: 'domain', code: 'mil', dyad: 'AAA-BBB', polarity: 1 },
      { level: 'dyad', code: '', dyad: 'AAA-BBB', polarity: 1 },
      { level: 'all', code: '', dyad: '', polarity: 1 },
    ];
    for (const key of keys) {
      await sql`insert into dirty_cells values ('mil.exercise', 'AAA-BBB', '2026-03-10', now()) on conflict do nothing`;
      const [rolled, counted] = await look((batch) =>
        Promise.all([batch.loadSeries(key, {}, RANGE, []), batch.loadSeries(key, all, RANGE, [])]),
      );
      expect(counted).toEqual(rolled);
      expect(counts(rolled).length).toBeGreaterThan(1);
    }
  });

  it('within a scope it counts only what is in it', async () => {
    expect(counts(await load(KEY, { status: ['alleged'] }))).toEqual([['2026-03-06', 1, 1]]);
    await sql`insert into dirty_cells values ('mil.exercise', 'AAA-BBB', '2026-03-10', now()) on conflict do nothing`;
    expect(counts(await load(KEY, { bloc: ['western'] }))).toEqual([['2026-03-05', 1, 1]]);
    await sql`insert into dirty_cells values ('mil.exercise', 'AAA-BBB', '2026-03-10', now()) on conflict do nothing`;
    const dyad: SeriesKey = { level: 'dyad', code: '', dyad: 'AAA-BBB', polarity: 1 };
    expect(counts(await load(dyad, { indicator: ['mil.visit'] }))).toEqual([['2026-03-06', 1, 1]]);
    await sql`update observations set confidence = 0.7 where bloc = 'western'`;
    await sql`insert into dirty_cells values ('mil.exercise', 'AAA-BBB', '2026-03-10', now()) on conflict do nothing`;
    // 0.7 as Postgres keeps it in four bytes is a little less than 0.7 as JavaScript has it.
    expect(counts(await load(KEY, { confidence: 0.7 }))).toEqual([
      ['2026-03-05', 1, 1],
      ['2026-03-06', 2, 1],
    ]);
    await sql`insert into dirty_cells values ('mil.exercise', 'AAA-BBB', '2026-03-10', now()) on conflict do nothing`;
    expect(counts(await load(KEY, { confidence: 0.71, bloc: ['western'] }))).toEqual([]);
  });

  it('knows how much of the panel was read', async () => {
    await sql`delete from coverage_days where day = '2026-03-04' or (feed_id = 'two-feed' and day = '2026-03-05')`;
    const store = openAlertStore(sql);
    const load = (ms = 0) => store.loadCoverage('2026-03-03', '2026-03-06', new Date(AT.getTime() + ms));
    const coverage = await load();
    expect(coverage).toEqual([
      { day: '2026-03-03', read: 2, of: 2 },
      { day: '2026-03-05', read: 1, of: 2 },
      { day: '2026-03-06', read: 2, of: 2 },
    ]);
    // Kept for ten minutes, unless the newest day has yet to be read.
    await sql`delete from coverage_days where day = '2026-03-06'`;
    expect(await load(599_000)).toBe(coverage);
    expect(await load(600_000)).toHaveLength(2);
    await coverDays(sql, '2026-03-06');
    expect(await load(600_001)).toHaveLength(3);
  });

  it('shows the newest title of an edited item, one item of a story, and counts the similar ones', async () => {
    const storyId = newId();
    const item = sampleItem('s1', [exercise({ severity: 5 })], { storyId });
    await storePoll(sql, samplePoll('one', { at: new Date(AT.getTime() + 900_000), items: [item] }));
    await report(sql, 'two', 's2', [exercise()]);
    for (const table of ['items', 'observations'])
      await sql`update ${sql(table)} set story_id = ${storyId} where ${sql(table === 'items' ? 'id' : 'item_id')} =
        (select id from items where key = 'guid:s2')`;
    const revisions = [
      { itemId: item.id, title: 'A better title', summary: '', fingerprint: 'f2', labels: [exercise({ severity: 5 })] },
    ];
    await storePoll(sql, samplePoll('one', { at: new Date(AT.getTime() + 901_000), revisions }));
    const evidence = await look((batch) => batch.findEvidence(KEY, {}, { start: '2026-03-01', end: '2026-03-10' }));
    expect(evidence.items[0]).toMatchObject({ title: 'A better title', similar: 1, status: 'occurred' });
    expect(evidence).toMatchObject({ totalItems: 5, statuses: { occurred: 3, alleged: 1, denied: 1 } });
    expect(evidence.items.at(-1)).toMatchObject({ title: 'Title of b', status: 'denied' });
  });
});
