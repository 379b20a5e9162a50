import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WorldClock } from '../../core/clock.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { loadClock, readSetting, readWorldClock, writeSetting, writeWorldClock } from '../../db/settings.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 2 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

it('a setting is absent, kept, and replaced', async () => {
  expect(await readSetting(sql, 'colour')).toBeNull();
  await writeSetting(sql, 'colour', { name: 'blue' });
  await writeSetting(sql, 'colour', { name: 'green', words: ['a', null, 1] });
  expect(await readSetting(sql, 'colour')).toEqual({ name: 'green', words: ['a', null, 1] });
});

it('the clock is ours where there is no world of its own', async () => {
  const before = Date.now();
  const now = (await loadClock(sql)).now().getTime();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

it("a world's clock is kept whole and tells its time", async () => {
  const clock: WorldClock = {
    startAt: '2024-01-01T00:00:00.000Z',
    endAt: '2024-06-01T00:00:00.000Z',
    originAt: null,
    rate: 86_400,
    seenAt: '2026-01-01T00:00:00.000Z',
  };
  await writeWorldClock(sql, clock);
  expect(await readWorldClock(sql)).toEqual(clock);
  expect((await loadClock(sql)).now().toISOString()).toBe('2024-01-01T00:00:00.000Z');
});
