import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import type { Activities } from '../../activities/index.js';
import { Failure } from '../../core/errors.js';
import { activityRuntime } from '../../runtime/worker.js';
import { fakeActivities, NOTHING } from '../support/fake-activities.js';
import { runWorker, type TestWorker } from '../support/run-worker.js';

let running: TestWorker | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

async function start(activities: Activities) {
  running = await runWorker(activities);
  const { client, taskQueue } = running;
  return client.workflow.start('pollGroup', {
    workflowId: `test-${randomUUID()}`,
    taskQueue,
    args: [{ groupId: '900s-00' }],
  });
}

it('polls all lanes on a real server', async () => {
  const handle = await start(fakeActivities());
  expect(await handle.result()).toEqual({ due: 3, chunks: 3, ...NOTHING, polled: 3, deliveries: 0 });
});

it('tries a chunk again when the store was away, and counts it once', async () => {
  const tries: string[] = [];
  const handle = await start(
    fakeActivities({
      async pollChunk({ feedIds }) {
        tries.push(feedIds.join());
        if (tries.length === 1)
          throw new Failure('unavailable', 'the database does not answer', { retryAfterSeconds: 0.1 });
        return { ...NOTHING, polled: 1 };
      },
    }),
  );
  expect((await handle.result()).polled).toBe(3);
  expect(tries.length).toBe(4);
});

it('does not try again what trying cannot mend', async () => {
  let tries = 0;
  const handle = await start(
    fakeActivities({
      async listDueFeeds() {
        tries += 1;
        throw new Failure('invalid-config', 'no such group');
      },
    }),
  );
  await expect(handle.result()).rejects.toThrow('Workflow execution failed');
  expect(tries).toBe(1);
});

/** A chunk that polls for ever: ends only when it hears that it should. */
function endless(heard: (reason: unknown) => void) {
  let markBegun = () => {};
  const begun = new Promise<void>((resolve) => {
    markBegun = resolve;
  });
  let running = 0;
  const activities = fakeActivities({
    async pollChunk() {
      const { signal } = activityRuntime();
      // Both lanes: a task that the server hands out while the worker stops would have to wait for its timeout.
      if (++running === 2) markBegun();
      await aborted(signal);
      heard(signal.reason);
      throw signal.reason;
    },
  });
  return { activities, begun };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

it('hears a cancelled run inside a chunk, with its next heartbeat', async () => {
  const heard: unknown[] = [];
  const { activities, begun } = endless((reason) => heard.push(reason));
  const handle = await start(activities);
  await begun;
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  await expect.poll(() => heard.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
});

it('cancels a chunk that outlasts the grace time of a stopping worker; the next worker polls it again', async () => {
  const heard: unknown[] = [];
  const { activities, begun } = endless((reason) => heard.push(reason));
  const handle = await start(activities);
  await begun;
  const { taskQueue } = running!;
  await running!.stop();
  expect(heard.length).toBeGreaterThanOrEqual(1);
  running = await runWorker(fakeActivities(), { taskQueue });
  // The handle of the stopped worker is closed with its connection.
  const again = running.client.workflow.getHandle(handle.workflowId);
  expect((await again.result()).polled).toBe(3);
});
