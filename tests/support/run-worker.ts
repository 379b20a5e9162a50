import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { inject } from 'vitest';
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
  { log = quietLog, taskQueue = `test-${randomBytes(6).toString('hex')}` }: { log?: Log; taskQueue?: string } = {},
): Promise<TestWorker> {
  installTemporalRuntime(log);
  const address = inject('temporalAddress');
  const namespace = inject('temporalNamespace');
  const connection = await connectTemporal({ address, namespace, options: { address } }, log);
  const worker = await startWorker({
    connection,
    activities,
    cacheDir: '',
    workflowBundlePath: inject('workflowBundlePath'),
    taskQueue,
    log,
    graceMs: 200,
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
