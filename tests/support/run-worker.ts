import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { inject, vi } from 'vitest';
import type { Log } from '../../activities/deps.js';
import type { Activities } from '../../activities/index.js';
import { connectTemporal, type TemporalConnection } from '../../runtime/connection.js';
import { installTemporalRuntime } from '../../runtime/temporal-log.js';
import { type RunningWorker, startWorker } from '../../runtime/worker.js';

export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export interface TestWorker {
  worker: RunningWorker;
  connection: TemporalConnection;
  client: Client;
  taskQueue: string;
  stop(): Promise<void>;
}

/** A worker with these activities on a task queue of its own, on the run's Temporal server. */
export async function runWorker(
  activities: Activities,
  {
    log = quietLog,
    taskQueue = `test-${randomBytes(6).toString('hex')}`,
    namespace = inject('temporalNamespace'),
    watchEveryMs = 0,
  }: { log?: Log; taskQueue?: string; namespace?: string; watchEveryMs?: number } = {},
): Promise<TestWorker> {
  installTemporalRuntime(log);
  const address = inject('temporalAddress');
  const connection = await connectTemporal({ address, namespace, options: { address } }, log);
  const worker = await startWorker({
    connection,
    activities,
    cacheDir: '',
    workflowBundlePath: inject('workflowBundlePath'),
    taskQueue,
    log,
    graceMs: 200,
    heartbeatMs: 2_000,
    watchEveryMs,
  });
  return {
    worker,
    connection,
    client: connection.client,
    taskQueue,
    async stop() {
      await worker.stop();
      await connection.close();
    },
  };
}

/** A namespace of its own, for tests whose workflow or schedule ids are fixed. Ready when this returns. */
export async function createTestNamespace(): Promise<string> {
  const address = inject('temporalAddress');
  const namespace = `t-${randomBytes(6).toString('hex')}`;
  const admin = await connectTemporal(
    { address, namespace: inject('temporalNamespace'), options: { address } },
    quietLog,
  );
  await admin.native.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  // The server's caches learn of it a moment later.
  await vi.waitFor(
    () => admin.native.workflowService.describeTaskQueue({ namespace, taskQueue: { name: 'any' }, taskQueueType: 1 }),
    30_000,
  );
  await admin.close();
  return namespace;
}
