import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachPage, recodeItems } from '../../activities/recode.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { countMoves, sumMoves } from '../../core/recode/moves.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { removeItem, storePoll } from '../../db/items.js';
import { loadMoves } from '../../db/recode-report.js';
import { endRecoding, findRecoding, reopenRecoding } from '../../db/recodings.js';
import { seriesMismatches } from '../../db/series.js';
import { buildRecodeDeps } from '../../runtime/recode-deps.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { SILENT, testRuntime } from '../support/poll-deps.js';
import { begin, fillIslands, inlinePageCoder, NEW, OLD, recodeDeps, TITLES } from '../support/recode-world.js';
import { AT, newId, samplePoll, sampleRevision } from '../support/store-samples.js';

const ALL = 1_000_000;

let database: TestDatabase;
let sql: Sql;
beforeEach(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 4 });
});
afterEach(async () => {
  await sql.end();
  await database.drop();
});

/** Live labels in short: `item 3: sea.quarrel ALD-BRE alleged (0.2+later)`, sorted. */
async function live(db = sql): Promise<string[]> {
  const rows = await db<Array<{ line: string }>>`
    select replace(i.key, 'guid:', '') || ': ' || indicator || ' ' || dyad || ' ' || status || ' (' || codebook_version || ')' as line
    from observations o join items i on i.id = o.item_id where superseded_at is null order by 1`;
  return rows.map(({ line }) => line);
}

/** Every stored row of what a recoding may touch, without ids. */
async function everything(db = sql): Promise<unknown> {
  const observations = await db`
    select i.key, o.indicator, o.dyad, o.status, o.codebook_version, o.recorded_at, o.superseded_at
    from observations o join items i on i.id = o.item_id order by 1, 2, 3, 5, 6`;
  const series = await db`select * from series_days order by 1, 2, 3, 4, 5`;
  const moves = await db`
    select i.key, m.indicator, m.dyad, m.day, m.kind from recoding_moves m join items i on i.id = m.item_id order by 1, 2, 3, 5`;
  const runs =
    await db`select state, items, observations, gained, lost, status, total from recodings order by requested_at`;
  return { observations: [...observations], series: [...series], moves: [...moves], runs: [...runs] };
}

async function recode(data = NEW, range = {}, at?: Date): Promise<string> {
  const { id } = await begin(sql, data, range, at);
  expect((await recodeItems(recodeDeps(sql), testRuntime(), { id, maxItems: ALL })).state).toBe('done');
  return id;
}

it('another codebook changes labels: old ones are superseded and kept, the roll-up equals a recount', async () => {
  await fillIslands(sql, 100);
  const before = await sql`select id from observations`;
  await recode();
  // Of five items: one keeps its label, one loses it, one gains one, one gets another status, one has none.
  expect((await live()).slice(0, 3)).toEqual([
    'item 0: sea.fishing ALD-BRE occurred (0.2+later)',
    'item 10: sea.fishing ALD-BRE occurred (0.2+later)',
    'item 12: sea.quarrel ALD-BRE alleged (0.2+later)',
  ]);
  expect(await live()).toHaveLength(60);
  const [old] = await sql`
    select count(*)::int as rows, count(superseded_at)::int as superseded from observations where codebook_version = ${OLD.codebook.version}`;
  expect(old).toEqual({ rows: before.length, superseded: before.length });
  expect(await seriesMismatches(sql)).toEqual([]);
});

