import type { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { seriesMismatches } from '../../db/series.js';
import { precisionSchema, queueSchema, reviewsSchema, writtenSchema } from '../../server/api/review-schemas.js';
import { itemSchema, problemSchema } from '../../server/api/schemas.js';
import { createApp, type ServerOptions } from '../../server/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { REVIEW_DATA } from '../support/review-data.js';
import { contextOf, READY, reviseFirst, SILENT_LOG, seedWorld, UNUSED_ID } from './ask-world.js';

const TOKEN = 'a-token-of-thirty-two-characters';
let database: TestDatabase;
let sql: Sql;
let app: OpenAPIHono;
let options: ServerOptions;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 4 });
});
afterAll(async () => {
  await sql?.end();
  await database?.drop();
});
beforeEach(async () => {
  await sql`truncate sources, feeds, hosts, items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days,
    polls, reviews restart identity cascade`;
  await seedWorld(sql);
  options = {
    ...contextOf(sql),
    data: REVIEW_DATA,
    env: { host: '127.0.0.1', port: 8080, apiToken: TOKEN },
    log: SILENT_LOG,
    readiness: async () => READY,
  };
  app = createApp(options);
});

const idOf = async (name: string) =>
  (await sql<[{ id: string }]>`select id from items where key = ${`guid:${name}`}`)[0].id;

