import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { loadCodebook } from '../../config/codebook.js';
import { readEnv } from '../../config/env.js';
import { SHIPPED_CODEBOOK_DIR } from '../../config/load.js';
import type { Config } from '../../config/types.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { seriesMismatches } from '../../db/series.js';
import { type Polling, startPolling } from '../../runtime/polling.js';
import { openSecondCoder } from '../../runtime/second-coder.js';
import { SECOND_CODER_ID } from '../../workflows/names.js';
import { type ChatServer, fails, hangs, reads, startChatServer } from '../support/chat-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FeedServer, rssFeed, startFeedServer } from '../support/feed-server.js';
import { createTestNamespace, quietLog } from '../support/run-worker.js';

const { codebook, data } = loadCodebook(SHIPPED_CODEBOOK_DIR);
const coder = createRulesCoder(data);
const dir = mkdtempSync(join(tmpdir(), 'axiswatch-second-coder-'));
let database: TestDatabase;
let sql: Sql;
let feeds: FeedServer;
let chat: ChatServer;
let namespace: string;
let polling: Polling | null = null;

const SHELLS = 'North Korea sends artillery shells to Russia';
/** What the rules make of it is not the point here: the second coder agrees. */
const RULES_STATUS = coder.code({
  title: SHELLS,
  summary: '',
  language: 'en',
  source: 'a',
  country: null,
  bloc: 'other',
  publishedAt: null,
})[0]?.status;
const VISIT = 'Putin and Xi Jinping meet in Beijing';

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  feeds = await startFeedServer();
  chat = await startChatServer();
  const entry = (guid: string, title: string) => ({ guid, title, link: `https://example.org/${guid}` });
  feeds.routes['/a'] = { body: rssFeed([entry('1', SHELLS), entry('2', VISIT), entry('3', 'Rain in Paris')]) };
  namespace = await createTestNamespace();
});
afterEach(async () => {
  await polling?.stop();
  polling = null;
});
afterAll(async () => {
  await feeds?.close();
  await chat?.close();
  await sql?.end();
  await database?.drop();
  rmSync(dir, { recursive: true, force: true });
});

const config = (): Config => ({
  directory: dir,
  sources: [
    {
      id: 'a',
      name: 'A',
      country: null,
      language: 'en',
      bloc: 'other',
      family: 'a',
      timezone: null,
      feeds: [{ id: 'a', url: `${feeds.url}/a`, kind: 'feed', everySeconds: 86_400, options: {} }],
    },
  ],
  rules: [],
  channels: [],
  routes: [],
});

async function start(mode: 'off' | 'parallel' | 'adjudicate'): Promise<Polling> {
  const env = readEnv({
    AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1',
    AXISWATCH_CACHE_DIR: join(dir, 'cache'),
    AXISWATCH_SECOND_CODER: mode,
    AXISWATCH_SECOND_CODER_URL: chat.url,
    AXISWATCH_SECOND_CODER_MODEL: 'test-model',
    AXISWATCH_SECOND_CODER_SHARE: '1',
    // Every label is uncertain enough to be asked about.
    AXISWATCH_SECOND_CODER_BAND: '0-1',
  });
  const temporal = { address: inject('temporalAddress'), namespace };
  const secondCoder = openSecondCoder(env, data);
  const given = { config: config(), codebook, coder, sql, env, log: quietLog, secondCoder, temporal };
  polling = await startPolling({ ...given, prune: true, graceMs: 200 });
  return polling;
}

const tick = ({ connection }: Polling) =>
  connection.client.schedule.getHandle(SECOND_CODER_ID).trigger(ScheduleOverlapPolicy.BUFFER_ONE);
const live = () =>
  sql`select i.title, o.coder from observations o join items i on i.id = o.item_id where o.superseded_at is null order by 1, 2`;

/** Sees the shells, and no meeting. */
const sensible = reads((item) => ({
  labels: item.includes('artillery shells')
    ? [
        {
          indicator: 'mil.arms-transfer',
          participants: [
            { member: 'PRK', quote: 'North Korea' },
            { member: 'RUS', quote: 'Russia' },
          ],
          act: 'sends artillery shells',
          status: RULES_STATUS,
          direction: 'PRK>RUS',
          severity: 4,
          confidence: 0.9,
        },
      ]
    : [],
}));

it('without one there is no schedule and no call', async () => {
  const { connection } = await start('off');
  await expect.poll(live, { timeout: 30_000 }).toEqual([
    { title: SHELLS, coder: 'rules' },
    { title: VISIT, coder: 'rules' },
  ]);
  await expect(connection.client.schedule.getHandle(SECOND_CODER_ID).describe()).rejects.toThrow(ScheduleNotFoundError);
  expect(chat.calls).toEqual([]);
});

it('a worker that stops in the middle of a call leaves nothing half done, and the next one asks again', async () => {
  chat.behave(hangs);
  const running = await start('parallel');
  await tick(running);
  await expect.poll(() => chat.calls.length, { timeout: 30_000 }).toBe(1);
  await running.stop();
  polling = null;
  expect(await sql`select from opinions where outcome <> 'no-pair'`).toHaveLength(0);
  // The call that was under way stays counted: it may have been charged.
  expect(await sql`select calls from opinion_months`).toEqual([{ calls: 1 }]);
});

it('waits when it is told to, decides about uncertain labels, and asks about nothing twice', async () => {
  chat.calls.length = 0;
  chat.behave(fails(429, 'slow down', { headers: { 'retry-after': '1' } }), sensible);
  const running = await start('adjudicate');
  await tick(running);
  await expect.poll(live, { timeout: 60_000 }).toEqual([{ title: SHELLS, coder: 'llm' }]);
  expect(chat.calls).toHaveLength(3);
  expect(await sql`select outcome, count(*)::int as n from opinions where outcome <> 'no-pair' group by 1`).toEqual([
    { outcome: 'answered', n: 2 },
  ]);
  expect(await sql`select verdict, coder from reviews where superseded_at is null order by 1`).toEqual([
    { verdict: 'confirm', coder: 'llm' },
    { verdict: 'reject', coder: 'llm' },
  ]);
  // With the one that the stopped worker left.
  expect(await sql`select calls from opinion_months`).toEqual([{ calls: 3 }]);
  expect(await seriesMismatches(sql)).toEqual([]);

  const handle = running.connection.client.schedule.getHandle(SECOND_CODER_ID);
  await expect.poll(async () => (await handle.describe()).info.runningActions, { timeout: 30_000 }).toEqual([]);
  const { numActionsTaken } = (await handle.describe()).info;
  await tick(running);
  await expect
    .poll(async () => (await handle.describe()).info.numActionsTaken, { timeout: 30_000 })
    .toBeGreaterThan(numActionsTaken);
  await expect.poll(async () => (await handle.describe()).info.runningActions, { timeout: 30_000 }).toEqual([]);
  expect(chat.calls).toHaveLength(3);
});

it('turned off again, its schedule is gone', async () => {
  const { connection } = await start('off');
  await expect(connection.client.schedule.getHandle(SECOND_CODER_ID).describe()).rejects.toThrow(ScheduleNotFoundError);
});
