import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDays, daysOf } from '../../core/trends/calendar.js';
import type { Point } from '../../core/trends/points.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { recordPolls } from '../../db/feeds.js';
import { storePoll } from '../../db/items.js';
import { trends } from '../../server/api/trends.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { addSources, sampleItem, samplePoll, sampleRecord, sampleSource } from '../support/store-samples.js';
import { contextOf, label } from './ask-world.js';

const FROM = '2025-11-10';
const TODAY = '2026-03-10';

let database: TestDatabase;
let sql: Sql;

/** Seventeen weeks and two days of full coverage with a story every other day, and six more on 3 March. */
beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  await addSources(sql, sampleSource('north', ['north-feed']));
  for (const day of daysOf(FROM, addDays(TODAY, 1)))
    await recordPolls(sql, [sampleRecord('north-feed', new Date(`${day}T06:00:00Z`))]);
  const days = daysOf(FROM, TODAY).filter((_, i) => i % 2 === 0);
  const title = 'Alphaland arms Betaland';
  const items = [...days, ...Array<string>(6).fill('2026-03-03')].map((day, i) =>
    sampleItem(`item-${i}`, [label('mil.aid', 'AAA-BBB', title, { AAA: 'Alphaland', BBB: 'Betaland', act: 'arms' })], {
      title,
      day,
      publishedAt: new Date(`${day}T05:00:00Z`),
    }),
  );
  const at = new Date(`${TODAY}T07:00:00Z`);
  await storePoll(sql, samplePoll('north', { at, items, poll: sampleRecord('north-feed', at) }));
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

async function points(parameters: Record<string, string>): Promise<Point[]> {
  const given = Object.entries({ dyad: 'AAA-BBB', indicator: 'mil.aid', ...parameters });
  const asked = await trends.ask(contextOf(sql), Object.fromEntries(given.map(([name, value]) => [name, [value]])));
  if (asked.kind !== 'answer') throw new Error(JSON.stringify(asked));
  return asked.body.series[0]!.points;
}

it('a steady series is expected to go on, once it has been covered for about five weeks', async () => {
  const all = await points({ from: FROM });
  expect(all.map((point) => point.stories)).toEqual([4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 10, 0]);
  // Exposure of 21, guarded by ten days: known on day 35 after the first, so the sixth week is the first that begins ready.
  expect(all.map((point) => point.baseline !== null)).toEqual([...Array(5).fill(false), ...Array(13).fill(true)]);
  // It starts from the pooled prior (0.02 a day here, worth 25 days) and comes up towards the 3.5 of the series. Week 16 by hand:
  // 95 days absorbed weigh (1 - 2^(-95/56)) / (1 - 2^(-1/56)) = 56.2, so 7 (0.5 + 56.2 / 2) / (25 + 56.2) = 2.47 a week.
  const expected = all.slice(5, 16).map((point) => point.baseline!);
  expect(expected.every((value, i) => i === 0 || value > expected[i - 1]!)).toBe(true);
  expect([expected[0]! > 1.5, Math.abs(expected.at(-1)! - 2.47) < 0.1]).toEqual([true, true]);
});

it('a burst stands out against what was known before it, and does not raise its own baseline', async () => {
  const [usual, burst] = (await points({ from: '2026-02-23', to: '2026-03-09' })) as [Point, Point];
  expect(burst.stories).toBe(10);
  expect(Math.abs(burst.baseline! - usual.baseline!)).toBeLessThan(0.15);
  expect(burst.z).toBeGreaterThan(2.5);
  expect(burst.stories).toBeGreaterThan(burst.high!);
  expect([usual.low! <= usual.stories!, usual.stories! <= usual.high!, Math.abs(usual.z!) < 0.5]).toEqual([
    true,
    true,
    true,
  ]);
});

it('the expectation of a week does not depend on the range asked for', async () => {
  const inLong = (await points({ from: FROM })).find((point) => point.start === '2026-02-23');
  const [alone] = await points({ from: '2026-02-23', to: '2026-03-02' });
  expect(alone).toEqual(inLong);
});

it('of a series without a story some little is expected, and no z-score is made of it', async () => {
  const last = (await points({ indicator: 'econ.trade', from: '2026-03-02', to: '2026-03-09' }))[0]!;
  expect(last.baseline).toBeGreaterThan(0);
  expect(last.baseline).toBeLessThan(0.2);
  expect([last.low, last.z]).toEqual([0, null]);
});

it.each<Record<string, string>>([
  { bloc: 'western' },
  { as_of: '2026-03-10' },
  { measure: 'items' },
  { coder: 'rules' },
])('has no baseline where %o asks for something it was not made of', async (more) => {
  const [point] = await points({ from: '2026-02-23', ...more });
  expect(point).toMatchObject({ stories: 3, baseline: null, low: null, high: null, z: null });
});
