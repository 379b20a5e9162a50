import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import type { Log } from '../activities/deps.js';
import { createActivities } from '../activities/index.js';
import type { Env } from '../config/env.js';
import type { Sql } from '../db/client.js';
import { findRecoding } from '../db/recodings.js';
import { readSetting } from '../db/settings.js';
import { recodeId, TASK_QUEUE } from '../workflows/names.js';
import { connectTemporal, type TemporalConnection, type TemporalTarget, temporalTarget } from './connection.js';
import { prepareDataDir } from './data-dir.js';
import { buildDeps, type DepsInput } from './deps.js';
import { type EmbeddedTemporal, isServing, startEmbeddedTemporal } from './embedded-temporal.js';
import { findTemporalCli } from './find-temporal.js';
import { installTemporalRuntime } from './temporal-log.js';
import { activityRuntime, type RunningWorker, startWorker } from './worker.js';

/** Where `up` says its embedded server is, in the table of settings. */
const TEMPORAL_SETTING = 'temporal';
const NAMESPACE = 'default';
/** A page takes a fraction of a second: what is not written by then is done by the next worker. */
const GRACE_MS = 1_000;

/** Starts the workflow of a run, or finds it running. */
export async function startRecoding(client: Client, id: string, taskQueue = TASK_QUEUE): Promise<void> {
  await client.workflow.start('recode', {
    workflowId: recodeId(id),
    taskQueue,
    args: [{ id }],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
  });
}

/**
 * Starts the workflow of the run that the table says is running, should the server not know it (any more): the embedded server's
 * file is disposable, and a command may have ended between the row and the start. Called by every worker when it starts.
 */
export async function continueRecoding(client: Client, sql: Sql, log: Log, taskQueue?: string): Promise<void> {
  const run = await findRecoding(sql, { state: 'running' });
  if (run === null) return;
  log.info({ recoding: run.id, items: run.items, total: run.total }, 'a recoding goes on');
  await startRecoding(client, run.id, taskQueue);
}

/** `signal` gives up while nobody has begun to code: what was started until then is stopped. */
type HostInput = DepsInput & { env: Env; signal?: AbortSignal };

/** Who carries out the runs that a command asks for. */
export interface RecodeHost {
  connection: TemporalConnection;
  /** True when this process works on them and they stop with it. */
  isOwn: boolean;
  close(): Promise<void>;
}

/**
 * Finds somebody to code: the configured Temporal server with the workers there, or the server of a running `up` with its worker. When
 * there is neither, a server and a worker of our own for the command's duration, with a file of its own, in which no schedule of
 * polls wakes up.
 */
export async function openRecodeHost(input: HostInput): Promise<RecodeHost> {
  const connection = await findRecodeServer(input);
  if (connection === null) return startHost(input);
  return { connection, isOwn: false, close: () => connection.close() };
}

/** The Temporal server that is there already: the configured one, or that of a running `up`. Null when there is none. */
export async function findRecodeServer({
  env,
  sql,
  log,
  signal,
}: {
  env: Env;
  sql: Sql;
  log: Log;
  signal?: AbortSignal;
}): Promise<TemporalConnection | null> {
  if (env.temporalConfigured) return connect(temporalTarget(env), log, signal);
  const embedded = await readSetting<{ address: string; namespace: string }>(sql, TEMPORAL_SETTING);
  // Left behind by an `up` that was killed, the address leads nowhere.
  if (!embedded || !(await isServing(embedded.address, embedded.namespace))) return null;
  return connect(temporalTarget(env, embedded), log, signal);
}

/** The runtime ends with its last connection: installed without one, it would keep a command from ever ending. */
function connect(target: TemporalTarget, log: Log, signal?: AbortSignal): Promise<TemporalConnection> {
  installTemporalRuntime(log);
  return connectTemporal(target, log, { signal });
}

async function startHost(input: HostInput): Promise<RecodeHost> {
  const { env, log, signal } = input;
  const opened: Array<() => Promise<unknown>> = [];
  const close = async () => {
    for (const part of opened.splice(0).reverse()) await part();
  };
  try {
    prepareDataDir(env.dataDir);
    // A new file each time: in an old one the server would wait for the heartbeat of a worker that is gone.
    const dataDir = mkdtempSync(join(env.dataDir, 'recode-'));
    opened.push(async () => rmSync(dataDir, { recursive: true, force: true }));
    const cliPath = await findTemporalCli(env, log, { signal });
    signal?.throwIfAborted();
    const server: EmbeddedTemporal = await startEmbeddedTemporal({
      cliPath,
      dataDir,
      port: 0,
      namespace: NAMESPACE,
      log,
      signal,
    });
    opened.push(() => server.stop());
    const connection = await connect(temporalTarget(env, server), log, signal);
    opened.push(() => connection.close());
    signal?.throwIfAborted();
    const worker: RunningWorker = await startWorker({
      connection,
      activities: createActivities(buildDeps(input), activityRuntime),
      cacheDir: env.cacheDir,
      log,
      graceMs: GRACE_MS,
      watchEveryMs: 0,
    });
    opened.push(() => worker.stop());
    return { connection, isOwn: true, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ends the workflow of a run; harmless when there is none. The row decides, this only frees its worker sooner. */
export async function stopRecoding(client: Client, id: string, log: Log): Promise<void> {
  try {
    await client.workflow.getHandle(recodeId(id)).cancel();
  } catch (error) {
    log.debug({ err: error, recoding: id }, 'there was no workflow to cancel');
  }
}

/** True while the server has an open workflow for the run. */
export async function isDriven(client: Client, id: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(recodeId(id)).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if ((error as Error).name === 'WorkflowNotFoundError') return false;
    throw error;
  }
}
