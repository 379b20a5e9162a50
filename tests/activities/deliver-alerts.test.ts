import { Agent } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliverDue, listPendingChannels } from '../../activities/deliver-alerts.js';
import type { ActivityRuntime } from '../../activities/deps.js';
import { evaluateRules } from '../../activities/evaluate-rules.js';
import { openChannels } from '../../channels/registry.js';
import { createReadSecret } from '../../channels/secret.js';
import { createPost } from '../../channels/send.js';
import { Failure } from '../../core/errors.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { type DeliveryRecord, listDeliveries, resendDelivery } from '../../db/deliveries.js';
import { drainDeliveries } from '../../workflows/drain-deliveries.js';
import { type AlertWorld, alertDeps, coverDays, fakeChannel, report, ruleOf } from '../support/alert-world.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { AT, addSources, newId, sampleLabel, sampleSource } from '../support/store-samples.js';
import { SECRET_PATH, startWebhookServer } from '../support/webhook-server.js';

let database: TestDatabase;
let sql: Sql;
let beats: unknown[] = [];
const runtime: ActivityRuntime = {
  heartbeat: (details) => void beats.push(details),
  lastHeartbeat: () => undefined,
  signal: new AbortController().signal,
  attempt: 1,
};

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  await addSources(sql, sampleSource('one'), sampleSource('two'));
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  beats = [];
  await sql`truncate items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews, alerts,
    deliveries restart identity cascade`;
  await coverDays(sql, '2025-09-01');
});

const INDICATORS = ['mil.exercise', 'mil.visit'];
const DYADS = ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'];
const TO_CHAT = [{ match: {}, channels: ['chat'], continue: false }];

/** `count` alerts in the outbox, at most 6. */
async function raise(count: number, world: AlertWorld) {
  const labels = INDICATORS.flatMap((indicator) => DYADS.map((dyad) => sampleLabel(indicator, dyad))).slice(0, count);
  for (const source of ['one', 'two']) await report(sql, source, `item of ${source}`, labels);
  const deps = alertDeps(sql, { rules: [ruleOf('first-seen', {})], routes: TO_CHAT, ...world });
  expect(await evaluateRules(deps)).toMatchObject({ raised: count });
  return deps;
}

const rows = async (): Promise<DeliveryRecord[]> => (await listDeliveries(sql, 100)).reverse();
const deliver = (deps: Parameters<typeof deliverDue>[0], channelId = 'chat') =>
  deliverDue(deps, runtime, { channelId });

