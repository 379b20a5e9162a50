import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { loadCodebook } from '../../config/codebook.js';
import { readEnv } from '../../config/env.js';
import { configFile } from '../../config/load.js';
import type { Config } from '../../config/types.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { type Polling, startPolling } from '../../runtime/polling.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FeedServer, rssFeed, startFeedServer } from '../support/feed-server.js';
import { createTestNamespace, quietLog } from '../support/run-worker.js';

let database: TestDatabase;
let sql: Sql;
let server: FeedServer;
let namespace: string;
let polling: Polling | null = null;
const dir = mkdtempSync(join(tmpdir(), 'axiswatch-polling-'));

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  server = await startFeedServer();
  for (const name of ['a', 'b', 'c'])
    server.routes[`/${name}`] = {
      body: rssFeed([{ guid: name, title: `News of ${name}`, link: `https://example.org/${name}` }]),
    };
  namespace = await createTestNamespace();
});

afterEach(async () => {
  await polling?.stop();
  polling = null;
});

afterAll(async () => {
  await server?.close();
  await sql?.end();
  await database?.drop();
  rmSync(dir, { recursive: true, force: true });
});

const config = (names: string[]): Config => ({
  directory: dir,
  sources: names.map((name) => ({
    id: name,
    name,
    country: null,
    language: 'en',
    bloc: 'other',
    family: name,
    timezone: null,
    feeds: [{ id: name, url: `${server.url}/${name}`, kind: 'feed', everySeconds: 86_400, options: {} }],
  })),
  rules: [],
  channels: [],
  routes: [],
});

async function start(names: string[]): Promise<Polling> {
  const env = readEnv({ AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1', AXISWATCH_CACHE_DIR: join(dir, 'cache') });
  const { codebook, data } = loadCodebook(configFile(env.configDir, 'codebook'));
  const coder = createRulesCoder(data);
  const temporal = { address: inject('temporalAddress'), namespace };
  polling = await startPolling({
    config: config(names),
    codebook,
    coder,
    sql,
    env,
    log: quietLog,
    temporal,
    prune: true,
  });
  return polling;
}

const stored = async () =>
  (await sql<Array<{ key: string }>>`select key from items order by key`).map(({ key }) => key);

it('polls what is configured as soon as it runs', async () => {
  await start(['a', 'b']);
  await expect.poll(stored, { timeout: 30_000 }).toEqual(['guid:a', 'guid:b']);
});

it('polls a feed that joins a group of daily feeds at once, and the others not again', async () => {
  const before = server.paths();
  await start(['a', 'b', 'c']);
  await expect.poll(stored, { timeout: 30_000 }).toEqual(['guid:a', 'guid:b', 'guid:c']);
  expect(server.paths().slice(before.length)).toEqual(['/c']);
});

it('skips a trigger while a run is on, and keeps a pause over a restart', async () => {
  const { connection } = await start(['a', 'b', 'c']);
  const handle = connection.client.schedule.getHandle('poll/86400s-00');
  // The scheduler learns of the end of a run a moment after it, and would skip our own trigger until then.
  await expect.poll(async () => (await handle.describe()).info.runningActions, { timeout: 30_000 }).toEqual([]);
  let letGo = () => {};
  const isHeld = new Promise<void>((resolve) => {
    server.routes['/c'] = (_, response) => {
      letGo = () => response.writeHead(304).end();
      resolve();
    };
  });
  await sql`update feeds set next_due_at = null where id = 'c'`;
  await handle.trigger(ScheduleOverlapPolicy.SKIP);
  await isHeld;
  const { numActionsTaken } = (await handle.describe()).info;
  await handle.trigger(ScheduleOverlapPolicy.SKIP);
  await expect
    .poll(async () => (await handle.describe()).info.numActionsSkippedOverlap, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(1);
  expect((await handle.describe()).info.numActionsTaken).toBe(numActionsTaken);
  letGo();
  await handle.pause('under repair');
  await polling?.stop();
  const again = await start(['a', 'b', 'c']);
  const { state } = await again.connection.client.schedule.getHandle('poll/86400s-00').describe();
  expect(state).toMatchObject({ paused: true, note: 'under repair' });
});

it('removes the schedule of a group that the configuration no longer has', async () => {
  const { connection } = await start([]);
  const handle = connection.client.schedule.getHandle('poll/86400s-00');
  await expect(handle.describe()).rejects.toThrow(ScheduleNotFoundError);
});
