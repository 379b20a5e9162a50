import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.js';
import { loadCodebook } from '../../config/codebook.js';
import { readEnv } from '../../config/env.js';
import { configFile, loadConfig } from '../../config/load.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { groupFeeds } from '../../core/polling/groups.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { syncSources } from '../../db/feeds.js';
import { buildDeps } from '../../runtime/deps.js';
import { activityRuntime } from '../../runtime/worker.js';
import type { PollGroupResult } from '../../workflows/orchestrate.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FeedServer, startFeedServer } from '../support/feed-server.js';
import {
  REPLAY_FEEDS,
  ROUNDS,
  replayRoutes,
  replaySources,
  roundTime,
  trueVersions,
} from '../support/replay-corpus.js';
import { createTestNamespace, quietLog, runWorker, type TestWorker } from '../support/run-worker.js';
import { dumpStore } from '../support/store-samples.js';

let database: TestDatabase;
let sql: Sql;
let server: FeedServer;
let running: TestWorker;
let round = 0;
let now = roundTime(0);

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  server = await startFeedServer(replayRoutes(() => round));
  const sources = replaySources(server.url);
  await syncSources(sql, sources, groupFeeds(sources), now);
  const env = readEnv({ AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1' });
  const { codebook, data } = loadCodebook(configFile(env.configDir, 'codebook'));
  const config = loadConfig(env.configDir, { codebook });
  const deps = buildDeps({
    config,
    codebook,
    coder: createRulesCoder(data),
    sql,
    env,
    log: quietLog,
    clock: { now: () => now },
  });
  running = await runWorker(createActivities(deps, activityRuntime), { namespace: await createTestNamespace() });
});

afterAll(async () => {
  await running?.stop();
  await server?.close();
  await sql?.end();
  await database?.drop();
});

/** One poll of all three feeds by the real workflow, in the world of that round. */
async function poll(at: number, clock: Date): Promise<PollGroupResult> {
  round = at;
  now = clock;
  return running.client.workflow.execute('pollGroup', {
    workflowId: `replay-${randomUUID()}`,
    taskQueue: running.taskQueue,
    args: [{ feedIds: REPLAY_FEEDS, force: true }],
  });
}

const content = async () => {
  const { coverage: _, polls: __, ...tables } = await dumpStore(sql);
  return tables;
};

const storedVersions = async (feed: string) => {
  const rows = await sql<Array<{ key: string; versions: number }>>`
    select i.key, (1 + (select count(*) from revisions r where r.item_id = i.id))::int as versions
    from items i where i.source_id = ${feed}`;
  return Object.fromEntries(rows.map(({ key, versions }) => [key, versions]));
};

describe('the replay of real newspaper feeds', () => {
  let firstPass: Record<string, readonly unknown[]>;

  it('polls every snapshot in order without a failure', async () => {
    let added = 0;
    for (let at = 0; at < ROUNDS; at++) {
      const result = await poll(at, roundTime(at));
      expect([result.polled, result.failed]).toEqual([3, 0]);
      added += result.added;
    }
    const expected = REPLAY_FEEDS.reduce((sum, feed) => sum + Object.keys(trueVersions(feed)).length, 0);
    expect(added).toBe(expected);
    firstPass = await content();
  });

  it.each(REPLAY_FEEDS)('%s: every distinct entry is stored once, every edit is a revision', async (feed) => {
    expect(await storedVersions(feed)).toEqual(trueVersions(feed));
  });

  it('codes what it stores', async () => {
    expect(firstPass.observations?.length).toBeGreaterThan(0);
  });

  it('a second pass over the same snapshots writes nothing', async () => {
    const last = roundTime(ROUNDS - 1).getTime();
    for (let at = 0; at < ROUNDS; at++) {
      const result = await poll(at, new Date(last + (at + 1) * 900_000));
      expect([result.polled, result.failed, result.added, result.revised, result.observations]).toEqual([
        3, 0, 0, 0, 0,
      ]);
    }
    expect(await content()).toEqual(firstPass);
  });
});
