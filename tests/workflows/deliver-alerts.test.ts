import { randomUUID } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import type { ChannelQueue } from '../../activities/index.js';
import { Failure } from '../../core/errors.js';
import { WAKE_DELIVERY_SIGNAL } from '../../workflows/names.js';
import { fakeActivities } from '../support/fake-activities.js';
import { runWorker, type TestWorker } from '../support/run-worker.js';

let running: TestWorker | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

async function start(activities: Parameters<typeof fakeActivities>[0]) {
  running = await runWorker(fakeActivities(activities));
  const { client, taskQueue } = running;
  return client.workflow.start('deliverAlerts', { workflowId: `test-${randomUUID()}`, taskQueue });
}

/** An outbox in memory: what each channel still holds, and how long it asks us to wait before the next one. */
function outbox(channels: Record<string, { pending: number; nextInMs?: number }>) {
  const sent: string[] = [];
  return {
    channels,
    sent,
    async listPendingChannels(): Promise<ChannelQueue[]> {
      return Object.entries(channels)
        .filter(([, { pending }]) => pending > 0)
        .map(([channelId, { pending, nextInMs }]) => ({ channelId, pending, nextInMs: nextInMs ?? 0 }));
    },
    async deliverDue({ channelId }: { channelId: string }) {
      const channel = channels[channelId]!;
      channel.pending--;
      sent.push(channelId);
      return { sent: 1, failed: 0, retried: 0 };
    },
  };
}

it('drains every channel on a real server and ends', async () => {
  const box = outbox({ chat: { pending: 3 }, archive: { pending: 1 } });
  const handle = await start(box);
  expect(await handle.result()).toEqual({ sent: 4, failed: 0, retried: 0, waiting: 0, unfinished: false });
  expect(box.sent.sort()).toEqual(['archive', 'chat', 'chat', 'chat']);
});

it('waits as long as a channel asked, and then sends', async () => {
  const box = outbox({ chat: { pending: 1 } });
  let asked = 0;
  const handle = await start({
    ...box,
    async listPendingChannels() {
      const channels = await box.listPendingChannels();
      return channels.map((channel) => ({ ...channel, nextInMs: asked++ === 0 ? 300 : 0 }));
    },
  });
  expect(await handle.result()).toMatchObject({ sent: 1 });
  const { events } = await handle.fetchHistory();
  const [timer] = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => (timer ? [timer] : []));
  expect(Number(timer?.startToFireTimeout?.nanos)).toBe(300_000_000);
});

it('a signal ends a long wait: something new is in the outbox', async () => {
  const box = outbox({ chat: { pending: 1, nextInMs: 9 * 60_000 } });
  const listed = vi.fn(box.listPendingChannels);
  const handle = await start({ ...box, listPendingChannels: listed });
  await vi.waitFor(() => expect(listed).toHaveBeenCalled(), { timeout: 20_000 });
  box.channels.archive = { pending: 1 };
  await handle.signal(WAKE_DELIVERY_SIGNAL);
  await vi.waitFor(() => expect(box.sent).toEqual(['archive']), { timeout: 20_000 });
  box.channels.chat = { pending: 1 };
  await handle.signal(WAKE_DELIVERY_SIGNAL);
  expect(await handle.result()).toMatchObject({ sent: 2, waiting: 0 });
});

it('what is due much later is left to a later run', async () => {
  const box = outbox({ chat: { pending: 2, nextInMs: 3_600_000 } });
  const handle = await start(box);
  expect(await handle.result()).toEqual({ sent: 0, failed: 0, retried: 0, waiting: 2, unfinished: false });
});

it('goes on after the store was away for a moment', async () => {
  const box = outbox({ chat: { pending: 1 } });
  let calls = 0;
  const handle = await start({
    ...box,
    async deliverDue(input) {
      if (++calls === 1) throw new Failure('unavailable', 'the database does not answer', { retryAfterSeconds: 0.1 });
      return box.deliverDue(input);
    },
  });
  expect(await handle.result()).toMatchObject({ sent: 1 });
  expect(calls).toBe(2);
});