it('tells what moved by series and month, with the items behind it and both labels', async () => {
  await fillIslands(sql, 100);
  const id = await recode();
  expect(await findRecoding(sql, { id })).toMatchObject({
    state: 'done',
    items: 100,
    total: 100,
    broken: 0,
    observations: 60,
    gained: 20,
    lost: 20,
    status: 20,
  });
  const moves = await loadMoves(sql, id);
  expect(sumMoves(moves, 'range')).toEqual([
    { indicator: 'sea.fishing', dyad: 'ALD-BRE', month: null, gained: 0, lost: 20, status: 0 },
    { indicator: 'sea.quarrel', dyad: 'ALD-BRE', month: null, gained: 20, lost: 0, status: 20 },
  ]);
  expect(sumMoves(moves, 'month')[0]).toMatchObject({ month: '2026-01', lost: 20 });
  const quarrel = moves.find(({ kind }) => kind === 'status')!;
  expect(quarrel).toMatchObject({
    item: { title: TITLES.status, source: 'gazette' },
    before: { status: 'occurred', codebookVersion: OLD.codebook.version },
    after: { status: 'alleged', codebookVersion: NEW.codebook.version },
  });
  expect(moves.find(({ kind }) => kind === 'lost')).toMatchObject({ item: { title: TITLES.lost }, after: null });
});

it('run again it finds nothing to do and writes no label', async () => {
  await fillIslands(sql, 60);
  await recode();
  const after = await sql`select * from observations order by id`;
  const id = await recode();
  expect(await sql`select * from observations order by id`).toEqual(after);
  expect(await findRecoding(sql, { id })).toMatchObject({ items: 60, observations: 0, gained: 0, lost: 0, status: 0 });
});

it('a dry run tells what the run then does, in transactions that may not write', async () => {
  await fillIslands(sql, 100);
  const readOnly = connectDatabase(`${database.url}?default_transaction_read_only=on`, { max: 2 });
  await expect(readOnly`delete from recoding_moves`).rejects.toThrow(/read-only/);
  const pages = await inlinePageCoder(readOnly, NEW);
  const { findPageEnd } = buildRecodeDeps(readOnly, { now: () => AT }, SILENT, 20);
  const scope = { after: null, until: 'ffffffff-ffff-ffff-ffff-ffffffffffff', from: null, before: null };
  const forecast: string[] = [];
  await eachPage({ findPageEnd }, pages, scope, new AbortController().signal, async (_, page) => {
    forecast.push(
      ...page.moves.map((m) => `${m.itemId} ${m.indicator} ${m.dyad} ${m.day} ${m.kind} ${m.after?.status}`),
    );
    return true;
  });
  await readOnly.end();
  const moves = await loadMoves(sql, await recode());
  const done = moves.map((m) => `${m.itemId} ${m.indicator} ${m.dyad} ${m.day} ${m.kind} ${m.after?.status}`);
  expect(forecast.sort()).toEqual(done.sort());
  expect(done).toHaveLength(60);
});

it('an interrupted run goes on behind its last page and ends as one that was never interrupted', async () => {
  await fillIslands(sql, 200);
  const twin = await createTestDatabase();
  const other = connectDatabase(twin.url, { max: 4 });
  await fillIslands(other, 200);
  const at = new Date('2026-06-01T00:00:00Z');
  const whole = await begin(other, NEW, {}, at);
  await recodeItems(recodeDeps(other), testRuntime(), { id: whole.id, maxItems: ALL });

  const { id } = await begin(sql, NEW, {}, at);
  for (let attempt = 0; attempt < 3; attempt++) {
    let pages = 0;
    const deps = recodeDeps(sql);
    const dying = {
      ...deps,
      // Dies after a page is written but before anybody hears of it, and then in the middle of writing one.
      async writeStretch(...args: Parameters<typeof deps.writeStretch>) {
        const outcome = await deps.writeStretch(...args);
        pages += 1;
        if (pages === 2) throw new Error('killed');
        return outcome;
      },
    };
    await expect(recodeItems(dying, testRuntime(), { id, maxItems: ALL })).rejects.toThrow('killed');
  }
  expect(await findRecoding(sql, { id })).toMatchObject({ state: 'running', items: 120 });
  expect(await recodeItems(recodeDeps(sql), testRuntime(), { id, maxItems: ALL })).toEqual({
    state: 'done',
    items: 80,
  });
  expect(await everything()).toEqual(await everything(other));
  await other.end();
  await twin.drop();
});

