import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import type { Activities } from '../../activities/index.js';
import { Failure } from '../../core/errors.js';
import { fakeActivities } from '../support/fake-activities.js';
import { runWorker, type TestWorker } from '../support/run-worker.js';

let running: TestWorker | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

async function start(activities: Activities, more: { maxItems?: number; maxCalls?: number } = {}) {
  running = await runWorker(activities);
  const { client, taskQueue } = running;
  return client.workflow.start('recode', {
    workflowId: `test-${randomUUID()}`,
    taskQueue,
    args: [{ id: 'run-1', ...more }],
  });
}

it('calls until there is nothing left, and goes on in a new run when a history has had its calls', async () => {
  const inputs: unknown[] = [];
  const handle = await start(
    fakeActivities({
      async recodeItems(input) {
        inputs.push(input);
        return { state: inputs.length === 5 ? 'done' : 'running', items: 100 };
      },
    }),
    { maxItems: 100, maxCalls: 2 },
  );
  expect(await handle.result()).toEqual({ state: 'done', items: 100 });
  expect(inputs).toEqual(Array.from({ length: 5 }, () => ({ id: 'run-1', maxItems: 100 })));
  const first = await running!.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId).describe();
  expect(first.status.name).toBe('CONTINUED_AS_NEW');
});

it('ends when the row says that it was cancelled', async () => {
  let calls = 0;
  const handle = await start(
    fakeActivities({
      async recodeItems() {
        calls += 1;
        return { state: 'cancelled', items: 40 };
      },
    }),
  );
  expect(await handle.result()).toEqual({ state: 'cancelled', items: 40 });
  expect(calls).toBe(1);
});

it('what trying again cannot mend ends the run, with the reason in its row', async () => {
  const ended: unknown[] = [];
  const handle = await start(
    fakeActivities({
      async recodeItems() {
        throw new Failure('invalid-config', 'nothing is stored of the codebook');
      },
      async endRecoding(input) {
        ended.push(input);
        return true;
      },
    }),
  );
  await expect(handle.result()).rejects.toThrow('Workflow execution failed');
  expect(ended).toEqual([{ id: 'run-1', state: 'failed', reason: 'nothing is stored of the codebook' }]);
});

it('an outage of the database is waited for', async () => {
  let calls = 0;
  const handle = await start(
    fakeActivities({
      async recodeItems() {
        calls += 1;
        if (calls < 8) throw new Failure('unavailable', 'the database does not answer', { retryAfterSeconds: 0.05 });
        return { state: 'done', items: 1 };
      },
    }),
  );
  expect((await handle.result()).state).toBe('done');
});
