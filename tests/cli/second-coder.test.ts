import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../cli/index.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { storePoll } from '../../db/items.js';
import { readMonth, storeOpinions } from '../../db/opinions.js';
import { putReview } from '../../db/reviews.js';
import { writeSetting } from '../../db/settings.js';
import { type ChatServer, fails, reads, startChatServer } from '../support/chat-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { AT, addSources, newId, sampleItem, sampleLabel, samplePoll, sampleSource } from '../support/store-samples.js';

const KEY = 'sk-test-0123456789abcdef';
const SHELLS = 'North Korea sends artillery shells to Russia';
const WEATHER = 'Rain over Moscow and Beijing';
let database: TestDatabase;
let sql: Sql;
let chat: ChatServer;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 2 });
  chat = await startChatServer();
  await addSources(sql, sampleSource('s'));
});
afterAll(async () => {
  await chat?.close();
  await sql?.end();
  await database?.drop();
});

async function run(args: string[], vars: Record<string, string> = {}) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const env = { DATABASE_URL: database.url, NO_COLOR: '1', ...vars };
  const code = await main(args, { out, err, env });
  out.end();
  err.end();
  return { code, out: await text(out), err: await text(err) };
}

const on = (more: Record<string, string> = {}) => ({
  AXISWATCH_SECOND_CODER: 'parallel',
  AXISWATCH_SECOND_CODER_URL: chat.url,
  AXISWATCH_SECOND_CODER_MODEL: 'test-model',
  AXISWATCH_SECOND_CODER_API_KEY: KEY,
  AXISWATCH_SECOND_CODER_PRICE: '1,2',
  AXISWATCH_SECOND_CODER_BUDGET: '5',
  ...more,
});

const month = () => new Date().toISOString().slice(0, 7);

const sensible = reads((item) => ({
  labels: [
    {
      indicator: 'mil.arms-transfer',
      participants: [
        { member: 'PRK', quote: 'North Korea' },
        { member: 'RUS', quote: 'Russia' },
      ],
      act: item.includes('sends') ? 'sends artillery shells' : 'rain',
      status: 'occurred',
      direction: 'PRK>RUS',
      severity: 4,
      confidence: 0.9,
    },
    {
      indicator: 'mil.basing',
      participants: [],
      act: '',
      status: 'occurred',
      direction: null,
      severity: 1,
      confidence: 1,
    },
  ],
}));

it('code --second shows the opinion beside the rules, counts it, and stores nothing else', async () => {
  chat.behave(sensible);
  const shown = await run(['code', SHELLS, '--second'], on());
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toMatch(/mil\.arms-transfer {2}PRK RUS[\s\S]*Second coder test-model, instructions 1\.0\+/);
  expect(shown.out).toContain('thrown away: 1 too-few-participants');
  expect(shown.out).toContain('10000 tokens read, 100 written, 0.0102 spent');
  expect(await readMonth(sql, month())).toMatchObject({ calls: 1, spentMicros: 10_200 });
  expect(await sql`select from opinions`).toHaveLength(0);

  const json = JSON.parse((await run(['code', SHELLS, '--second', '--json'], on())).out);
  expect(json.second).toMatchObject({
    model: 'test-model',
    outcome: 'answered',
    labels: [{ indicator: 'mil.arms-transfer', participants: ['PRK', 'RUS'] }],
    dropped: { 'too-few-participants': 1 },
    cost: 0.0102,
  });
  expect(Object.keys(JSON.parse((await run(['code', SHELLS, '--json'])).out))).toEqual(['id', 'labels']);
});

it('code --second asks nothing about a text that names no two members, and has a budget', async () => {
  chat.calls.length = 0;
  expect((await run(['code', 'North Korea fires missiles', '--second'], on())).out).toContain('no-pair');
  expect(await run(['code', SHELLS, '--second'], on({ AXISWATCH_SECOND_CODER_CALLS: '1' }))).toMatchObject({
    code: 1,
    err: expect.stringMatching(/budget of .* used up/),
  });
  expect(chat.calls).toEqual([]);
});

it.each<[string, string[], Record<string, string>, RegExp]>([
  ['without a second coder', ['code', SHELLS, '--second'], {}, /There is no second coder/],
  ['without a text', ['code', '--second', '--file', 'x'], {}, /--second goes with a TEXT/],
  [
    'without an address',
    ['status'],
    { AXISWATCH_SECOND_CODER: 'parallel', AXISWATCH_SECOND_CODER_MODEL: 'm' },
    /_URL is needed/,
  ],
  ['with a mode that is none', ['status'], { AXISWATCH_SECOND_CODER: 'paralel' }, /must be off, parallel, adjudicate/],
  ['with a key in the address', ['status'], { AXISWATCH_SECOND_CODER_URL: `http://u:${KEY}@h/v1` }, /_API_KEY/],
  ['with a band upside down', ['status'], { AXISWATCH_SECOND_CODER_BAND: '0.7-0.4' }, /two numbers from 0 to 1/],
])('wrong use %s is told', async (_, args, vars, sentence) => {
  const told = await run(args, vars);
  expect(told).toMatchObject({ code: 2, err: expect.stringMatching(sentence) });
  expect(told.err).not.toContain(KEY);
});

it('a budget in money needs a price', async () => {
  const told = await run(['status'], on({ AXISWATCH_SECOND_CODER_PRICE: '0,0' }));
  expect(told).toMatchObject({ code: 2, err: expect.stringContaining('without a price nothing would be counted') });
});

