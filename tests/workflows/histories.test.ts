import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';
import type { Activities } from '../../activities/index.js';
import { Failure } from '../../core/errors.js';
import { fakeActivities, NOTHING } from '../support/fake-activities.js';
import { createTestNamespace, runWorker } from '../support/run-worker.js';

const FOLDER = fileURLToPath(new URL('../histories', import.meta.url));
/** Set to write what this run records into `tests/histories`: only when a change of the order of commands is
 * meant; then `npm run format`. */
const isRecording = process.env.RECORD_HISTORIES !== undefined;

interface Scenario {
  workflow: string;
  args: unknown[];
  activities: () => Activities;
}

const SCENARIOS: Record<string, Scenario> = {
  'poll-group-nothing-due': {
    workflow: 'pollGroup',
    args: [{ groupId: '900s-00' }],
    activities: () =>
      fakeActivities({ listDueFeeds: async () => ({ runAt: '2026-07-01T12:00:00.000Z', due: 0, lanes: [] }) }),
  },
  'poll-group-two-lanes': { workflow: 'pollGroup', args: [{ groupId: '900s-00' }], activities: () => fakeActivities() },
  'poll-group-alerts': {
    workflow: 'pollGroup',
    args: [{ groupId: '900s-00', chunkSize: 10 }],
    activities: () =>
      fakeActivities({
        pollChunk: async ({ feedIds }) => ({ ...NOTHING, polled: feedIds.length, added: 2, dirty: 1 }),
        evaluateRules: async () => ({ deliveries: 1 }),
      }),
  },
  'poll-group-retry': {
    workflow: 'pollGroup',
    args: [{ groupId: '900s-00' }],
    activities: () => {
      let tries = 0;
      return fakeActivities({
        async pollChunk() {
          if (tries++ === 0)
            throw new Failure('unavailable', 'the database does not answer', { retryAfterSeconds: 0.1 });
          return { ...NOTHING, polled: 1 };
        },
      });
    },
  },
  'watch-feeds-rescue': {
    workflow: 'watchFeeds',
    args: [],
    activities: () =>
      fakeActivities({
        watchFeeds: async () => ({ silentGroups: ['900s-00', '900s-01'], dirtyCells: 3, dueDeliveries: 1 }),
        listDueFeeds: async () => ({ runAt: '2026-07-01T12:00:00.000Z', due: 0, lanes: [] }),
      }),
  },
  'second-coder-decides': {
    workflow: 'secondCoder',
    args: [],
    activities: () => {
      let calls = 0;
      return fakeActivities({
        async askSecondCoder() {
          if (++calls === 2) throw new Failure('rate-limited', 'asks us to wait', { retryAfterSeconds: 0.1 });
          return { items: 3, asked: calls === 1 ? 2 : 0, labelled: 1, more: calls === 1, stopped: null };
        },
        decideOpinions: async () => ({ decided: calls, undecided: 0, dirty: calls, more: false }),
        evaluateRules: async () => ({ deliveries: 0 }),
      });
    },
  },
  'recode-two-calls': {
    workflow: 'recode',
    args: [{ id: '01900000-0000-7000-8000-000000000000', maxItems: 1_000_000 }],
    activities: () => {
      let calls = 0;
      return fakeActivities({
        async recodeItems() {
          calls += 1;
          if (calls === 1) throw new Failure('unavailable', 'the database does not answer', { retryAfterSeconds: 0.1 });
          return { state: calls === 2 ? 'running' : 'done', items: 1_000_000 };
        },
      });
    },
  },
  'deliver-alerts': {
    workflow: 'deliverAlerts',
    args: [],
    activities: () => {
      let looks = 0;
      return fakeActivities({
        listPendingChannels: async () => (looks++ === 0 ? [{ channelId: 'desk', pending: 1, nextInMs: 0 }] : []),
        deliverDue: async () => ({ sent: 1, failed: 0, retried: 0 }),
      });
    },
  },
};

const replay = (history: string) =>
  Worker.runReplayHistory({ workflowBundle: { codePath: inject('workflowBundlePath') } }, JSON.parse(history));

/** Runs a scenario on the real server and returns its history as JSON, with ids and times as they came. */
async function record({ workflow, args, activities }: Scenario): Promise<string> {
  // `deliverAlerts` has a fixed id: what another scenario started must not be in the way.
  const running = await runWorker(activities(), { namespace: await createTestNamespace() });
  try {
    const handle = await running.client.workflow.start(workflow, {
      workflowId: `history-${randomUUID()}`,
      taskQueue: running.taskQueue,
      args,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    });
    await handle.result();
    return historyToJSON(await handle.fetchHistory());
  } finally {
    await running.stop();
  }
}

/** A saved history names neither the machine that made it nor its places. */
function withoutMachine(history: string): string {
  const hide = (key: string, value: unknown) => (key === 'identity' ? 'worker' : key === 'stackTrace' ? '' : value);
  return `${JSON.stringify(JSON.parse(history), hide, 1)}\n`;
}

describe.each(Object.entries(SCENARIOS))('%s', (name, scenario) => {
  const file = `${FOLDER}/${name}.json`;

  it('replays what it has just done', async () => {
    const history = await record(scenario);
    if (isRecording) writeFileSync(file, withoutMachine(history));
    await replay(history);
  });

  it('still replays a run of an earlier program', async () => {
    await replay(readFileSync(file, 'utf8'));
  });
});

it('every saved history belongs to a scenario', () => {
  expect(existsSync(FOLDER) ? readdirSync(FOLDER).sort() : []).toEqual(
    Object.keys(SCENARIOS)
      .map((name) => `${name}.json`)
      .sort(),
  );
});

it('a changed order of commands is noticed', async () => {
  const text = readFileSync(`${FOLDER}/poll-group-two-lanes.json`, 'utf8');
  await expect(replay(text.replaceAll('"listDueFeeds"', '"listFeeds"'))).rejects.toThrow(/TMPRL1100/);
});
