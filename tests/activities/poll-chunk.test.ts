import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PollDeps } from '../../activities/deps.js';
import { pollChunk } from '../../activities/poll-feeds.js';
import { Failure } from '../../core/errors.js';
import type { PollOutcome } from '../../core/polling/poll.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { listDueFeeds, loadFeeds } from '../../db/feeds.js';
import { seriesMismatches } from '../../db/series.js';
import type { FetchedFeed } from '../../feeds/feed.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { entry } from '../support/entries.js';
import { answer, databaseDeps, movedClock, notModified, testRuntime } from '../support/poll-deps.js';
import { addSources, dumpStore, sampleSource } from '../support/store-samples.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate sources, feeds, hosts, items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews cascade`;
  await addSources(
    sql,
    sampleSource('one', ['one-a', 'one-b', 'one-c']),
    sampleSource('two', ['two-a']),
    sampleSource('three', ['three-a']),
  );
});

const ALL = ['one-a', 'one-b', 'one-c', 'two-a', 'three-a'];
const nameOf = (url: string) => new URL(url).pathname.slice(1, -4);
const news = (name: string) => answer([entry({ id: name, title: `AAA and BBB: ${name}` })]);

function chunk(fetchFeed: (name: string) => Promise<FetchedFeed>, more: Partial<PollDeps> = {}) {
  const clock = movedClock('2026-03-10T12:00:00Z');
  const deps = databaseDeps(sql, { clock, fetchFeed: ({ url }) => fetchFeed(nameOf(url)), ...more });
  return {
    clock,
    deps,
    run: (feedIds = ALL, runtime = testRuntime(), onOutcome?: (outcome: PollOutcome) => void) =>
      pollChunk(deps, runtime, { feedIds, runAt: clock.now().toISOString(), force: false }, onOutcome),
  };
}

describe('row 11: one host is asked one request at a time', () => {
  it('feeds of a host follow each other, hosts run beside each other', async () => {
    const open = new Map<string, number>();
    let together = 0;
    let release = () => {};
    const bothHosts = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { run } = chunk(async (name) => {
      const host = name.split('-')[0]!;
      open.set(host, (open.get(host) ?? 0) + 1);
      expect(open.get(host)).toBe(1);
      together = Math.max(together, [...open.values()].filter((n) => n > 0).length);
      // Every host's first request waits until all three hosts are being asked: only parallel hosts get past this.
      if (together === 3) release();
      await bothHosts;
      open.set(host, open.get(host)! - 1);
      return news(name);
    });
    expect(await run()).toEqual({
      polled: 5,
      unchanged: 0,
      failed: 0,
      added: 5,
      revised: 0,
      observations: 5,
      dirty: 5,
    });
    expect(together).toBe(3);
  });
});

describe('row 6: Retry-After holds the whole host', () => {
  it('the other feeds of the host are not asked, in this chunk or by the next tick, until it is over', async () => {
    const asked: string[] = [];
    const { run, clock } = chunk(async (name) => {
      asked.push(name);
      if (name === 'one-a' && asked.filter((one) => one === name).length === 1)
        throw new Failure('rate-limited', 'the server asks to wait', { status: 429, retryAfterSeconds: 3600 });
      return news(name);
    });
    expect(await run(['one-a', 'one-b', 'one-c', 'two-a'])).toMatchObject({ polled: 2, failed: 1, added: 1 });
    expect(asked.sort()).toEqual(['one-a', 'two-a']);
    expect(await listDueFeeds(sql, { feedIds: ALL, force: true, now: clock.forward(3599) })).toEqual([
      { id: 'three-a', host: 'three.example' },
      { id: 'two-a', host: 'two.example' },
    ]);
    // A chunk that was planned before the hold respects it too.
    expect(await run(['one-b', 'one-c'])).toMatchObject({ polled: 0 });
    clock.forward(2);
    expect(await run(['one-a', 'one-b', 'one-c'])).toMatchObject({ polled: 3, failed: 0, added: 3 });
  });
});