/** Sends a decision; what `headers` names replaces what a well-behaved program sends. */
function send(item: string, body: unknown, headers: Record<string, string | null> = {}, to = app): Promise<Response> {
  const all = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', host: 'localhost', ...headers };
  const kept = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null);
  return Promise.resolve(
    to.request(`/api/v1/items/${item}/reviews`, {
      method: 'POST',
      headers: Object.fromEntries(kept),
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
}
// biome-ignore lint/suspicious/noExplicitAny: bodies of several shapes; the schemas are asked where it matters
const get = async (path: string): Promise<any> => (await app.request(`/api/v1${path}`)).json();
const said = { author: 'ann', reason: 'because' };

describe('a decision over HTTP', () => {
  it('is written, shown with the item, logged, and counted', async () => {
    const id = await idOf('four');
    const response = await send(id, { verdict: 'correct', to_status: 'alleged', ...said });
    expect(response.status).toBe(200);
    expect(writtenSchema.parse(await response.json())).toMatchObject({
      outcome: 'written',
      decided: 1,
      reviews: [{ id: 1, verdict: 'correct', author: 'ann', about: { coder: 'rules', status: 'denied' } }],
    });
    const item = itemSchema.parse(await get(`/items/${id}`));
    expect(item.labels).toMatchObject([
      {
        status: 'alleged',
        coder: 'human',
        confidence: 1,
        decision: { id: 1, verdict: 'correct', author: 'ann', reason: 'because' },
      },
    ]);
    expect(item.superseded).toMatchObject([{ status: 'denied', coder: 'rules', decision: null }]);
    expect(item.reviews).toHaveLength(1);
    const { items } = (await get('/items?indicator=econ.trade')) as { items: Array<{ labels: unknown[] }> };
    expect(items[0]!.labels).toMatchObject([{ decision: { author: 'ann', coder: 'human' } }]);
    expect(reviewsSchema.parse(await get('/reviews'))).toMatchObject({ reviews: [{ item: id }], next: null });
    expect(precisionSchema.parse(await get('/precision'))).toMatchObject({
      overall: { decided: 1, corrected: 1, corrected_within: 1, precision: 0 },
      per_indicator: { 'econ.trade': { decided: 1 } },
      per_coder: { 'rules 1.0.0': { decided: 1 } },
    });
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('said twice changes nothing the second time', async () => {
    const id = await idOf('four');
    const body = { verdict: 'confirm', ...said };
    await send(id, body);
    expect(await (await send(id, body)).json()).toMatchObject({ outcome: 'unchanged', decided: 0 });
    expect(await sql`select count(*)::int as n from reviews`).toEqual([{ n: 1 }]);
  });

  it('of three members counts each pair, and one pair of them can be rejected alone', async () => {
    const id = await idOf('five');
    await send(id, { verdict: 'confirm', ...said });
    await send(id, { verdict: 'reject', dyad: 'BBB-CCC', ...said });
    expect((await get('/precision')).overall).toMatchObject({ decided: 3, confirmed: 2, rejected: 1 });
    expect((await get(`/items/${id}`)).labels).toHaveLength(1);
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('is undone by its number, and the coder’s own words count again', async () => {
    const id = await idOf('one');
    await send(id, { verdict: 'reject', ...said });
    expect((await get(`/items/${id}`)).labels).toEqual([]);
    const undone = await send(id, { verdict: 'undo', review: 1, ...said });
    expect(await undone.json()).toMatchObject({ outcome: 'written', reviews: [{ verdict: 'undo', replaces: 1 }] });
    expect((await get(`/items/${id}`)).labels).toMatchObject([
      { indicator: 'mil.aid', coder: 'rules', decision: null },
    ]);
    expect((await send(await idOf('two'), { verdict: 'undo', review: 1, ...said })).status).toBe(404);
    expect((await send(id, { verdict: 'undo', review: 1, ...said })).status).toBe(409);
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it.each<[string, unknown, Record<string, string | null>, number]>([
    ['without a token', said, { authorization: null }, 401],
    ['with a wrong token', said, { authorization: 'Bearer wrong' }, 401],
    ['from a page of another site', said, { 'sec-fetch-site': 'cross-site' }, 403],
    ['from a page of a neighbouring site', said, { 'sec-fetch-site': 'same-site' }, 403],
    ['from another origin', said, { origin: 'https://evil.example' }, 403],
    ['from no origin that can be named', said, { origin: 'null' }, 403],
    ['as a form', 'verdict=confirm', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['as text that is JSON', said, { 'content-type': 'text/plain' }, 415],
    ['that is no JSON', '{"verdict"', {}, 400],
    ['that is a list', [1], {}, 400],
    ['without a verdict', said, {}, 400],
    ['with a number for a name', { verdict: 'confirm', author: { x: 1 }, reason: 'r' }, {}, 400],
    ['that is too large', JSON.stringify({ ...said, reason: 'x'.repeat(70_000) }), {}, 413],
    ['to undo what is no number', { verdict: 'undo', review: 'x', ...said }, {}, 400],
  ])('%s is refused, and nothing is written', async (_, body, headers, status) => {
    const response = await send(await idOf('four'), body, headers);
    expect(response.status).toBe(status);
    expect(problemSchema.parse(await response.json())).toMatchObject({ status });
    expect(await sql`select * from reviews`).toEqual([]);
  });

  it('from our own page, with the token, is taken', async () => {
    const headers = { 'sec-fetch-site': 'same-origin', origin: 'http://localhost', host: 'localhost' };
    expect((await send(await idOf('four'), { verdict: 'confirm', ...said }, headers)).status).toBe(200);
    const old = { origin: 'http://localhost', host: 'localhost' };
    expect((await send(await idOf('one'), { verdict: 'confirm', ...said }, old)).status).toBe(200);
  });

  it('needs a token to be set at all, also on loopback', async () => {
    const open = createApp({ ...options, env: { ...options.env, apiToken: null } });
    const response = await send(await idOf('four'), { verdict: 'confirm', ...said }, {}, open);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('AXISWATCH_API_TOKEN');
  });

  it('names the parameter, what is allowed and what was meant', async () => {
    const response = await send(await idOf('four'), {
      verdict: 'correct',
      to_indicator: 'econ.trad',
      dyad: 'AAA-BBD',
      ...said,
    });
    expect(response.status).toBe(400);
    expect(problemSchema.parse(await response.json()).errors).toMatchObject([
      { parameter: 'dyad', nearest: expect.stringMatching(/^AAA-/) },
      { parameter: 'to_indicator', nearest: 'econ.trade', allowed: expect.arrayContaining(['econ.trade']) },
    ]);
  });

  it('on an unknown item is 404, on one that somebody else decided meanwhile 409', async () => {
    expect((await send(UNUSED_ID, { verdict: 'confirm', ...said })).status).toBe(404);
    const id = await idOf('four');
    await send(id, { verdict: 'confirm', ...said });
    expect((await send(id, { verdict: 'reject', seen: 0, ...said })).status).toBe(409);
    expect((await send(id, { verdict: 'reject', seen: 1, ...said })).status).toBe(200);
  });

  it('is the only thing that POST does', async () => {
    for (const path of ['/', '/review', '/api/v1/reviews', '/api/v1/items', '/api/v1/items/x'])
      expect((await app.request(path, { method: 'POST' })).status).toBe(405);
  });
});

describe('the queue', () => {
  const queue = async (query = '') => queueSchema.parse(await get(`/reviews/queue${query}`));
  const shown = async (query = '') =>
    (await queue(query)).labels.map(
      ({ indicator, dyads, kinds }) => `${indicator} ${dyads.join(' ')}: ${kinds.join(' ')}`,
    );

  it('holds what is uncertain, nearest to the threshold first, and not what was decided', async () => {
    expect(await queue()).toMatchObject({ total: 0, labels: [] });
    await sql`update observations set confidence = 0.66 where indicator = 'mil.quarrel'`;
    await sql`update observations set confidence = 0.52 where indicator = 'econ.trade'`;
    expect(await shown()).toEqual(['econ.trade AAA-BBB: uncertain', 'mil.quarrel AAA-BBB: uncertain']);
    expect(await shown('?indicator=mil.quarrel')).toEqual(['mil.quarrel AAA-BBB: uncertain']);
    expect(await shown('?status=edited')).toEqual([]);
    await send(await idOf('four'), { verdict: 'confirm', ...said });
    expect(await shown()).toEqual(['mil.quarrel AAA-BBB: uncertain']);
  });

  it('holds what another source denies', async () => {
    // North says on 17 February that it happened; south tells of it a day later.
    await sql`update observations set status = 'denied' where item_id = ${await idOf('two')}`;
    expect(await shown('?status=contested')).toEqual(['mil.aid AAA-BBB: contested', 'mil.aid AAA-BBB: contested']);
    await sql`update observations set day = '2026-02-25' where item_id = ${await idOf('two')}`;
    expect(await shown('?status=contested')).toEqual([]);
  });

  it('holds decisions on a text that was edited since, first', async () => {
    await send(await idOf('one'), { verdict: 'reject', ...said });
    await sql`update observations set confidence = 0.5 where indicator = 'econ.trade'`;
    const id = await reviseFirst(sql);
    const { labels } = await queue();
    expect(labels[0]).toMatchObject({
      item: id,
      kinds: ['edited'],
      indicator: 'mil.aid',
      review: { id: 1, verdict: 'reject' },
    });
    expect((await get(`/items/${id}`)).labels).toMatchObject([{ indicator: 'econ.trade' }]);
  });

  it('holds the cells that a correction went to, not the one that it left', async () => {
    const id = await idOf('one');
    await send(id, { verdict: 'correct', to_indicator: 'econ.trade', ...said });
    await reviseFirst(sql);
    expect(await shown('?status=edited')).toEqual(['econ.trade AAA-BBB: edited']);
  });

  it('draws the same sample for the same seed, with what was decided of it, and precision counts it apart', async () => {
    const first = await queue('?sample=3&seed=5');
    expect(first).toMatchObject({ total: 6, sample: '3 of all to 2026-03-10, seed 5' });
    expect((await queue('?sample=3&seed=5')).labels).toEqual(first.labels);
    const others = await Promise.all([1, 2, 3, 4].map((seed) => queue(`?sample=3&seed=${seed}`)));
    expect(
      new Set(others.map(({ labels }) => labels.map(({ item, indicator }) => item + indicator).join())).size,
    ).toBeGreaterThan(1);
    const { item, indicator } = first.labels[0]!;
    await send(item, { verdict: 'confirm', indicator, sample: first.sample, ...said });
    const again = await queue('?sample=3&seed=5');
    expect(again.labels.map((label) => label.item + label.indicator)).toEqual(
      first.labels.map((label) => label.item + label.indicator),
    );
    expect(again.labels[0]).toMatchObject({ review: { verdict: 'confirm', author: 'ann' } });
    expect((await get('/precision')).sampled).toMatchObject({ confirmed: first.labels[0]!.dyads.length, precision: 1 });
    expect((await get('/reviews')).reviews[0].sample).toBe(first.sample);
  });
});

describe('the log', () => {
  it('leads from page to page, and is narrowed', async () => {
    for (const name of ['one', 'two', 'four'])
      await send(await idOf(name), { verdict: name === 'two' ? 'reject' : 'confirm', ...said });
    const first = await get('/reviews?limit=2');
    expect(first.reviews.map(({ id }: { id: number }) => id)).toEqual([3, 2]);
    const rest = await get(`/reviews?limit=2&cursor=${first.next}`);
    expect(rest).toMatchObject({ reviews: [{ id: 1 }], next: null });
    expect((await get('/reviews?verdict=reject')).reviews).toHaveLength(1);
    expect((await get('/reviews?author=bob')).reviews).toEqual([]);
    expect((await get(`/reviews?item=${await idOf('one')}`)).reviews).toHaveLength(1);
    const csv = await (await app.request('/api/v1/reviews.csv')).text();
    expect(csv.split('\r\n')[1]).toContain('confirm,human,ann,because');
    const asked = await app.request('/api/v1/reviews?verdict=confrim');
    expect(await asked.json()).toMatchObject({ errors: [{ parameter: 'verdict', nearest: 'confirm' }] });
  });
});
