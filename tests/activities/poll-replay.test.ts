import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollChunk } from '../../activities/poll-feeds.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { seriesMismatches } from '../../db/series.js';
import { createFetchFeed } from '../../feeds/fetch.js';
import { readFeedBytes } from '../../feeds/parse.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FeedServer, startFeedServer } from '../support/feed-server.js';
import { databaseDeps, movedClock, testRuntime } from '../support/poll-deps.js';
import { replaySnapshots, truthOf } from '../support/replay-truth.js';
import { addSources, dumpStore, sampleSource } from '../support/store-samples.js';

const snapshots = replaySnapshots();
const feeds = [...new Set(snapshots.map(({ feed }) => feed))];
let database: TestDatabase;
let server: FeedServer;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startFeedServer();
  sql = connectDatabase(database.url);
  const sources = feeds.map((feed) => sampleSource(feed, [feed]));
  for (const { feeds: own } of sources) own[0]!.url = `${server.url}/${own[0]!.id}`;
  await addSources(sql, ...sources);
});
afterAll(async () => {
  await sql.end();
  await server.close();
  await database.drop();
});

/** Serves the snapshots in order over real HTTP and polls after each; `shiftMs` makes a second pass later. */
async function replay(shiftMs: number) {
  const clock = movedClock(snapshots[0]!.polledAt);
  const fetchFeed = createFetchFeed({ allowAddresses: ['127.0.0.1'], userAgent: 'axiswatch-test' });
  const deps = databaseDeps(sql, { clock, fetchFeed, readFeed: readFeedBytes });
  const total = { polled: 0, failed: 0, added: 0, revised: 0 };
  for (const { feed, body, polledAt } of snapshots) {
    clock.at = new Date(polledAt.getTime() + shiftMs);
    server.routes[`/${feed}`] = { body };
    const result = await pollChunk(deps, testRuntime(), {
      feedIds: [feed],
      runAt: clock.at.toISOString(),
      force: true,
    });
    for (const key of Object.keys(total) as Array<keyof typeof total>) total[key] += result[key];
  }
  return total;
}

describe('real newspaper feeds, served in order through HTTP', () => {
  it('every distinct entry is stored once, every edit is a revision, and a second pass writes nothing', async () => {
    expect(feeds.sort()).toEqual(['economist', 'ft-home', 'wsj_world']);
    const first = await replay(0);
    expect(first).toMatchObject({ polled: snapshots.length, failed: 0 });

    for (const feed of feeds) {
      const truth = truthOf(snapshots, feed);
      const items = await sql`select key, revision from items where source_id = ${feed}`;
      expect(new Map(items.map(({ key, revision }) => [key, revision + 1]))).toEqual(
        new Map([...truth].map(([guid, texts]) => [`guid:${guid}`, texts.length])),
      );
    }
    expect(await seriesMismatches(sql)).toEqual([]);

    const { coverage: _, ...stored } = await dumpStore(sql);
    const second = await replay(7 * 86_400_000);
    expect(second).toEqual({ polled: snapshots.length, failed: 0, added: 0, revised: 0 });
    const { coverage: __, ...after } = await dumpStore(sql);
    expect(after).toEqual(stored);
    const [counts] = await sql`select count(*)::int as items, sum(revision)::int as revisions from items`;
    console.info(`replay: ${snapshots.length} snapshots, ${counts!.items} items, ${counts!.revisions} revisions`);
  });
});