it('a page that fails while it is written leaves nothing of itself', async () => {
  await fillIslands(sql, 40);
  const { id } = await begin(sql, NEW);
  const before = await everything();
  await sql`alter table recoding_moves add constraint broken check (kind <> 'lost')`;
  await expect(recodeItems(recodeDeps(sql), testRuntime(), { id, maxItems: ALL })).rejects.toThrow(/broken/);
  await sql`alter table recoding_moves drop constraint broken`;
  expect(await everything()).toEqual(before);
});

it('of two workers on one run the one that comes late writes nothing and says so', async () => {
  await fillIslands(sql, 100);
  const { id } = await begin(sql, NEW);
  const deps = recodeDeps(sql);
  const late = {
    ...deps,
    async openPageCoder(run: Parameters<typeof deps.openPageCoder>[0]) {
      await recodeItems(deps, testRuntime(), { id, maxItems: 40 });
      return deps.openPageCoder(run);
    },
  };
  await expect(recodeItems(late, testRuntime(), { id, maxItems: ALL })).rejects.toMatchObject({
    reason: 'unavailable',
  });
  expect(await findRecoding(sql, { id })).toMatchObject({ state: 'running', items: 40 });
});

it('a cancelled run stops between two pages; resumed, or run anew, everything is coded', async () => {
  await fillIslands(sql, 100);
  const { id } = await begin(sql, NEW);
  const deps = recodeDeps(sql);
  const cancelling = {
    ...deps,
    async writeStretch(...args: Parameters<typeof deps.writeStretch>) {
      const outcome = await deps.writeStretch(...args);
      if ((await findRecoding(sql, { id }))?.items === 40) await endRecoding(sql, id, 'cancelled', AT);
      return outcome;
    },
  };
  const result = await recodeItems(cancelling, testRuntime(), { id, maxItems: ALL });
  expect(result).toEqual({ state: 'cancelled', items: 40 });
  expect(await seriesMismatches(sql)).toEqual([]);
  expect((await live()).filter((line) => line.includes('later'))).toHaveLength(24);

  expect(await reopenRecoding(sql, id)).toBe(true);
  expect(await recodeItems(deps, testRuntime(), { id, maxItems: ALL })).toEqual({ state: 'done', items: 60 });
  expect((await live()).filter((line) => line.includes('later'))).toHaveLength(60);
  expect(await findRecoding(sql, { id: await recode() })).toMatchObject({ items: 100, observations: 0 });
});

it('a signal to stop is heard between two pages', async () => {
  await fillIslands(sql, 100);
  const { id } = await begin(sql, NEW);
  const stop = new AbortController();
  const runtime = testRuntime({ signal: stop.signal, heartbeat: () => stop.abort(new Error('stopped')) });
  await expect(recodeItems(recodeDeps(sql), runtime, { id, maxItems: ALL })).rejects.toThrow('stopped');
  expect(await findRecoding(sql, { id })).toMatchObject({ state: 'running', items: 20 });
});

it('a call ends after so many items and says that there is more', async () => {
  await fillIslands(sql, 100);
  const { id } = await begin(sql, NEW);
  const runtime = testRuntime();
  expect(await recodeItems(recodeDeps(sql), runtime, { id, maxItems: 50 })).toEqual({ state: 'running', items: 60 });
  expect(runtime.beats).toHaveLength(3);
});

it('removed items are left out, edited ones are read as they are now', async () => {
  const ids = await fillIslands(sql, 10);
  await removeItem(sql, ids[2]!, 'on request', AT);
  const edit = { ...sampleRevision(ids[4]!, 'edited'), title: TITLES.gained };
  await storePoll(sql, samplePoll('gazette', { at: new Date('2026-05-01T00:00:00Z'), revisions: [edit] }));
  const id = await recode();
  expect(await findRecoding(sql, { id })).toMatchObject({ items: 9, total: 9 });
  const lines = await live();
  expect(lines.filter((line) => line.startsWith('item 2:'))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('item 4:'))).toEqual([
    'item 4: sea.quarrel ALD-BRE alleged (0.2+later)',
  ]);
});

