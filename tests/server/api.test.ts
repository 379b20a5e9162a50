import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { connectDatabase, type Sql } from '../../db/client.js';
import { PARAMETER_DOCS, QUESTIONS } from '../../server/api/questions.js';
import {
  itemSchema,
  itemsSchema,
  matrixSchema,
  problemSchema,
  statusSchema,
  trendsSchema,
} from '../../server/api/schemas.js';
import { createApp, type RunningServer, type ServerOptions, startServer } from '../../server/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { contextOf, HOSTILE_TITLE, READY, SILENT_LOG, seedWorld, UNUSED_ID } from './ask-world.js';

let database: TestDatabase;
let sql: Sql;
let options: ServerOptions;
let server: RunningServer;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  await seedWorld(sql);
  options = {
    ...contextOf(sql),
    env: { host: '127.0.0.1', port: 0, apiToken: null },
    log: SILENT_LOG,
    readiness: async () => READY,
  };
  server = await startServer(options);
});
afterAll(async () => {
  await server.close();
  await sql.end();
  await database.drop();
});

const get = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
// biome-ignore lint/suspicious/noExplicitAny: bodies are checked by their schemas and by whole values
const json = async (response: Response | Promise<Response>): Promise<any> => (await response).json();
const RANGE = 'from=2026-02-16&to=2026-03-16';

