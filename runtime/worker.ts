import { Context } from '@temporalio/activity';
import { type Client, WorkflowIdConflictPolicy } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory, type Duration } from '@temporalio/common';
import { type ActivityInboundCallsInterceptor, Worker } from '@temporalio/worker';
import type { ActivityRuntime, Log } from '../activities/deps.js';
import type { Activities } from '../activities/index.js';
import { Failure } from '../core/errors.js';
import { TASK_QUEUE, WATCH_SCHEDULE_ID } from '../workflows/names.js';
import type { TemporalConnection } from './connection.js';
import { installTemporalRuntime } from './temporal-log.js';
import { findWorkflowBundle } from './workflow-bundle.js';

/**
 * A running activity says so this often; the first time only after it, because each beat that reaches the server is billed and
 * most activities are over by then. Well below the heartbeat timeouts in `workflows/names.ts`.
 */
const HEARTBEAT_MS = 10_000;
/** How often every worker starts the watchdog by its own clock, should the schedules be silent. */
const WATCH_EVERY_MS = 15 * 60_000;
const PROBE_MS = 2_000;
/** Leaves most chunks the time to end well; containers must wait longer than this and 15 s before they kill. */
const GRACE_MS = 25_000;

export interface WorkerOptions {
  connection: TemporalConnection;
  activities: Activities;
  /** Where the bundled workflow code is kept; not used when `workflowBundlePath` is given. */
  cacheDir: string;
  log: Log;
  workflowBundlePath?: string;
  taskQueue?: string;
  /** How long running activities may go on after `stop`, before they are cancelled. */
  graceMs?: number;
  heartbeatMs?: number;
  /** How often the watchdog is started by our own clock; 0 leaves it to its schedule. */
  watchEveryMs?: number;
}

export interface RunningWorker {
  /** `RUNNING`, `DRAINING`, `STOPPED`, ... as the SDK has it. */
  state(): string;
  /** Since when the Temporal server does not answer, or null. */
  awaySince(): Date | null;
  /** Settles when the worker has ended, with the error when it did so by itself. */
  done: Promise<void>;
  /** Finishes running activities for `graceMs`, then cancels them; resolves when all is over. */
  stop(): Promise<void>;
}

/** Starts the worker that runs workflows and activities. Call `installTemporalRuntime` before the connection is made. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { connection, activities, log, taskQueue = TASK_QUEUE } = options;
  const { graceMs = GRACE_MS, heartbeatMs = HEARTBEAT_MS, watchEveryMs = WATCH_EVERY_MS } = options;
  const temporalLog = installTemporalRuntime(log);
  const codePath = options.workflowBundlePath ?? (await findWorkflowBundle(options.cacheDir, log));
  const worker = await Worker.create({
    connection: connection.native,
    namespace: connection.namespace,
    taskQueue,
    workflowBundle: { codePath },
    activities,
    // The SDK's default is to cancel everything at once.
    shutdownGraceTime: graceMs,
    shutdownForceTime: graceMs + 15_000,
    // The default grows with the heap and has run containers out of memory.
    maxCachedWorkflows: 100,
    maxConcurrentActivityTaskExecutions: 50,
    workflowTaskPollerBehavior: { type: 'autoscaling' },
    activityTaskPollerBehavior: { type: 'autoscaling' },
    interceptors: {
      activity: [() => ({ inbound: failuresForTemporal() }), () => ({ inbound: heartbeats(heartbeatMs) })],
    },
  });
  const done = worker.run();
  done.catch((error: unknown) => log.error({ error }, 'the worker ended by itself'));
  const probe = setInterval(() => {
    if (temporalLog.awaySince() === null) return;
    void connection.isServing().then((serving) => serving && temporalLog.markServing());
  }, PROBE_MS);
  const look = () => void startWatch(connection.client, taskQueue, log);
  const watch = watchEveryMs > 0 ? setInterval(look, watchEveryMs) : undefined;
  // At once, too: what a crash left behind should not wait.
  if (watch) look();
  const stopClocks = () => {
    clearInterval(probe);
    clearInterval(watch);
  };
  done.then(stopClocks, stopClocks);
  return {
    state: () => worker.getState(),
    awaySince: () => temporalLog.awaySince(),
    done,
    async stop() {
      stopClocks();
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await done.catch(() => undefined); // logged above
    },
  };
}

/** The watchdog must not hang on the schedules it watches. */
async function startWatch(client: Client, taskQueue: string, log: Log): Promise<void> {
  try {
    await client.workflow.start('watchFeeds', {
      taskQueue,
      workflowId: `${WATCH_SCHEDULE_ID}/worker`,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowRunTimeout: '15 minutes',
    });
  } catch (error) {
    log.debug({ error }, 'the watchdog could not be started; the next round tries again');
  }
}

/** What a running activity last said about how far it is, until the next beat takes it along. */
const progress = new WeakMap<Context, { details: unknown }>();

/** What an activity may do besides its deps, on top of Temporal's context. For {@link createActivities}. */
export function activityRuntime(): ActivityRuntime {
  const context = Context.current();
  return {
    heartbeat: (details) => void progress.set(context, { details }),
    lastHeartbeat: () => context.info.heartbeatDetails,
    signal: context.cancellationSignal,
    attempt: context.info.attempt,
  };
}

/**
 * Beats while an activity runs, with what it last said. By the clock and not by its progress: one feed may be silent for its
 * whole deadline, and the timeout that finds a dead worker should not have to wait for that.
 */
function heartbeats(everyMs: number): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const context = Context.current();
      if (context.info.heartbeatTimeoutMs === undefined) return next(input);
      // A beat without words would forget those of the attempt before.
      const timer = setInterval(
        () => context.heartbeat(progress.get(context)?.details ?? context.info.heartbeatDetails),
        everyMs,
      );
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  };
}

const RETRYABLE = new Set(['timeout', 'network', 'server', 'unavailable', 'rate-limited']);

/**
 * Turns what an activity throws into what Temporal retries or not; expected trouble is no error in its logs. An activity that a
 * stopping worker cancelled is handed back for the next worker: left alone, the server would miss it by its heartbeats only.
 */
function failuresForTemporal(): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        if (Context.current().cancellationDetails?.workerShutdown)
          throw benign('worker-stopped', 'the worker stopped before the activity was done', {
            nextRetryDelay: '1 second',
          });
        if (error instanceof Failure) {
          const { retryAfterSeconds } = error.more;
          throw benign(error.reason, error.message, {
            nonRetryable: !RETRYABLE.has(error.reason),
            nextRetryDelay: retryAfterSeconds ? retryAfterSeconds * 1000 : undefined,
          });
        }
        if (isStoreAway(error)) throw benign('unavailable', 'the database does not answer');
        throw error;
      }
    },
  };
}

function benign(
  type: string,
  message: string,
  more: { nonRetryable?: boolean; nextRetryDelay?: Duration } = {},
): ApplicationFailure {
  return ApplicationFailure.create({ type, message, category: ApplicationFailureCategory.BENIGN, ...more });
}

/** Codes of postgres.js and of the system for a server that is away, starting or stopping (class 57P). */
function isStoreAway(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return (
    typeof code === 'string' &&
    /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONNREFUSED|ECONNRESET|EPIPE|57P0[1-5])$/.test(code)
  );
}
