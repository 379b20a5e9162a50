import { afterAll, beforeAll, expect, it } from 'vitest';
import { recodeItems } from '../../activities/recode.js';
import { CODER_VERSION } from '../../core/coder/rules-coder.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { recordCodebook } from '../../db/codebooks.js';
import { storePoll } from '../../db/items.js';
import type { AskContext } from '../../server/api/context.js';
import { items } from '../../server/api/items.js';
import { trends } from '../../server/api/trends.js';
import { coverDays } from '../support/alert-world.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { testRuntime } from '../support/poll-deps.js';
import { begin, fillIslands, NEW, OLD, recodeDeps, TITLES } from '../support/recode-world.js';
import { AT, samplePoll, sampleRevision } from '../support/store-samples.js';

// Stored history coded with one codebook and then with another: what each said stays to be asked for.

const [FIRST, SECOND] = [OLD.codebook.version, NEW.codebook.version];

let database: TestDatabase;
let sql: Sql;
let context: AskContext;
let ids: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 4 });
  ids = await fillIslands(sql, 100);
  await coverDays(sql, '2026-01-01');
  await recordCodebook(sql, OLD.codebook, AT);
  await recordCodebook(sql, NEW.codebook, AT);
  await recode(NEW);
  context = {
    sql,
    config: { sources: [] },
    codebook: NEW.codebook,
    coderVersion: `rules ${CODER_VERSION}`,
    clock: { now: () => AT },
    version: '0.0.0',
  };
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

async function recode(data: typeof NEW, at = new Date('2026-06-01T00:00:00Z')): Promise<void> {
  const { id } = await begin(sql, data, {}, at);
  const result = await recodeItems(recodeDeps(sql, 20, at), testRuntime(), { id, maxItems: 1e6 });
  expect(result.state).toBe('done');
}

/** Items of the two indicators at sea, of all days, as the trends count them. */
async function countItems(parameters: Record<string, string[]>): Promise<Record<string, number>> {
  const asked = await trends.ask(context, {
    ...{ from: ['2026-01-01'], to: ['2026-03-01'], granularity: ['month'], measure: ['items'], dyad: ['ALD-BRE'] },
    ...{ indicator: ['sea.fishing', 'sea.quarrel'], ...parameters },
  });
  if (asked.kind !== 'answer') throw new Error(JSON.stringify(asked));
  return Object.fromEntries(
    asked.body.series.map(({ indicator, points }) => [
      indicator,
      points.reduce((sum, point) => sum + (point.items ?? 0), 0),
    ]),
  );
}

async function itemLabels(title: string, parameters: Record<string, string[]>): Promise<string[]> {
  const asked = await items.ask(context, { ...parameters, limit: ['500'] });
  if (asked.kind !== 'answer') throw new Error(JSON.stringify(asked));
  const found = asked.body.items.filter((item) => item.title === title);
  return [...new Set(found.flatMap(({ labels }) => labels.map((l) => `${l.indicator} ${l.status}`)))];
}

it('without a version, what holds now is counted', async () => {
  expect(await countItems({})).toEqual({ 'sea.fishing': 20, 'sea.quarrel': 40 });
});

it('each codebook version counts what it said', async () => {
  expect(await countItems({ codebook: [FIRST] })).toEqual({ 'sea.fishing': 40, 'sea.quarrel': 20 });
  expect(await countItems({ codebook: [SECOND] })).toEqual({ 'sea.fishing': 20, 'sea.quarrel': 40 });
  expect(await countItems({ codebook: [FIRST], coder: [CODER_VERSION] })).toEqual(
    await countItems({ codebook: [FIRST] }),
  );
});

it('a coder that read everything with both is asked for its last word', async () => {
  expect(await countItems({ coder: [CODER_VERSION] })).toEqual({ 'sea.fishing': 20, 'sea.quarrel': 40 });
  expect(await countItems({ coder: ['rules'] })).toEqual({ 'sea.fishing': 20, 'sea.quarrel': 40 });
});

it('items show the labels of the version asked for', async () => {
  expect(await itemLabels(TITLES.status, { codebook: [FIRST] })).toEqual(['sea.quarrel occurred']);
  expect(await itemLabels(TITLES.status, { codebook: [SECOND] })).toEqual(['sea.quarrel alleged']);
  expect(await itemLabels(TITLES.lost, { codebook: [FIRST] })).toEqual(['sea.fishing occurred']);
  expect(await itemLabels(TITLES.lost, { codebook: [SECOND] })).toEqual([]);
});

it('an older codebook is asked in its own words', async () => {
  const renamed = { ...context, codebook: { ...NEW.codebook, version: '9+other', indicators: [], dyads: [] } };
  const asked = await trends.ask(renamed, { codebook: [FIRST], indicator: ['sea.quarrel'], dyad: ['ALD-BRE'] });
  expect(asked).toMatchObject({ kind: 'answer', body: { meta: { codebook_version: FIRST } } });
});

it.each([
  ['codebook', '0.1+nothing', `"0.1+nothing" ever coded anything here`],
  ['coder', '7.7', '"7.7" ever coded anything here'],
])('an unknown %s is answered with those that are known', async (parameter, value, message) => {
  for (const question of [trends, items]) {
    const asked = await question.ask(context, { [parameter]: [value] });
    expect(asked).toMatchObject({ kind: 'invalid', problems: [{ parameter }] });
    const [problem] = asked.kind === 'invalid' ? asked.problems : [];
    expect(problem?.message).toContain(message);
    for (const known of parameter === 'codebook' ? [FIRST, SECOND] : ['rules', CODER_VERSION])
      expect(problem?.message).toContain(known);
  }
});

it('a version that never read the present text has no word on it', async () => {
  const edit = { ...sampleRevision(ids[0]!, 'edited'), title: TITLES.nothing };
  await storePoll(sql, samplePoll('gazette', { at: new Date('2026-07-01T00:00:00Z'), revisions: [edit] }));
  expect(await countItems({ codebook: [FIRST] })).toMatchObject({ 'sea.fishing': 39 });
});

it('after going back, both versions still count as before', async () => {
  await recode(OLD, new Date('2026-08-01T00:00:00Z'));
  expect(await countItems({})).toEqual(await countItems({ codebook: [FIRST] }));
  expect(await countItems({ codebook: [FIRST] })).toEqual({ 'sea.fishing': 39, 'sea.quarrel': 20 });
  expect(await countItems({ codebook: [SECOND] })).toEqual({ 'sea.fishing': 19, 'sea.quarrel': 40 });
});
