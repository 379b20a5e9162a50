import { createHash } from 'node:crypto';
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { Log } from '../activities/deps.js';
import { parseGroupId } from '../core/polling/groups.js';
import type { Sql } from '../db/client.js';
import { groupScheduleId, POLL_PREFIX, SECOND_CODER_ID, TASK_QUEUE, WATCH_SCHEDULE_ID } from '../workflows/names.js';
import type { PollGroupInput } from '../workflows/orchestrate.js';

/** Any constant will do; two processes that reconcile at once must agree on it. */
const LOCK = 7_420_260_729;
const WATCH_EVERY_SECONDS = 300;
const SECOND_CODER_EVERY_SECONDS = 300;
/** A run that takes longer is stuck; with overlap SKIP it would block its schedule for ever. */
const MAX_RUN_SECONDS = 3600;
/** A run needs this long even when its schedule ticks faster: one feed may use up its whole deadline. */
const MIN_RUN_SECONDS = 120;

export interface ReconcileInput {
  client: Client;
  /** For the advisory lock: updating a schedule is describe-then-write without any conflict token. */
  sql: Sql;
  /** Ids of all poll groups, e.g. `900s-03`. */
  groupIds: Iterable<string>;
  log: Log;
  /** Delete schedules of ours that the configuration no longer has; others are never touched. */
  prune?: boolean;
  /** Plan only. */
  dryRun?: boolean;
  chunkSize?: number;
  /** Tick every group this often instead of by its cadence: for a world whose clock runs fast. What is due decides the rest. */
  tickSeconds?: number;
  taskQueue?: string;
  /** Whether there is a second coder, which has a schedule of its own. */
  hasSecondCoder?: boolean;
}

/** Schedule ids by what is done (or, on a dry run, would be done) with them. */
export interface ReconcilePlan {
  created: string[];
  updated: string[];
  unchanged: string[];
  deleted: string[];
  /** Ours, no longer wanted, and left alone because `prune` was not asked for. */
  orphaned: string[];
}

/**
 * Makes the schedules what the configuration says: creates what is missing (and polls it at once), updates what differs by the
 * hash kept in its action's memo, deletes with `prune`. A paused schedule stays paused. Running it twice, or in two processes, does
 * nothing the second time.
 */
export async function reconcileSchedules(input: ReconcileInput): Promise<ReconcilePlan> {
  const lock = await input.sql.reserve();
  try {
    await lock`select pg_advisory_lock(${LOCK})`;
    try {
      return await reconcile(input);
    } finally {
      await lock`select pg_advisory_unlock(${LOCK})`;
    }
  } finally {
    lock.release();
  }
}

async function reconcile({ client, log, prune, dryRun, ...rest }: ReconcileInput): Promise<ReconcilePlan> {
  const plan: ReconcilePlan = { created: [], updated: [], unchanged: [], deleted: [], orphaned: [] };
  const wanted = desiredSchedules(rest);
  for (const options of wanted) {
    const existing = await describe(client, options.scheduleId);
    if (existing === null) {
      plan.created.push(options.scheduleId);
      if (!dryRun) await create(client, options);
    } else if (existing.action.memo?.configHash === options.action.memo?.configHash)
      plan.unchanged.push(options.scheduleId);
    else {
      plan.updated.push(options.scheduleId);
      if (!dryRun) await update(client, options);
    }
  }
  const known = new Set(wanted.map((options) => options.scheduleId));
  for await (const { scheduleId } of client.schedule.list({ pageSize: 1000 })) {
    const isOurs = scheduleId.startsWith(POLL_PREFIX) || scheduleId === SECOND_CODER_ID;
    if (!isOurs || known.has(scheduleId)) continue;
    (prune ? plan.deleted : plan.orphaned).push(scheduleId);
    if (prune && !dryRun) await client.schedule.getHandle(scheduleId).delete();
  }
  const { created, updated, deleted, orphaned, unchanged } = plan;
  log.info(
    { created, updated, deleted, orphaned, unchanged: unchanged.length },
    dryRun ? 'schedules compared' : 'schedules are as configured',
  );
  return plan;
}