describe('row 13: a line of ours that is down', () => {
  it('counts against no feed, and says what it is', async () => {
    const { run, clock } = chunk(async () => {
      throw new Failure('network', 'name not found', { fault: 'dns' });
    });
    const outcomes: PollOutcome[] = [];
    expect(await run(ALL, testRuntime(), (outcome) => outcomes.push(outcome))).toMatchObject({ polled: 5, failed: 5 });
    expect(outcomes).toHaveLength(5);
    expect(new Set(outcomes.map(({ fault, detail }) => `${fault}: ${detail}`))).toEqual(
      new Set(['offline: our own line seems to be down (name not found)']),
    );
    for (const { state } of await loadFeeds(sql, ALL)) {
      expect(state.consecutiveFailures).toBe(0);
      expect(state.nextDueAt!.getTime()).toBeLessThan(clock.now().getTime() + 900_000);
    }
  });

  it('is not assumed when one host answered', async () => {
    const { run } = chunk(async (name) => {
      if (name === 'two-a') return notModified();
      throw new Failure('network', 'name not found', { fault: 'dns' });
    });
    await run();
    const states = await loadFeeds(sql, ALL);
    expect(states.map(({ state }) => state.consecutiveFailures)).toEqual([1, 1, 1, 0, 1]);
  });
});

describe('a chunk that runs twice', () => {
  it('does not ask again what was polled since the tick', async () => {
    const asked: string[] = [];
    const { deps, clock } = chunk(async (name) => {
      asked.push(name);
      return name === 'two-a' ? notModified() : news(name);
    });
    const input = { feedIds: ALL, runAt: clock.now().toISOString(), force: true };
    await pollChunk(deps, testRuntime(), input);
    clock.forward(30);
    expect(await pollChunk(deps, testRuntime({ attempt: 2 }), input)).toMatchObject({ polled: 0 });
    expect(asked).toHaveLength(5);
  });

  it('skips what the first attempt told in its heartbeat', async () => {
    const asked: string[] = [];
    const { run } = chunk(async (name) => {
      asked.push(name);
      return news(name);
    });
    const first = testRuntime();
    await run(['one-a', 'one-b'], first);
    expect(first.beats).toEqual([{ done: ['one-a'] }, { done: ['one-a', 'one-b'] }]);
    const second = chunk(async (name) => {
      asked.push(`again ${name}`);
      return news(name);
    });
    second.clock.forward(60);
    await second.run(['one-a', 'one-b', 'one-c'], testRuntime({ attempt: 2, lastHeartbeat: () => first.beats.at(-1) }));
    expect(asked).toEqual(['one-a', 'one-b', 'again one-c']);
  });

  it('does not poll a feed that was paused after the plan was made', async () => {
    const { run } = chunk(async (name) => news(name));
    await sql`update feeds set paused = true where id = 'one-b'`;
    expect(await run(['one-a', 'one-b'])).toMatchObject({ polled: 1 });
  });

  it('ignores heartbeat details that it does not understand', async () => {
    const { run } = chunk(async (name) => news(name));
    expect(await run(['one-a'], testRuntime({ lastHeartbeat: () => 'something else' }))).toMatchObject({ polled: 1 });
  });
});