describe('delivering', () => {
  it('sends what waits, oldest first, at the pace of the channel, and records it', async () => {
    const { channel, sent } = fakeChannel('chat');
    const deps = await raise(3, { channels: [channel] });
    expect(await listPendingChannels(deps)).toEqual([{ channelId: 'chat', pending: 3, nextInMs: 0 }]);
    expect(await deliver(deps)).toEqual({ sent: 3, failed: 0, retried: 0 });
    const after = await rows();
    expect(after.map(({ state, attempts, status, reason }) => [state, attempts, status, reason])).toEqual(
      Array(3).fill(['sent', 1, 200, null]),
    );
    expect(sent.map(({ deliveryId }) => deliveryId)).toEqual(after.map(({ id }) => id));
    expect(sent[0]).toMatchObject({ transition: 'raised', raisedAt: AT, facts: { headline: 'first ever' } });
    expect(deps.pauses).toEqual([1000, 1000, 1000, 1000]);
    expect(beats).toHaveLength(3);
    expect(await listPendingChannels(deps)).toEqual([]);
    expect(await deliver(deps)).toEqual({ sent: 0, failed: 0, retried: 0 });
    expect(sent).toHaveLength(3);
  });

  it('waits as long as the channel asks, with all of its messages, and then sends under the same id', async () => {
    const { channel, sent } = fakeChannel('chat', (_, call) =>
      call === 1 ? new Failure('rate-limited', 'answered 429', { status: 429, retryAfterSeconds: 37 }) : null,
    );
    const deps = await raise(2, { channels: [channel] });
    expect(await deliver(deps)).toEqual({ sent: 0, failed: 0, retried: 1 });
    expect(await listPendingChannels(deps)).toEqual([{ channelId: 'chat', pending: 2, nextInMs: 37_000 }]);
    const [first] = await rows();
    expect(first).toMatchObject({
      state: 'pending',
      attempts: 1,
      reason: 'rate-limited',
      detail: 'answered 429',
      status: 429,
    });
    // What is raised meanwhile waits too.
    for (const source of ['one', 'two'])
      await report(sql, source, `late ${source}`, [sampleLabel('mil.visit', 'BBB-CCC')]);
    expect(await evaluateRules(deps)).toMatchObject({ raised: 1, deliveries: 3 });
    deps.advance(35_000);
    expect(await deliver(deps)).toMatchObject({ sent: 0 });
    deps.advance(1_000);
    expect(await deliver(deps)).toMatchObject({ sent: 3 });
    expect(sent.map(({ deliveryId }) => deliveryId)).toEqual((await rows()).map(({ id }) => id));
  });

  it('gives up at once what would fail the same way tomorrow, and goes on with the next', async () => {
    const { channel } = fakeChannel('chat', (_, call) =>
      call === 1 ? new Failure('client', 'answered 400: invalid_blocks', { status: 400 }) : null,
    );
    const deps = await raise(2, { channels: [channel] });
    expect(await deliver(deps)).toEqual({ sent: 1, failed: 1, retried: 0 });
    expect((await rows())[0]).toMatchObject({
      state: 'failed',
      reason: 'client',
      detail: 'answered 400: invalid_blocks (another try would fail the same way)',
      status: 400,
    });
  });

  it('gives up after 32 attempts in about a day', async () => {
    const { channel, calls } = fakeChannel('chat', () => new Failure('server', 'answered 500', { status: 500 }));
    const deps = await raise(1, { channels: [channel] });
    const begin = deps.wallClock.now().getTime();
    const ports = {
      listPendingChannels: () => listPendingChannels(deps),
      deliverDue: ({ channelId }: { channelId: string }) => deliver(deps, channelId),
      wait: async (ms: number) => deps.advance(ms),
    };
    const result = await drainDeliveries(ports, { maxWaitMs: 86_400_000, maxCalls: 1000 });
    expect(result).toEqual({ sent: 0, failed: 1, retried: 31, waiting: 0, unfinished: false });
    expect(calls()).toBe(32);
    const hours = (deps.wallClock.now().getTime() - begin) / 3_600_000;
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(30);
    expect((await rows())[0]?.detail).toBe('answered 500 (given up after 32 attempts)');
  });

  it('a crash between sending and recording sends again, under the same id, after the lease', async () => {
    const { channel, sent } = fakeChannel('chat');
    const deps = await raise(1, { channels: [channel] });
    const crashing = {
      ...deps,
      deliveryStore: {
        ...deps.deliveryStore,
        recordSent: async () => {
          throw new Error('killed');
        },
      },
    };
    await expect(deliver(crashing)).rejects.toThrow('killed');
    expect(await deliver(deps)).toMatchObject({ sent: 0 }); // still leased
    expect((await rows())[0]).toMatchObject({ state: 'pending', attempts: 1 });
    deps.advance(60_000);
    expect(await deliver(deps)).toMatchObject({ sent: 1 });
    expect(sent.map(({ deliveryId }) => deliveryId)).toEqual([(await rows())[0]!.id, (await rows())[0]!.id]);
    expect((await rows())[0]).toMatchObject({ state: 'sent', attempts: 2 });
  });

  it('two deliverers at once send everything once', async () => {
    const { channel, sent } = fakeChannel('chat');
    const deps = await raise(6, { channels: [channel] });
    const results = await Promise.all([deliver(deps), deliver(deps), deliver(deps)]);
    expect(results.reduce((sum, result) => sum + result.sent, 0)).toBe(6);
    expect(new Set(sent.map(({ deliveryId }) => deliveryId)).size).toBe(6);
  });

  it('a channel that left the configuration fails its deliveries with that reason', async () => {
    const deps = await raise(2, { channels: [] });
    expect(await deliver(deps)).toEqual({ sent: 0, failed: 2, retried: 0 });
    expect((await rows())[1]).toMatchObject({
      state: 'failed',
      reason: 'invalid-config',
      detail: 'channel "chat" is not configured',
    });
  });

  it('stops between two messages when it is asked to', async () => {
    const stop = new AbortController();
    const { channel, sent } = fakeChannel('chat', () => {
      stop.abort();
      return null;
    });
    const deps = await raise(3, { channels: [channel] });
    expect(await deliverDue(deps, { ...runtime, signal: stop.signal }, { channelId: 'chat' })).toMatchObject({
      sent: 1,
    });
    expect(sent).toHaveLength(1);
    expect((await listPendingChannels(deps))[0]).toMatchObject({ pending: 2, nextInMs: 0 });
  });

  it('a bug in a channel is thrown and loses nothing', async () => {
    const { channel } = fakeChannel('chat', () => new TypeError('a bug'));
    const deps = await raise(1, { channels: [channel] });
    await expect(deliver(deps)).rejects.toThrow('a bug');
    deps.advance(60_000);
    expect((await listPendingChannels(deps))[0]).toMatchObject({ pending: 1, nextInMs: 0 });
  });
});

