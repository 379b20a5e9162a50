import type { Readiness } from '../server/api/status.js';
import type { TemporalConnection } from './connection.js';
import type { RunningWorker } from './worker.js';

const ANSWER_MS = 2_000;

/** What the process that runs the worker itself knows: whether its Temporal server answers and its worker is at work. */
export function createReadiness(connection: TemporalConnection, worker: RunningWorker): () => Promise<Readiness> {
  return async () => {
    const state = worker.state();
    const version = await readServerVersion(connection);
    const problems = [
      ...(version === null ? [`The Temporal server at ${connection.address} does not answer.`] : []),
      ...(state === 'RUNNING' ? [] : [`The worker is ${state.toLowerCase()}.`]),
    ];
    return {
      ready: problems.length === 0,
      problems,
      temporal: {
        address: connection.address,
        server_version: version,
        worker: state === 'RUNNING' ? `${process.pid}@this process` : null,
      },
    };
  };
}

/** Null when it does not answer in time, for whatever reason. */
async function readServerVersion({ native }: TemporalConnection): Promise<string | null> {
  try {
    const info = await native.withDeadline(Date.now() + ANSWER_MS, () => native.workflowService.getSystemInfo({}));
    return info.serverVersion ?? null;
  } catch {
    return null;
  }
}