describe('a chunk that breaks', () => {
  class Killed extends Error {}

  /** The process dies at the n-th call of the store: the call itself may or may not have reached the database. */
  function killedAt(n: number, reached: boolean): Partial<PollDeps> {
    const honest = databaseDeps(sql, {
      clock: movedClock('2026-03-10T12:00:00Z'),
      fetchFeed: async () => notModified(),
    });
    let calls = 0;
    let dead = false;
    const guard =
      <T extends unknown[], R>(call: (...args: T) => Promise<R>) =>
      async (...args: T): Promise<R> => {
        if (dead) throw new Killed('already dead');
        dead = ++calls === n;
        if (!dead || reached) {
          const result = await call(...args);
          if (!dead) return result;
        }
        throw new Killed('killed');
      };
    return {
      probeItems: guard(honest.probeItems),
      storePoll: guard(honest.storePoll),
      recordPolls: guard(honest.recordPolls),
    };
  }

  const documents: Record<string, FetchedFeed[]> = {
    'one-a': [
      answer([entry({ id: '1', title: 'AAA and BBB drill' }), entry({ id: '2', title: 'Weather' })]),
      answer([entry({ id: '1', title: 'AAA and BBB drill, edited' }), entry({ id: '3', title: 'BBB and CCC drill' })]),
    ],
    'two-a': [answer([entry({ id: '1', title: 'AAA and CCC drill' })]), notModified()],
    'three-a': [answer([]), answer([entry({ id: '9', title: 'CCC denies drill with AAA' })])],
  };

  async function bothPasses(kill: { pass: number; at: number; reached: boolean } | null) {
    await sql`truncate items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews cascade`;
    await sql`update feeds set last_polled_at = null, body_digest = null, entries_digest = null, etag = null, empty_polls = 0, consecutive_failures = 0`;
    const clock = movedClock('2026-03-10T12:00:00Z');
    let killed = false;
    for (const pass of [0, 1]) {
      clock.forward(900);
      const input = { feedIds: Object.keys(documents), runAt: clock.now().toISOString(), force: false };
      const honest = databaseDeps(sql, {
        clock,
        fetchFeed: async ({ url }) => documents[nameOf(url)]![pass]!,
      });
      if (kill?.pass === pass) {
        const dying = { ...honest, ...killedAt(kill.at, kill.reached) };
        killed = await pollChunk(dying, testRuntime(), input).then(
          () => false,
          (error) => error instanceof Killed,
        );
      }
      await pollChunk(honest, testRuntime({ attempt: 2 }), input);
    }
    const { polls, ...dump } = await dumpStore(sql);
    return { dump, killed, logged: polls!.length };
  }

  it('loses nothing and stores nothing twice, wherever it was killed', async () => {
    const truth = await bothPasses(null);
    expect(truth.dump.items).toHaveLength(5);
    expect(truth.dump.revisions).toHaveLength(1);
    let kills = 0;
    for (const pass of [0, 1])
      for (const reached of [false, true])
        for (let at = 1; at <= 8; at++) {
          const { dump, killed, logged } = await bothPasses({ pass, at, reached });
          expect({ pass, reached, at, dump }).toEqual({ pass, reached, at, dump: truth.dump });
          expect(logged).toBe(truth.logged);
          if (killed) kills++;
        }
    expect(kills).toBeGreaterThanOrEqual(16);
    expect(await seriesMismatches(sql)).toEqual([]);
  });
});

describe('a cancelled chunk', () => {
  it('records what it polled and stops', async () => {
    const controller = new AbortController();
    const { run } = chunk(async (name) => {
      if (name === 'one-b') controller.abort(new Error('worker is shutting down'));
      return notModified();
    });
    await expect(run(['one-a', 'one-b', 'one-c'], testRuntime({ signal: controller.signal }))).rejects.toThrow(
      'shutting down',
    );
    const states = await loadFeeds(sql, ['one-a', 'one-b', 'one-c']);
    expect(states.map(({ state }) => state.lastPolledAt !== null)).toEqual([true, true, false]);
  });
});

describe('two processes that poll the same feeds at once', () => {
  it('store every item once, whoever is first', async () => {
    const documents = ALL.map((name) => [name, news(name)] as const);
    const both = [0, 1].map(() => chunk(async (name) => new Map(documents).get(name)!));
    const results = await Promise.all(both.map(({ run }) => run()));
    expect(results[0]!.added + results[1]!.added).toBe(5);
    expect(results[0]!.observations + results[1]!.observations).toBe(5);
    const dump = await dumpStore(sql);
    expect([dump.items!.length, dump.observations!.length]).toEqual([5, 5]);
    // One tick of one feed is one look in the ledger.
    expect(new Set(dump.coverage!.map((row) => (row as { successes: number }).successes))).toEqual(new Set([1]));
    expect(await seriesMismatches(sql)).toEqual([]);
  });
});