it('codes the days asked for only', async () => {
  await fillIslands(sql, 200);
  const days = await sql<
    Array<{ day: string; items: number }>
  >`select day, count(*)::int as items from items group by 1 order by 1`;
  const [, second] = days;
  const id = await recode(NEW, { from: second!.day, to: days[2]!.day });
  expect(await findRecoding(sql, { id })).toMatchObject({ items: second!.items, total: second!.items });
  const [recoded] = await sql`
    select min(day) as first, max(day) as last from observations where codebook_version = ${NEW.codebook.version}`;
  expect(recoded).toEqual({ first: second!.day, last: second!.day });
});

it('back to the first codebook the first labels hold again, as new rows', async () => {
  await fillIslands(sql, 50);
  const first = await live();
  const rolledUp = await sql`select * from series_days where items + stories > 0 order by 1, 2, 3, 4, 5`;
  await recode(NEW);
  await recode(OLD, {}, new Date('2026-06-02T00:00:00Z'));
  expect(await live()).toEqual(first);
  expect(await sql`select * from series_days where items + stories > 0 order by 1, 2, 3, 4, 5`).toEqual(rolledUp);
  expect(await seriesMismatches(sql)).toEqual([]);
});

it('what a person decided is not revived, in the run and in its forecast', async () => {
  const ids = await fillIslands(sql, 5);
  // Item 3 is the seized trawler: somebody rejected that label.
  const cell = { indicator: 'sea.quarrel', dyad: 'ALD-BRE', verdict: 'reject', label: null };
  const [put] = await sql`
    select * from put_review(${sql.json({
      decision_id: newId(),
      item_id: ids[3]!,
      revision: 0,
      coder: 'human',
      coder_version: '1',
      codebook_version: OLD.codebook.version,
      author: 'ann',
      reason: 'it was a drill',
      sample: null,
      seen: 0,
      cells: [cell],
    })}, ${AT})`;
  expect(put!.outcome).toBe('written');
  const pages = await inlinePageCoder(sql, NEW);
  const { moves } = await pages.code({ after: null, to: ids[4]!, from: null, before: null });
  expect(moves.map(({ itemId, kind }) => [ids.indexOf(itemId), kind])).toEqual([
    [1, 'lost'],
    [2, 'gained'],
  ]);
  const id = await recode();
  expect((await live()).filter((line) => line.startsWith('item 3:'))).toEqual([]);
  expect((await loadMoves(sql, id)).filter(({ itemId }) => itemId === ids[3])).toEqual([]);
  expect(await seriesMismatches(sql)).toEqual([]);
});

it('an item that the coder breaks on keeps its labels', async () => {
  const ids = await fillIslands(sql, 10);
  const { id } = await begin(sql, NEW);
  const coder = createRulesCoder(NEW);
  const breaking = {
    ...coder,
    code: (input: Parameters<typeof coder.code>[0]) => {
      if (input.title === TITLES.status) throw new Error('no such rule');
      return coder.code(input);
    },
  };
  const deps = { ...recodeDeps(sql), openPageCoder: () => inlinePageCoder(sql, NEW, breaking) };
  await recodeItems(deps, testRuntime(), { id, maxItems: ALL });
  expect(await findRecoding(sql, { id })).toMatchObject({ state: 'done', items: 10, broken: 2 });
  const kept =
    await sql`select codebook_version from observations where item_id = ${ids[3]!} and superseded_at is null`;
  expect(kept.map((row) => row.codebook_version)).toEqual([OLD.codebook.version]);
});

it('two runs at once are refused', async () => {
  await fillIslands(sql, 10);
  await begin(sql, NEW);
  await expect(begin(sql, OLD)).rejects.toThrow('another run is in the way');
});

it('codes in threads what it codes in one', async () => {
  await fillIslands(sql, 200);
  const { id } = await begin(sql, NEW);
  const deps = buildRecodeDeps(sql, { now: () => AT }, SILENT, 20);
  expect(await recodeItems(deps, testRuntime(), { id, maxItems: ALL })).toEqual({ state: 'done', items: 200 });
  const moves = await loadMoves(sql, id);
  expect(countMoves(moves)).toEqual({ gained: 40, lost: 40, status: 40 });
});