/** One schedule per group and one for the watchdog. Each is only a tick: what is due, and when, is in Postgres. */
export function desiredSchedules({
  groupIds,
  chunkSize,
  tickSeconds,
  taskQueue = TASK_QUEUE,
  hasSecondCoder = false,
}: Pick<ReconcileInput, 'groupIds' | 'chunkSize' | 'tickSeconds' | 'taskQueue' | 'hasSecondCoder'>) {
  const groups = [...new Set(groupIds)].sort().map((id) => {
    const group = parseGroupId(id);
    if (!group) throw new Error(`'${id}' is no id of a poll group`);
    return { id, everySeconds: tickSeconds ?? group.everySeconds };
  });
  const shards = new Map<number, number>();
  for (const { everySeconds } of groups) shards.set(everySeconds, (shards.get(everySeconds) ?? 0) + 1);
  // The rank and not the shard number: empty shards leave holes in the numbers, not in the spread over time.
  const seen = new Map<number, number>();
  const polls = groups.map(({ id, everySeconds }) => {
    const rank = seen.get(everySeconds) ?? 0;
    seen.set(everySeconds, rank + 1);
    const args: [PollGroupInput] = [{ groupId: id, ...(chunkSize === undefined ? {} : { chunkSize }) }];
    return schedule({
      scheduleId: groupScheduleId(id),
      workflowType: 'pollGroup',
      args,
      everySeconds,
      offsetSeconds: Math.floor((rank * everySeconds) / (shards.get(everySeconds) ?? 1)),
      summary: `polls the feeds of group ${id} that are due`,
      taskQueue,
    });
  });
  const watch = schedule({
    scheduleId: WATCH_SCHEDULE_ID,
    workflowType: 'watchFeeds',
    args: [],
    everySeconds: WATCH_EVERY_SECONDS,
    offsetSeconds: 0,
    summary: 'looks after silent groups and what a broken run left behind',
    taskQueue,
  });
  const second = schedule({
    scheduleId: SECOND_CODER_ID,
    workflowType: 'secondCoder',
    args: [],
    everySeconds: SECOND_CODER_EVERY_SECONDS,
    offsetSeconds: 0,
    summary: 'has the second coder code what it has not seen',
    taskQueue,
    // Waits for a busy server are part of a run.
    runSeconds: MAX_RUN_SECONDS,
  });
  return [...polls, watch, ...(hasSecondCoder ? [second] : [])];
}

interface Tick {
  scheduleId: string;
  workflowType: 'pollGroup' | 'watchFeeds' | 'secondCoder';
  args: unknown[];
  everySeconds: number;
  offsetSeconds: number;
  summary: string;
  taskQueue: string;
  /** How long a run may take; three ticks unless said otherwise. */
  runSeconds?: number;
}

function schedule(tick: Tick) {
  const { scheduleId, workflowType, args, everySeconds, offsetSeconds, summary, taskQueue } = tick;
  const runSeconds = tick.runSeconds ?? Math.min(Math.max(3 * everySeconds, MIN_RUN_SECONDS), MAX_RUN_SECONDS);
  const options = {
    scheduleId,
    // Intervals count from the epoch, so a schedule that is made anew keeps its phase.
    spec: {
      intervals: [{ every: everySeconds * 1000, offset: offsetSeconds * 1000 }],
      jitter: Math.floor(everySeconds * 1000 * 0.05),
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType,
      workflowId: scheduleId,
      args,
      taskQueue,
      workflowRunTimeout: runSeconds * 1000,
      staticSummary: summary,
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      // The default is a year: after a long outage every missed tick would be made up for, one after the other.
      catchupWindow: Math.max(everySeconds, 10) * 1000,
      pauseOnFailure: false,
    },
  };
  const configHash = createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 16);
  return { ...options, action: { ...options.action, memo: { configHash } } } satisfies ScheduleOptions;
}

type Wanted = ReturnType<typeof schedule>;

async function describe(client: Client, scheduleId: string): Promise<ScheduleDescription | null> {
  try {
    return await client.schedule.getHandle(scheduleId).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

async function create(client: Client, wanted: Wanted): Promise<void> {
  try {
    const handle = await client.schedule.create(wanted);
    // A feed that was just added is polled now, not in a quarter of an hour. Not by `triggerImmediately`: a run that it starts does
    // not count as running, so that the next tick would start a second beside it.
    await handle.trigger(ScheduleOverlapPolicy.SKIP);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await update(client, wanted);
  }
}

async function update(client: Client, wanted: Wanted): Promise<void> {
  const handle = client.schedule.getHandle(wanted.scheduleId);
  // The state carries pauses and notes of the operator: it is theirs.
  await handle.update((previous) => ({ ...wanted, state: previous.state }));
}

/** Groups whose schedule an operator paused. */
export async function listPausedGroups(client: Client): Promise<string[]> {
  const paused: string[] = [];
  for await (const { scheduleId, state } of client.schedule.list({ pageSize: 1000 }))
    if (state.paused && scheduleId.startsWith(POLL_PREFIX)) paused.push(scheduleId.slice(POLL_PREFIX.length));
  return paused;
}

/**
 * Lets the schedules of these groups tick now. A run that is on may have listed its feeds already, so one more follows it: with
 * SKIP a feed added meanwhile would wait for the next tick.
 */
export async function triggerGroups(client: Client, groupIds: Iterable<string>): Promise<void> {
  for (const groupId of groupIds)
    await client.schedule.getHandle(groupScheduleId(groupId)).trigger(ScheduleOverlapPolicy.BUFFER_ONE);
}