describe('sending again', () => {
  it('revives what failed under its own id, and sends what was sent as something new', async () => {
    const { channel, sent } = fakeChannel('chat', (_, call) =>
      call === 1 ? new Failure('auth', 'answered 403') : null,
    );
    const deps = await raise(1, { channels: [channel] });
    await deliver(deps);
    const [failed] = await rows();
    expect(failed?.state).toBe('failed');
    expect(await resendDelivery(sql, failed!.id, deps.wallClock.now(), newId())).toEqual([failed!.id]);
    await deliver(deps);
    const again = newId();
    expect(await resendDelivery(sql, failed!.id, deps.wallClock.now(), again)).toEqual([again]);
    await deliver(deps);
    expect(sent.map(({ deliveryId }) => deliveryId)).toEqual([failed!.id, again]);
    expect((await rows()).map(({ state, attempts }) => [state, attempts])).toEqual([
      ['sent', 1],
      ['sent', 1],
    ]);
    expect(await resendDelivery(sql, newId(), deps.wallClock.now(), newId())).toEqual([]);
  });
});

describe('over real HTTP', () => {
  it('a signed webhook gets the alert once more after a 503, with the same id and body, and no secret is kept', async () => {
    const server = await startWebhookServer();
    const agent = new Agent();
    const signing = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;
    const channels = openChannels([{ id: 'chat', kind: 'webhook', params: { url_env: 'U', secret_env: 'S' } }], {
      post: createPost({ dispatcher: agent, userAgent: 'test' }),
      readSecret: createReadSecret({ U: server.url, S: signing }, '.'),
    });
    const deps = await raise(1, { channels: [...channels.values()] });
    server.answer((request, response) => response.writeHead(503, { 'retry-after': '9' }).end(`down: ${request.path}`));
    expect(await deliver(deps)).toMatchObject({ retried: 1 });
    expect(await listPendingChannels(deps)).toMatchObject([{ nextInMs: 9000 }]);
    expect((await rows())[0]).toMatchObject({ reason: 'server', detail: 'answered 503: down: [secret]', status: 503 });
    server.answer((_, response) => response.writeHead(202).end());
    deps.advance(9000);
    expect(await deliver(deps)).toMatchObject({ sent: 1 });
    const [first, second] = server.received;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    const kept = JSON.stringify([
      await sql`select * from deliveries`,
      await sql`select * from alerts`,
      deps.log.lines,
      beats,
    ]);
    for (const secret of [SECRET_PATH, 'SECRET', signing]) expect(kept).not.toContain(secret);
    await agent.close();
    await server.close();
  });
});

describe('draining the outbox', () => {
  const queue = (channelId: string, nextInMs: number) => ({ channelId, pending: 1, nextInMs });
  const NOTHING = { sent: 0, failed: 0, retried: 0 };

  it('sends on all due channels, waits for what is due soon, and leaves what is due late', async () => {
    const lists = [
      [queue('a', 0), queue('b', 0), queue('c', 5_000), queue('d', 99_000)],
      [queue('c', 4_000), queue('d', 98_000)],
      [queue('c', 0), queue('d', 94_000)],
      [queue('d', 93_000)],
    ];
    const steps: string[] = [];
    const result = await drainDeliveries(
      {
        listPendingChannels: async () => lists.shift() ?? [],
        async deliverDue({ channelId }) {
          steps.push(channelId);
          return { ...NOTHING, sent: 1 };
        },
        wait: async (ms) => void steps.push(`wait ${ms}`),
      },
      { maxWaitMs: 60_000, maxCalls: 100 },
    );
    expect(steps).toEqual(['a', 'b', 'wait 4000', 'c']);
    expect(result).toEqual({ ...NOTHING, sent: 3, waiting: 1, unfinished: false });
  });

  it('says that it is unfinished when its calls are used up', async () => {
    let calls = 0;
    const result = await drainDeliveries(
      {
        listPendingChannels: async () => [queue('a', 0)],
        async deliverDue() {
          calls++;
          return { ...NOTHING, retried: 1 };
        },
        wait: async () => undefined,
      },
      { maxWaitMs: 1000, maxCalls: 7 },
    );
    expect(result.unfinished).toBe(true);
    expect(calls).toBe(3);
  });
});
