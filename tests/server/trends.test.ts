import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { seriesMismatches } from '../../db/series.js';
import type { AskContext } from '../../server/api/context.js';
import { matrix } from '../../server/api/matrix.js';
import { trendsSchema } from '../../server/api/schemas.js';
import { trends } from '../../server/api/trends.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { contextOf, NOW, reviseFirst, seedWorld } from './ask-world.js';

let database: TestDatabase;
let sql: Sql;
let context: AskContext;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  context = contextOf(sql);
  await seedWorld(sql);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

async function ask(parameters: Record<string, string>, of: AskContext = context) {
  const asked = await trends.ask(
    of,
    Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
  );
  if (asked.kind !== 'answer') throw new Error(JSON.stringify(asked));
  return asked.body;
}

const RANGE = { from: '2026-02-16', to: '2026-03-16' };

describe('a trend', () => {
  it('counts items, stories, families and blocs per ISO week, with coverage and share', async () => {
    const body = await ask({ dyad: 'AAA-BBB', indicator: 'mil.aid', ...RANGE });
    const nothing = { baseline: null, low: null, high: null, z: null };
    expect(body.series).toEqual([
      {
        dyad: 'AAA-BBB',
        domain: 'military',
        indicator: 'mil.aid',
        points: [
          {
            start: '2026-02-16',
            end: '2026-02-23',
            items: 2,
            stories: 2,
            families: 2,
            blocs: 2,
            total_stories: 2,
            share: 1,
            coverage: 1,
            ...nothing,
            provisional: false,
          },
          {
            start: '2026-02-23',
            end: '2026-03-02',
            items: null,
            stories: null,
            families: null,
            blocs: null,
            total_stories: null,
            share: null,
            coverage: 0,
            ...nothing,
            provisional: false,
          },
          {
            start: '2026-03-02',
            end: '2026-03-09',
            items: 1,
            stories: 1,
            families: 1,
            blocs: 1,
            total_stories: 1,
            share: 1,
            coverage: 0.5,
            ...nothing,
            provisional: false,
          },
          {
            start: '2026-03-09',
            end: '2026-03-16',
            items: 1,
            stories: 1,
            families: 1,
            blocs: 1,
            total_stories: 1,
            share: 1,
            coverage: 0.5,
            ...nothing,
            provisional: true,
          },
        ],
      },
    ]);
    expect(trendsSchema.parse(body)).toEqual(body);
  });

  it('shows a denied report as an item but counts no story, unless denials are asked for', async () => {
    const pick = async (more: Record<string, string>) => {
      const body = await ask({ dyad: 'AAA-BBB', indicator: 'econ.trade', ...RANGE, ...more });
      return body.series[0]!.points.map(({ items, stories }) => [items, stories]);
    };
    expect(await pick({})).toEqual([
      [0, 0],
      [null, null],
      [1, 0],
      [0, 0],
    ]);
    expect(await pick({ status: 'denied' })).toEqual([
      [0, 0],
      [null, null],
      [1, 1],
      [0, 0],
    ]);
    expect(await pick({ status: 'occurred' })).toEqual([
      [0, 0],
      [null, null],
      [0, 0],
      [0, 0],
    ]);
  });

  it('counts a story with two indicators of a domain once in the domain', async () => {
    const body = await ask({ dyad: 'AAA-BBB', domain: 'military', group_by: 'domain', ...RANGE });
    expect(body.series.map((one) => [one.dyad, one.domain, one.indicator])).toEqual([['AAA-BBB', 'military', null]]);
    expect(body.series[0]!.points.map((point) => point.stories)).toEqual([2, null, 1, 1]);
  });

  it('counts a story of three members once in the whole and once in each of its dyads', async () => {
    const whole = await ask({ group_by: 'indicator', indicator: 'mil.aid', ...RANGE });
    expect(whole.series[0]!.points.at(-1)).toMatchObject({ items: 1, stories: 1, total_stories: 1 });
    const dyads = await ask({ group_by: 'dyad', indicator: 'mil.aid', ...RANGE });
    expect(dyads.series.map(({ dyad, points }) => [dyad, points.at(-1)!.stories])).toEqual([
      ['AAA-BBB', 1],
      ['AAA-CCC', 1],
      ['BBB-CCC', 1],
    ]);
  });

  it.each([
    [{ bloc: 'other' }, [1, null, 0, 0]],
    [{ language: 'fa' }, [0, null, 0, 0]],
    [{ status: 'alleged' }, [1, null, 0, 0]],
    [{ polarity: 'friction', indicator: 'mil.quarrel' }, [0, null, 1, 0]],
    [{ coder: 'human' }, [0, null, 0, 0]],
    [{ coder: 'rules' }, [2, null, 1, 1]],
    [{ codebook: '1.0+test' }, [2, null, 1, 1]],
  ])('filters observations by %o', async (filter, stories) => {
    const body = await ask({ dyad: 'AAA-BBB', indicator: 'mil.aid', ...RANGE, ...filter });
    expect(body.series[0]!.points.map((point) => point.stories)).toEqual(stories);
  });

  it('refuses a version that never coded anything', async () => {
    await expect(ask({ dyad: 'AAA-BBB', indicator: 'mil.aid', ...RANGE, codebook: '0.9' })).rejects.toThrow(
      /known: 1\.0\+test/,
    );
  });

  it('by day, a day that nobody read is a gap and a read day without a story is a zero', async () => {
    const body = await ask({
      dyad: 'AAA-BBB',
      indicator: 'mil.aid',
      from: '2026-02-17',
      to: '2026-02-25',
      granularity: 'day',
    });
    expect(body.series[0]!.points.map((point) => [point.start, point.stories, point.coverage])).toEqual([
      ['2026-02-17', 1, 1],
      ['2026-02-18', 1, 1],
      ['2026-02-19', 0, 1],
      ['2026-02-20', 0, 1],
      ['2026-02-21', 0, 1],
      ['2026-02-22', 0, 1],
      ['2026-02-23', null, 0],
      ['2026-02-24', null, 0],
    ]);
  });

  it('of twelve weeks up to now begins on a Monday and gives the days asked for back', async () => {
    const body = await ask({ dyad: 'BBB-AAA', last: '12w' });
    expect(body.query).toMatchObject({
      dyad: ['AAA-BBB'],
      from: '2025-12-22',
      to: '2026-03-16',
      group_by: ['dyad', 'domain'],
    });
    expect(body.series[0]!.points).toHaveLength(12);
    expect(body.meta.permalink).toBe(
      '/api/v1/trends?dyad=AAA-BBB&from=2025-12-22&to=2026-03-16&granularity=week&measure=stories&group_by=dyad&group_by=domain&normalise=none',
    );
  });

  it('stands beside the range before it when asked to', async () => {
    const late = { dyad: 'AAA-BBB', indicator: 'mil.aid', from: '2026-03-02', to: '2026-03-16' };
    const body = await ask({ ...late, compare: 'previous' });
    const [before] = (await ask({ ...late, from: '2026-02-16', to: '2026-03-02' })).series;
    const [alone] = (await ask(late)).series;
    expect(body.series).toEqual([{ ...alone, compare: before!.points }]);
    expect(before!.points.map((point) => point.stories)).toEqual([2, null]);
    expect(trendsSchema.parse(body)).toEqual(body);
  });

  it('equals the sums of the daily roll-up, in the trends as in the matrix', async () => {
    expect(await seriesMismatches(sql)).toEqual([]);
    const asked = await matrix.ask(context, { from: [RANGE.from], to: [RANGE.to] });
    if (asked.kind !== 'answer') throw new Error(JSON.stringify(asked));
    for (const polarity of ['1', '-1'] as const) {
      const body = await ask({ ...RANGE, polarity });
      const name = polarity === '1' ? 'cooperation' : 'friction';
      for (const { dyad, domain, points } of body.series) {
        const cell = asked.body.rows.find((row) => row.dyad === dyad)!.cells.find((one) => one.domain === domain)!;
        expect(cell.points.map((point) => point[name])).toEqual(points.map((point) => point.stories));
      }
    }
  });

  it('is one statement', async () => {
    const statements: string[] = [];
    const counted = connectDatabase(database.url, { max: 1 });
    const watched = new Proxy(counted, {
      apply(target, self, args) {
        const made = Reflect.apply(target as never, self, args) as PromiseLike<unknown>;
        return new Proxy(made, {
          get(query, key) {
            // A fragment is never awaited, a statement is.
            if (key === 'then') statements.push('statement');
            const value = Reflect.get(query, key, query);
            return typeof value === 'function' ? value.bind(query) : value;
          },
        });
      },
    });
    await ask({ domain: 'military', ...RANGE }, contextOf(watched as Sql));
    await counted.end();
    expect(statements).toHaveLength(1);
  });
});