it('a server that refuses the key is told without the key', async () => {
  chat.behave(fails(401, `Incorrect API key provided: ${KEY}`));
  const told = await run(['code', SHELLS, '--second'], on());
  expect(told).toMatchObject({ code: 1, err: expect.stringContaining('does not accept the key') });
  expect(told.err).not.toContain(KEY);
});

it('agreement before anything was asked says how the second coder stands and what to set', async () => {
  const off = await run(['agreement']);
  expect(off).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('No second coder has coded anything here yet: it is off. Set AXISWATCH_SECOND_CODER='),
  });
  expect(await run(['agreement', '--model', 'gpt'], on())).toMatchObject({
    code: 1,
    err: expect.stringMatching(/test-model, parallel, .*It is asked every five minutes/),
  });
  await writeSetting(sql, 'second-coder', { at: AT.toISOString(), problem: 'The key is wrong.', holdUntil: null });
  expect(await run(['agreement'], on())).toMatchObject({
    code: 1,
    err: expect.stringMatching(/stopped 10 Mar 2026, 12:00 UTC: The key is wrong\. Correct the .*_API_KEY/),
  });
});

it('agreement, explain and status tell what was said, who decided and what it cost', async () => {
  const label = sampleLabel('mil.arms-transfer', 'PRK-RUS', { domain: 'military', confidence: 0.5 });
  const items = [sampleItem('shells', [label], { title: SHELLS }), sampleItem('rain', [], { title: WEATHER })];
  await storePoll(sql, samplePoll('s', { items }));
  const { dyad: _, domain: __, ...given } = label;
  const opinion = {
    reason: null,
    answer: '{}',
    dropped: {},
    tokens: { input: 1, output: 1 },
    costMicros: 1,
    askedAt: AT,
  };
  await storeOpinions(sql, { model: 'test-model', instructionsVersion: '1.0+aa' }, [
    { ...opinion, itemId: items[0]!.id, revision: 0, outcome: 'answered', labels: [] },
    {
      ...opinion,
      itemId: items[1]!.id,
      revision: 0,
      outcome: 'answered',
      labels: [{ ...given, indicator: 'pol.leader-meetings', participants: ['CHN', 'RUS'] }],
      dropped: { 'act-not-in-text': 2 },
    },
  ]);
  const table = (await run(['agreement'])).out;
  expect(table).toContain('2 items coded by both');
  expect(table).toMatch(/PRK–RUS +0 +1 +0 +1 +0\.00 +0\.00/);
  expect(table).toMatch(/Only the rules say:\n {2}PRK–RUS {2}mil\.arms-transfer {2}North Korea sends/);
  expect(table).toMatch(/Only the second coder says:\n {2}CHN–RUS {2}pol\.leader-meetings {2}Rain over/);
  const body = JSON.parse((await run(['agreement', '--json', '--examples', '0'])).out);
  expect(body).toMatchObject({
    model: 'test-model',
    instructions_version: '1.0+aa',
    opinions: { answered: 2 },
    items: 2,
    relevance: { both: 0, only_rules: 1, only_second: 1, neither: 0, kappa: -1, f1: 0 },
    only_rules: [],
  });
  expect(await run(['agreement', '--model', 'gpt'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('there are some of test-model'),
  });

  await putReview(
    sql,
    {
      decisionId: newId(),
      itemId: items[0]!.id,
      revision: 0,
      coder: 'llm',
      coderVersion: 'test-model 1.0+aa',
      codebookVersion: '1+aa',
      author: 'second coder test-model',
      reason: 'the second coder sees no act',
      sample: null,
      seen: null,
      cells: [{ indicator: 'mil.arms-transfer', dyad: 'PRK-RUS', verdict: 'reject', label: null }],
    },
    AT,
  );
  const explained = (await run(['explain', items[0]!.id])).out;
  expect(explained).toMatch(
    /rejected: PRK–RUS mil\.arms-transfer, by second coder test-model \(llm\), .*: the second coder sees no act/,
  );
  expect(explained).toMatch(/second coder test-model: no label · revision 0/);
  expect((await run(['explain', items[1]!.id])).out).toContain(
    'CHN–RUS pol.leader-meetings occurred; thrown away: 2 act-not-in-text',
  );

  await writeSetting(sql, 'second-coder', { at: AT.toISOString(), problem: 'The key is wrong.', holdUntil: null });
  const line = async (vars: Record<string, string>) => /^second .*$/m.exec((await run(['status'], vars)).out)?.[0];
  expect(await line({})).toBeUndefined();
  expect(await line(on())).toBe(
    `second    test-model, parallel, 2 of 1000 calls, 0.02 of 5.00 in ${month()}; stopped 10 Mar 2026, 12:00 UTC: The key is wrong.`,
  );
  expect(await line(on({ AXISWATCH_SECOND_CODER_CALLS: '2' }))).toMatch(/stopped: the budget of the month is used up$/);
  expect(await line(on({ AXISWATCH_SECOND_CODER_CALLS: '0' }))).toMatch(
    /stopped: a budget of 0 allows no call \(AXISWATCH_SECOND_CODER_CALLS\)$/,
  );
  expect(await line(on({ AXISWATCH_SECOND_CODER_BUDGET: '0' }))).toMatch(
    /stopped: a budget of 0 allows no call \(AXISWATCH_SECOND_CODER_BUDGET\)$/,
  );
});
