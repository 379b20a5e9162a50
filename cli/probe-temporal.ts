import type { Env } from '../config/env.js';
import { Failure } from '../core/errors.js';
import { readSetting } from '../db/settings.js';
import type { TemporalConnection } from '../runtime/connection.js';
import type { Readiness } from '../server/api/status.js';
import { TASK_QUEUE } from '../workflows/names.js';
import type { OpenContext } from './open-context.js';

/** Key under which `up` leaves the address of its embedded server, for commands of other processes. */
export const TEMPORAL_SETTING = 'temporal';
const CONNECT_MS = 1_500;
const ANSWER_MS = 2_000;

export interface TemporalProbe {
  readiness: () => Promise<Readiness>;
  close(): Promise<void>;
}

/**
 * Asks the Temporal server, the configured one or the one that `up` runs, whether it serves and who polls. The connection is made
 * at the first question, kept, and made again after it was lost. Temporal is loaded only when there is a server to ask.
 */
export async function openTemporalProbe({
  env,
  sql,
  log,
}: Pick<OpenContext, 'env' | 'sql' | 'log'>): Promise<TemporalProbe> {
  const embedded = env.temporalConfigured
    ? undefined
    : ((await readSetting<{ address: string; namespace: string }>(sql, TEMPORAL_SETTING)) ?? undefined);
  if (!env.temporalConfigured && !embedded) return { readiness: async () => ABSENT, close: async () => undefined };
  const { connectTemporal, temporalTarget } = await import('../runtime/connection.js');
  const target = temporalTarget(env as Env, embedded);
  let connection: TemporalConnection | null = null;
  return {
    async readiness() {
      try {
        connection ??= await connectTemporal(target, log, { waitMs: CONNECT_MS });
        return await ask(connection);
      } catch (error) {
        const problem =
          error instanceof Failure
            ? error.message
            : `The Temporal server at ${target.address} does not answer any more.`;
        log.debug({ err: error }, 'asking Temporal failed');
        const lost = connection;
        connection = null;
        await lost?.close();
        return {
          ready: false,
          problems: [problem],
          temporal: { address: target.address, server_version: null, worker: null },
        };
      }
    },
    async close() {
      await connection?.close();
      connection = null;
    },
  };
}

const ABSENT: Readiness = {
  ready: false,
  problems: ['No Temporal server is configured (TEMPORAL_ADDRESS) and none runs here (axiswatch up).'],
  temporal: { address: null, server_version: null, worker: null },
};

async function ask(connection: TemporalConnection): Promise<Readiness> {
  const { native, namespace, address } = connection;
  const { info, queue } = await native.withDeadline(Date.now() + ANSWER_MS, async () => ({
    info: await native.workflowService.getSystemInfo({}),
    queue: await native.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: 1,
    }),
  }));
  const worker = queue.pollers?.[0]?.identity ?? null;
  return { ready: true, problems: [], temporal: { address, server_version: info.serverVersion ?? null, worker } };
}
