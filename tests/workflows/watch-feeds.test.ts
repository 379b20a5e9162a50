import { afterEach, expect, it } from 'vitest';
import { rescueId } from '../../workflows/names.js';
import { fakeActivities } from '../support/fake-activities.js';
import { createTestNamespace, runWorker, type TestWorker } from '../support/run-worker.js';

let running: TestWorker | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

it('polls a silent group out of turn, evaluates what was left dirty and drains the outbox', async () => {
  const polled: string[] = [];
  let isDelivered = false;
  const activities = fakeActivities({
    watchFeeds: async () => ({ silentGroups: ['900s-00'], dirtyCells: 2, dueDeliveries: 0 }),
    async listDueFeeds({ groupId }) {
      polled.push(groupId ?? '');
      return { runAt: '2026-07-01T12:00:00.000Z', due: 0, lanes: [] };
    },
    evaluateRules: async () => ({ deliveries: 1 }),
    async listPendingChannels() {
      const channels = isDelivered ? [] : [{ channelId: 'desk', pending: 1, nextInMs: 0 }];
      return channels;
    },
    async deliverDue() {
      isDelivered = true;
      return { sent: 1, failed: 0, retried: 0 };
    },
  });
  running = await runWorker(activities, { namespace: await createTestNamespace() });
  const { client, taskQueue } = running;
  const result = await client.workflow.execute('watchFeeds', { workflowId: 'watch', taskQueue });
  expect(result).toEqual({ silentGroups: ['900s-00'], dirtyCells: 2, dueDeliveries: 0, rescued: ['900s-00'] });
  await client.workflow.getHandle(rescueId('900s-00')).result();
  expect(polled).toEqual(['900s-00']);
  await expect.poll(() => isDelivered, { timeout: 20_000 }).toBe(true);
});

it('leaves a group alone that is being rescued already', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const activities = fakeActivities({
    watchFeeds: async () => ({ silentGroups: ['900s-00'], dirtyCells: 0, dueDeliveries: 0 }),
    async listDueFeeds() {
      await held;
      return { runAt: '2026-07-01T12:00:00.000Z', due: 0, lanes: [] };
    },
  });
  running = await runWorker(activities, { namespace: await createTestNamespace() });
  const { client, taskQueue } = running;
  const rescued = [];
  for (const workflowId of ['watch-1', 'watch-2'])
    rescued.push((await client.workflow.execute('watchFeeds', { workflowId, taskQueue })).rescued);
  letGo();
  expect(rescued).toEqual([['900s-00'], []]);
});

it('is started by the worker itself, whatever the schedules do', async () => {
  let looked = 0;
  const activities = fakeActivities({
    async watchFeeds() {
      looked++;
      return { silentGroups: [], dirtyCells: 0, dueDeliveries: 0 };
    },
  });
  running = await runWorker(activities, { namespace: await createTestNamespace(), watchEveryMs: 60_000 });
  await expect.poll(() => looked, { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
});