describe('the shapes of the contract', () => {
  const cases: Array<[string, z.ZodType]> = [
    [`/api/v1/trends?dyad=AAA-BBB&${RANGE}`, trendsSchema],
    [`/api/v1/matrix?${RANGE}`, matrixSchema],
    ['/api/v1/items', itemsSchema],
    ['/api/v1/status', statusSchema],
    ...Object.entries(QUESTIONS).map(([noun, { schema }]): [string, z.ZodType] => [`/api/v1/${noun}`, schema]),
  ];
  it.each(cases)('%s', async (path, schema) => {
    const response = await get(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const body = await json(response);
    expect(schema.parse(body)).toEqual(body);
  });

  it('items carry their labels, put together again from their dyads', async () => {
    const { items } = await json(get('/api/v1/items?labelled=true&limit=1'));
    expect(items).toMatchObject([
      {
        feed: 'north-feed',
        source: 'north',
        key: 'guid:five',
        title: HOSTILE_TITLE,
        published_at: '2026-03-09T07:00:00.000Z',
        revision: 0,
        labels: [
          {
            indicator: 'mil.aid',
            participants: ['AAA', 'BBB', 'CCC'],
            status: 'occurred',
            severity: 3,
            direction: 'AAA>BBB',
            polarity: 1,
            confidence: 0.86,
          },
        ],
      },
    ]);
    expect(items[0].labels).toHaveLength(1);
    for (const { field, start, end, text } of items[0].labels[0].evidence)
      expect(items[0][field].slice(start, end)).toBe(text);
  });

  it('one item tells why: rules, versions, revisions', async () => {
    const { items } = await json(get('/api/v1/items?dyad=AAA-CCC'));
    const body = await json(get(`/api/v1/items/${items[0].id}`));
    expect(itemSchema.parse(body)).toEqual(body);
    expect(body.labels[0]).toMatchObject({ rules: ['verb-object'], coder: 'rules', coder_version: '1.0.0' });
    expect(body.revisions).toHaveLength(1);
  });

  it('status tells what each feed came to', async () => {
    const body = await json(get('/api/v1/status'));
    expect(body).toMatchObject({ ready: true, version: '0.1.0', temporal: READY.temporal, lag_seconds: 0 });
    expect(body.feeds).toEqual([
      {
        id: 'north-feed',
        source: 'north',
        state: 'ok',
        last_polled_at: '2026-03-10T06:00:00.000Z',
        last_success_at: '2026-03-10T06:00:00.000Z',
        consecutive_failures: 0,
        reason: null,
        detail: null,
        next_due_at: '2026-03-10T12:10:00.000Z',
        items: 5,
      },
      expect.objectContaining({
        id: 'south-feed',
        state: 'failing',
        reason: 'timeout',
        consecutive_failures: 4,
        items: 1,
      }),
    ]);
  });
});

it('a feed that could not be asked because our own line is down is not in order', async () => {
  await sql`update feeds set last_kind = 'failed', last_reason = 'network', last_detail = 'our own line seems to be down' where id = 'north-feed'`;
  try {
    const { feeds } = await json(get('/api/v1/status'));
    expect(feeds[0]).toMatchObject({ id: 'north-feed', state: 'failing', consecutive_failures: 0, reason: 'network' });
  } finally {
    await sql`update feeds set last_kind = 'polled', last_reason = null, last_detail = null where id = 'north-feed'`;
  }
});

describe('a page of items', () => {
  it('leads to the next until all were seen once', async () => {
    const seen: string[] = [];
    let path: string | null = '/api/v1/items?limit=4';
    while (path) {
      const response: Response = await get(path);
      const body = await json(response);
      seen.push(...body.items.map((item: { key: string }) => item.key));
      const link = response.headers.get('link');
      expect(link === null).toBe(body.next === null);
      path = link ? link.slice(1, link.indexOf('>')) : null;
    }
    expect(seen).toHaveLength(6);
    expect([...seen].sort()).toEqual(['guid:five', 'guid:four', 'guid:one', 'guid:six', 'guid:three', 'guid:two']);
  });

  it.each([
    ['dyad=AAA-CCC', ['guid:five']],
    ['status=denied', ['guid:four']],
    ['polarity=-1', ['guid:three']],
    ['source=south', ['guid:two']],
    ['bloc=other&labelled=true', ['guid:two']],
    ['domain=econ', ['guid:four']],
    ['from=2026-03-03&to=2026-03-04', ['guid:three']],
  ])('narrowed by %s', async (query, keys) => {
    const { items } = await json(get(`/api/v1/items?${query}`));
    expect(items.map((item: { key: string }) => item.key)).toEqual(keys);
  });
});

describe('a question with a mistake', () => {
  it.each([
    ['trends?dyad=AAA-BBBB', 'dyad', '"AAA-BBBB" is not a dyad; did you mean "AAA-BBB"?', 'AAA-BBB'],
    ['trends?domain=militry', 'domain', '"militry" is not a domain; did you mean "military"?', 'military'],
    ['trends?indicator=aid', 'indicator', '"aid" is not an indicator; did you mean "mil.aid"?', 'mil.aid'],
    ['trends?dyads=AAA-BBB', 'dyads', '"dyads" is not a parameter here; did you mean "dyad"?', 'dyad'],
    ['trends?from=2026-13-01', 'from', '"2026-13-01" is not a day: write YYYY-MM-DD, like 2026-01-31', null],
    ['trends?granularity=weak', 'granularity', '"weak" is not a granularity; did you mean "week"?', 'week'],
    ['trends?last=twelve', 'last', expect.stringContaining('12w, 90d or 2y'), null],
    ['trends?from=2026-03-01&to=2026-03-01', 'from', expect.stringContaining('half-open'), null],
    ['trends?from=1900-01-01&granularity=day', 'granularity', expect.stringContaining('more than 50000 points'), null],
    [
      'trends?domain=economic&indicator=mil.aid',
      'indicator',
      expect.stringContaining('belongs to the domain military'),
      null,
    ],
    ['matrix?dyad=AAA-BBB', 'dyad', '"dyad" is not a parameter here', null],
    ['items?cursor=nonsense', 'cursor', expect.stringContaining('is not a cursor'), null],
    ['items?limit=9999', 'limit', 'must be a whole number from 1 to 500 (got "9999")', null],
    ['trends?codebook=a%00b', 'codebook', '"ab" holds control characters', null],
    ['trends?last=9999y&granularity=month', 'last', '"9999y" reaches back behind 1900-01-01', null],
    ['trends?as_of=0001-01-01', 'as_of', expect.stringContaining('days from 1900-01-01 to 2199-12-31'), null],
    ['trends?from=0001-01-01', 'from', expect.stringContaining('0001-01-01 is out of reach'), null],
    ['status?x=1', 'x', '"x" is not a parameter here', null],
    ['trends?__proto__=1', '__proto__', expect.any(String), null],
  ])('%s names parameter, problem and nearest value', async (path, parameter, message, nearest) => {
    const response = await get(`/api/v1/${path}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    const body = await json(response);
    expect(problemSchema.parse(body)).toEqual(body);
    expect(body.errors).toEqual([{ parameter, message, nearest, allowed: body.errors[0].allowed }]);
  });

  it('whatever is asked, the answer is one or a problem of the question, never a failure of ours', async () => {
    const names = [
      'dyad',
      'domain',
      'from',
      'to',
      'last',
      'granularity',
      'group_by',
      'as_of',
      'polarity',
      'compare',
      'coder',
      'bloc',
    ];
    const values = [
      'AAA-BBB',
      'military',
      '1900-01-01',
      '2026-03-01',
      '2199-12-31',
      '2500-01-01',
      '500y',
      '1d',
      'month',
      'day',
      'dyad',
    ];
    const parameters = fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(fc.constantFrom(...values), fc.string({ unit: 'binary' })),
    );
    const nouns = fc.constantFrom('trends', 'trends.csv', 'matrix', 'items', 'indicators');
    await fc.assert(
      fc.asyncProperty(nouns, parameters, async (noun, asked) => {
        const response = await get(`/api/v1/${noun}?${new URLSearchParams(asked)}`);
        expect([200, 400]).toContain(response.status);
      }),
      { numRuns: 300 },
    );
  });

  it('tells every mistake at once', async () => {
    const body = await json(get('/api/v1/trends?dyad=X-Y&status=maybe&colour=red'));
    expect(body.errors.map((error: { parameter: string }) => error.parameter)).toEqual(['colour', 'dyad', 'status']);
  });

  it('an unknown item is 404, and so is an unknown address', async () => {
    for (const path of [`/api/v1/items/${UNUSED_ID}`, '/api/v1/items/a%00b', '/api/v1/nothing', '/api/v2/trends']) {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(problemSchema.parse(await json(response)).status).toBe(404);
    }
  });
});

describe('CSV', () => {
  it('is the same numbers, with gaps as empty fields', async () => {
    const query = `dyad=AAA-BBB&indicator=mil.aid&${RANGE}`;
    const response = await get(`/api/v1/trends?${query}&format=csv`);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const text = await response.text();
    expect(text.split('\r\n')).toEqual([
      'dyad,domain,indicator,start,end,items,stories,families,blocs,total_stories,share,coverage,baseline,low,high,z,provisional',
      'AAA-BBB,military,mil.aid,2026-02-16,2026-02-23,2,2,2,2,2,1,1,,,,,false',
      'AAA-BBB,military,mil.aid,2026-02-23,2026-03-02,,,,,,,0,,,,,false',
      'AAA-BBB,military,mil.aid,2026-03-02,2026-03-09,1,1,1,1,1,1,0.5,,,,,false',
      'AAA-BBB,military,mil.aid,2026-03-09,2026-03-16,1,1,1,1,1,1,0.5,,,,,true',
      '',
    ]);
    expect(await (await get(`/api/v1/trends.csv?${query}`)).text()).toBe(text);
  });

  it('does not let a title run as a formula', async () => {
    await sql`update items set title = '=HYPERLINK("http://evil.example")' where key = 'guid:six'`;
    const text = await (await get('/api/v1/items.csv?from=2026-03-09')).text();
    expect(text).toContain(`"'=HYPERLINK(""http://evil.example"")"`);
    await sql`update items set title = 'Weather stays fine' where key = 'guid:six'`;
  });
});

describe('HTTP', () => {
  it('answers 304 to the tag it gave, and sends the body again when the numbers moved', async () => {
    const path = `/api/v1/trends?dyad=AAA-BBB&${RANGE}`;
    const etag = (await get(path)).headers.get('etag')!;
    expect((await get(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await get(`${path}&format=csv`, { headers: { 'if-none-match': etag } })).status).toBe(200);
    await sql`update feeds set removed_at = now() where id = 'south-feed'`;
    expect((await get(path, { headers: { 'if-none-match': etag } })).status).toBe(200);
    await sql`update feeds set removed_at = null where id = 'south-feed'`;
  });

  it('HEAD is GET without a body; nothing else is answered', async () => {
    const head = await get('/api/v1/trends', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const response = await get('/api/v1/items', { method, body: 'x' });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('sets a strict policy on every answer', async () => {
    for (const path of ['/', '/api/v1/trends', '/nothing']) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|script-src|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('refuses an address that is too long, and headers that are', async () => {
    expect((await get(`/api/v1/trends?dyad=${'A'.repeat(9_000)}`)).status).toBe(414);
    expect((await get('/api/v1/trends', { headers: { 'x-long': 'a'.repeat(20_000) } })).status).toBe(431);
    expect((await get(`/api/v1/trends?${'dyad=AAA-BBB&'.repeat(300)}`)).status).toBe(400);
  });

  it('describes itself, with every parameter explained', async () => {
    const document = await json(get('/api/v1/openapi.json'));
    expect(Object.keys(document.paths).sort()).toEqual(
      [...Object.keys(QUESTIONS).map((noun) => `/${noun}`), '/items/{id}', '/items/{id}/reviews', '/status'].sort(),
    );
    for (const [noun, { question }] of Object.entries(QUESTIONS)) {
      const described = document.paths[`/${noun}`].get.parameters;
      expect(described.map((parameter: { name: string }) => parameter.name)).toEqual([...question.parameters]);
      for (const { description, name } of described) expect([name, description]).toEqual([name, PARAMETER_DOCS[name]]);
    }
  });

  it('counts what it did', async () => {
    const text = await (await get('/metrics')).text();
    expect(text).toContain('axiswatch_feeds{state="failing"} 1');
    expect(text).toMatch(/axiswatch_http_requests_total\{route="\/api\/v1\/trends",method="GET",status="200"\} \d+/);
  });
});

describe('readiness', () => {
  it('lives whatever is missing, and says what is missing', async () => {
    const app = createApp({
      ...options,
      readiness: async () => ({
        ready: false,
        problems: ['No Temporal.'],
        temporal: { ...READY.temporal, worker: null },
      }),
    });
    expect((await app.request('/healthz')).status).toBe(200);
    const ready = await app.request('/readyz');
    expect([ready.status, await json(ready)]).toEqual([503, { ready: false, problems: ['No Temporal.'] }]);
    expect((await createApp(options).request('/readyz')).status).toBe(200);
  });

  it('notices a database that is away, or behind', async () => {
    const away = connectDatabase('postgres://nobody:x@127.0.0.1:1/none', { max: 1 });
    const app = createApp({ ...options, sql: away });
    expect(await json(await app.request('/readyz'))).toEqual({
      ready: false,
      problems: ['The database does not answer.'],
    });
    const response = await app.request('/api/v1/trends');
    expect([response.status, (await json(response)).detail]).toEqual([
      503,
      expect.stringContaining('The database does not answer'),
    ]);
    await away.end();
    await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', 9999999999999)`;
    const newer = await json(await createApp(options).request('/readyz'));
    await sql`delete from drizzle.__drizzle_migrations where hash = 'newer'`;
    expect(newer.problems).toEqual([expect.stringContaining('written by a newer axiswatch')]);
  });
});

describe('who may read', () => {
  const open = (token: string | null, host = '0.0.0.0') =>
    createApp({ ...options, env: { host, port: 0, apiToken: token } });
  const status = async (app: ReturnType<typeof open>, headers: Record<string, string> = {}, path = '/api/v1/dyads') =>
    (await app.request(path, { headers })).status;

  it('anyone on loopback, also when a token is set', async () => {
    expect(await status(open('secret', '127.0.0.1'))).toBe(200);
    expect(await status(open('secret', '::1'))).toBe(200);
  });

  it('elsewhere only who has the token, as bearer or as a password', async () => {
    const app = open('secret');
    for (const path of ['/api/v1/dyads', '/', '/metrics', '/api/v1/status'])
      expect(await status(app, {}, path)).toBe(401);
    expect(await status(app, {}, '/healthz')).toBe(200);
    expect(await status(app, { authorization: 'Bearer secret' })).toBe(200);
    expect(await status(app, { authorization: 'Bearer secre' })).toBe(401);
    expect(await status(app, { authorization: 'Bearer secret2' })).toBe(401);
    expect(await status(app, { authorization: 'Bearer ' })).toBe(401);
    expect(await status(app, { authorization: `Basic ${Buffer.from('anyone:secret').toString('base64')}` })).toBe(200);
    expect(await status(app, { authorization: `Basic ${Buffer.from('secret:wrong').toString('base64')}` })).toBe(401);
    const refused = await app.request('/api/v1/dyads');
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('nobody starts a server that others can reach without a token', async () => {
    await expect(startServer({ ...options, env: { host: '0.0.0.0', port: 0, apiToken: null } })).rejects.toThrow(
      'set AXISWATCH_API_TOKEN',
    );
  });

  it('a port in use is one clear sentence', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startServer({ ...options, env: { host: '127.0.0.1', port, apiToken: null } })).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is in use`,
    );
  });
});

it('closes while a client keeps its connection open', async () => {
  const other = await startServer(options);
  const idle = request(`${other.url}/healthz`, { headers: { connection: 'keep-alive' } });
  await new Promise((resolve, reject) => {
    idle.once('response', (response) => response.resume().once('end', resolve));
    idle.once('error', reject);
    idle.end();
  });
  await other.close();
  await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
});
