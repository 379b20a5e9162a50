import { type Client, ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { connectTemporal, type TemporalConnection } from '../../runtime/connection.js';
import { desiredSchedules, reconcileSchedules } from '../../runtime/schedules.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createTestNamespace, quietLog } from '../support/run-worker.js';

let connection: TemporalConnection;
let client: Client;
let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  const address = inject('temporalAddress');
  // Schedule ids are fixed.
  const namespace = await createTestNamespace();
  connection = await connectTemporal({ address, namespace, options: { address } }, quietLog);
  client = connection.client;
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
});

afterAll(async () => {
  await connection?.close();
  await sql?.end();
  await database?.drop();
});

const reconcile = (groupIds: string[], more: { prune?: boolean; dryRun?: boolean; chunkSize?: number } = {}) =>
  reconcileSchedules({ client, sql, groupIds, log: quietLog, ...more });

const listed = async () => {
  const ids: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) ids.push(scheduleId);
  return ids.sort();
};

describe('desiredSchedules', () => {
  it('spreads the groups of one cadence over its interval, whatever numbers their shards have', () => {
    const offsets = desiredSchedules({ groupIds: ['900s-00', '900s-05', '900s-07', '3600s-00'] }).map((s) => [
      s.scheduleId,
      s.spec.intervals[0]?.offset,
    ]);
    expect(offsets).toEqual([
      ['poll/3600s-00', 0],
      ['poll/900s-00', 0],
      ['poll/900s-05', 300_000],
      ['poll/900s-07', 600_000],
      ['watch/feeds', 0],
    ]);
  });

  it('names every policy that has a harmful default', () => {
    expect(desiredSchedules({ groupIds: ['900s-00'] })[0]).toMatchObject({
      spec: { intervals: [{ every: 900_000 }], jitter: 45_000 },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 900_000, pauseOnFailure: false },
      action: { workflowType: 'pollGroup', args: [{ groupId: '900s-00' }], workflowRunTimeout: 2_700_000 },
    });
  });

  it('has one for the second coder where there is one, whose runs may wait for a busy server', () => {
    const ids = (hasSecondCoder?: boolean) =>
      desiredSchedules({ groupIds: [], hasSecondCoder }).map((s) => s.scheduleId);
    expect([ids(), ids(false), ids(true)]).toEqual([
      ['watch/feeds'],
      ['watch/feeds'],
      ['watch/feeds', 'second-coder/items'],
    ]);
    expect(desiredSchedules({ groupIds: [], hasSecondCoder: true })[1]).toMatchObject({
      policies: { overlap: ScheduleOverlapPolicy.SKIP },
      action: { workflowType: 'secondCoder', workflowRunTimeout: 3_600_000 },
    });
  });

  it('lets no run go on for more than an hour', () => {
    expect(desiredSchedules({ groupIds: ['86400s-00'] })[0]?.action.workflowRunTimeout).toBe(3_600_000);
  });
});

describe('reconcileSchedules', () => {
  it('plans, creates, and then finds nothing to do', async () => {
    const ids = ['poll/900s-00', 'poll/900s-01', 'watch/feeds'];
    expect((await reconcile(['900s-00', '900s-01'], { dryRun: true })).created).toEqual(ids);
    expect(await listed()).toEqual([]);
    expect((await reconcile(['900s-00', '900s-01'])).created).toEqual(ids);
    expect(await reconcile(['900s-00', '900s-01'])).toEqual({
      created: [],
      updated: [],
      unchanged: ids,
      deleted: [],
      orphaned: [],
    });
  });

  it('polls a new group at once', async () => {
    await reconcile(['900s-00', '900s-01']);
    await expect
      .poll(async () => (await client.schedule.getHandle('poll/900s-00').describe()).info.numActionsTaken)
      .toBeGreaterThanOrEqual(1);
  });

  it('starts no second run beside the first one of a new group', async () => {
    await reconcile(['900s-02']);
    const handle = client.schedule.getHandle('poll/900s-02');
    const info = async () => (await handle.describe()).info;
    // Nobody works on it, so that it stays open.
    await expect.poll(async () => (await info()).runningActions, { timeout: 30_000 }).toHaveLength(1);
    await handle.trigger(ScheduleOverlapPolicy.SKIP);
    await expect.poll(async () => (await info()).numActionsSkippedOverlap, { timeout: 30_000 }).toBe(1);
    expect((await info()).numActionsTaken).toBe(1);
    await handle.delete();
  });

  it('updates what differs and keeps a pause', async () => {
    const handle = client.schedule.getHandle('poll/900s-00');
    await handle.pause('the operator looks into it');
    const plan = await reconcile(['900s-00', '900s-01'], { chunkSize: 10 });
    expect(plan.updated).toEqual(['poll/900s-00', 'poll/900s-01']);
    const after = await handle.describe();
    expect(after.state).toMatchObject({ paused: true, note: 'the operator looks into it' });
    expect(after.action.args).toEqual([{ groupId: '900s-00', chunkSize: 10 }]);
    expect((await reconcile(['900s-00', '900s-01'], { chunkSize: 10 })).updated).toEqual([]);
  });

  it('reports what is no longer configured, and deletes it only when asked to, and only ours', async () => {
    await client.schedule.create({
      scheduleId: 'somebody-elses',
      spec: { intervals: [{ every: '1 day' }] },
      action: { type: 'startWorkflow', workflowType: 'other', taskQueue: 'other', args: [] },
    });
    await vi.waitFor(async () => expect(await listed()).toContain('somebody-elses'), 20_000);
    expect((await reconcile(['900s-00'], { chunkSize: 10 })).orphaned).toEqual(['poll/900s-01']);
    const pruned = await reconcile(['900s-00'], { chunkSize: 10, prune: true });
    expect([pruned.deleted, pruned.orphaned]).toEqual([['poll/900s-01'], []]);
    await vi.waitFor(
      async () => expect(await listed()).toEqual(['poll/900s-00', 'somebody-elses', 'watch/feeds']),
      20_000,
    );
  });

  it('may run in several processes at once', async () => {
    const plans = await Promise.all(
      [1, 2, 3, 4].map(() => reconcile(['900s-00', '1800s-00', '1800s-01'], { chunkSize: 10 })),
    );
    expect(plans.flatMap((plan) => plan.created).sort()).toEqual(['poll/1800s-00', 'poll/1800s-01']);
    expect(plans.flatMap((plan) => plan.updated)).toEqual([]);
  });
});