describe('as_of', () => {
  it('shows what was known on a date, after an edit has changed it', async () => {
    await reviseFirst(sql);
    const later: AskContext = { ...context, clock: { now: () => new Date('2026-03-11T12:00:00Z') } };
    const stories = async (parameters: Record<string, string>, of = later) =>
      (await ask({ dyad: 'AAA-BBB', ...RANGE, ...parameters }, of)).series[0]!.points.map((point) => point.stories);
    expect(await stories({ indicator: 'mil.aid' })).toEqual([1, null, 1, 1]);
    expect(await stories({ indicator: 'econ.trade' })).toEqual([1, null, 0, 0]);
    // Counted from the observations as from the roll-up, a label that no longer holds is gone.
    expect(await stories({ indicator: 'mil.aid', status: 'occurred' })).toEqual([0, null, 1, 1]);
    const [point] = (await ask({ dyad: 'AAA-BBB', indicator: 'mil.aid', ...RANGE }, later)).series[0]!.points;
    expect(point).toMatchObject({ items: 1, families: 1, blocs: 1, total_stories: 2, share: 0.5 });
    expect(await stories({ indicator: 'mil.aid', as_of: NOW.toISOString() })).toEqual([2, null, 1, 1]);
    expect(await stories({ indicator: 'econ.trade', as_of: NOW.toISOString() })).toEqual([0, null, 0, 0]);
    // On 3 March nothing of the week after was known, so there is no point of it.
    expect(await stories({ indicator: 'mil.aid', as_of: '2026-03-03' })).toEqual([2, null, 1]);
    expect(await seriesMismatches(sql)).toEqual([]);
  });
});
