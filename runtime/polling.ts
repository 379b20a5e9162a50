import type { SecondCoder } from '../activities/ask-second-coder.js';
import type { Clock, Log } from '../activities/deps.js';
import { createActivities } from '../activities/index.js';
import type { Env } from '../config/env.js';
import type { Config } from '../config/types.js';
import type { Codebook } from '../core/codebook/codebook.js';
import type { Coder } from '../core/coder/label.js';
import { groupFeeds } from '../core/polling/groups.js';
import type { Sql } from '../db/client.js';
import { recordCodebook } from '../db/codebooks.js';
import { syncSources } from '../db/feeds.js';
import { listUnpolledGroups } from '../db/watch.js';
import { POLL_PREFIX } from '../workflows/names.js';
import { connectTemporal, type TemporalConnection, temporalTarget } from './connection.js';
import { buildDeps } from './deps.js';
import { continueRecoding } from './recode.js';
import { listPausedGroups, reconcileSchedules, triggerGroups } from './schedules.js';
import { installTemporalRuntime } from './temporal-log.js';
import { activityRuntime, type RunningWorker, startWorker } from './worker.js';

export interface PollingInput {
  config: Config;
  codebook: Codebook;
  coder: Coder;
  /** A migrated database. */
  sql: Sql;
  env: Env;
  log: Log;
  clock?: Clock;
  /** Asked about items on a schedule of its own. */
  secondCoder?: SecondCoder | null;
  /** The embedded server; without it the environment says where Temporal is. */
  temporal?: { address: string; namespace: string };
  /** Delete schedules of groups that the configuration no longer has. */
  prune?: boolean;
  /** Tick every group this often, for a world whose clock runs fast. */
  tickSeconds?: number;
  taskQueue?: string;
  /** How long running polls may go on after `stop`; the worker's default otherwise. */
  graceMs?: number;
  signal?: AbortSignal;
}

export interface Polling {
  connection: TemporalConnection;
  worker: RunningWorker;
  /** Stops the worker, lets running polls end, and closes the connection. */
  stop(): Promise<void>;
}

/**
 * Everything that makes feeds be polled: sources in the database, a worker, and a schedule per group. Used by `up` and `worker`
 * alike. The worker is there before the schedules are, so that the first tick finds somebody.
 */
export async function startPolling(input: PollingInput): Promise<Polling> {
  const { config, sql, env, log, taskQueue } = input;
  installTemporalRuntime(log);
  const connection = await connectTemporal(temporalTarget(env, input.temporal), log, { signal: input.signal });
  try {
    const groups = groupFeeds(config.sources);
    const now = input.clock?.now() ?? new Date();
    await recordCodebook(sql, input.codebook, now);
    await syncSources(sql, config.sources, groups, now);
    const deps = buildDeps({ ...input, listPausedGroups: () => listPausedGroups(connection.client) });
    const activities = createActivities(deps, activityRuntime);
    const worker = await startWorker({
      connection,
      activities,
      cacheDir: env.cacheDir,
      taskQueue,
      log,
      ...(input.graceMs === undefined ? {} : { graceMs: input.graceMs }),
    });
    try {
      await continueRecoding(connection.client, sql, log, taskQueue);
      const { prune, tickSeconds } = input;
      const plan = await reconcileSchedules({
        client: connection.client,
        sql,
        groupIds: groups.values(),
        log,
        prune,
        tickSeconds,
        hasSecondCoder: Boolean(input.secondCoder),
        taskQueue,
      });
      // A schedule that was just made polls by itself; a feed that joined an older group would wait for the group's next tick.
      const created = new Set(plan.created.map((id) => id.slice(POLL_PREFIX.length)));
      const paused = new Set(await listPausedGroups(connection.client));
      const unpolled = await listUnpolledGroups(sql);
      await triggerGroups(
        connection.client,
        unpolled.filter((group) => !created.has(group) && !paused.has(group)),
      );
    } catch (error) {
      await worker.stop();
      throw error;
    }
    return {
      connection,
      worker,
      async stop() {
        await worker.stop();
        await connection.close();
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
