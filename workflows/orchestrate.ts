import type { ChunkResult } from '../activities/deps.js';
import type { ChunkInput, DuePlan, DueQuery, RulesResult, WatchReport } from '../activities/index.js';

/**
 * What a poll of a group needs from its driver. The workflow passes activities, `poll --once` passes the same functions
 * called directly. No Temporal import in this file: outside of a workflow its API throws.
 */
export interface PollPorts {
  listDueFeeds(query: DueQuery): Promise<DuePlan>;
  pollChunk(input: ChunkInput): Promise<ChunkResult>;
  evaluateRules(): Promise<RulesResult>;
  /** Sees to it that the outbox is drained; must tolerate that somebody already does. */
  startDelivery(): Promise<void>;
}

/** Which feeds: those of a group, or the named ones. `force` polls them although they are not due. */
export interface PollGroupInput {
  groupId?: string;
  feedIds?: string[];
  force?: boolean;
  /** Feeds per activity and activities at a time; the defaults of `core/polling/chunks.ts` when absent. */
  chunkSize?: number;
  lanes?: number;
}

export interface PollGroupResult extends ChunkResult {
  due: number;
  chunks: number;
  /** Deliveries that were waiting in the outbox when the run ended. */
  deliveries: number;
}

/**
 * Polls what is due: list, chunks in lanes, rules over the cells that moved, delivery. Lanes run beside each other, the chunks
 * of a lane one after the other. A chunk that fails after its retries ends its lane only; the run fails after the others are
 * done, and what they stored stays.
 */
export async function runPollGroup(ports: PollPorts, input: PollGroupInput): Promise<PollGroupResult> {
  const { chunkSize, lanes: laneCount, ...query } = input;
  const plan = await ports.listDueFeeds({ ...query, chunkSize, lanes: laneCount });
  const results: ChunkResult[] = [];
  const lanes = await Promise.allSettled(
    plan.lanes.map(async (lane) => {
      for (const feedIds of lane) {
        // Never `total += await ...` here: the left side is read before the await, and lanes would lose each other's counts.
        const result = await ports.pollChunk({ feedIds, runAt: plan.runAt, force: input.force ?? false });
        results.push(result);
      }
    }),
  );
  const total = sumChunks(results);
  const failed = lanes.find((lane) => lane.status === 'rejected');
  if (failed) throw failed.reason;
  // Rules run on what the table says is dirty, so cells that an earlier, broken run left behind are taken along.
  const rules = total.dirty > 0 ? await ports.evaluateRules() : { deliveries: 0 };
  if (rules.deliveries > 0) await ports.startDelivery();
  return { due: plan.due, chunks: results.length, ...total, deliveries: rules.deliveries };
}

export function sumChunks(results: readonly ChunkResult[]): ChunkResult {
  const total: ChunkResult = { polled: 0, unchanged: 0, failed: 0, added: 0, revised: 0, observations: 0, dirty: 0 };
  for (const result of results)
    for (const key of Object.keys(total) as Array<keyof ChunkResult>) total[key] += result[key];
  return total;
}

/** What the watchdog needs from its driver. */
export interface WatchPorts {
  watchFeeds(): Promise<WatchReport>;
  /** Starts `pollGroup` for a silent group out of turn; false when it is already running. */
  rescueGroup(groupId: string): Promise<boolean>;
  evaluateRules(): Promise<RulesResult>;
  startDelivery(): Promise<void>;
}

export interface WatchResult extends WatchReport {
  rescued: string[];
}

/**
 * Picks up what a crash or a silent schedule left behind: groups are polled out of turn, dirty cells evaluated, the outbox
 * drained. Temporal schedules have been seen to stop firing while they still announced a next run, hence a look from outside.
 */
export async function runWatch(ports: WatchPorts): Promise<WatchResult> {
  const report = await ports.watchFeeds();
  const rescued: string[] = [];
  for (const groupId of report.silentGroups) if (await ports.rescueGroup(groupId)) rescued.push(groupId);
  const rules = report.dirtyCells > 0 ? await ports.evaluateRules() : { deliveries: 0 };
  if (rules.deliveries + report.dueDeliveries > 0) await ports.startDelivery();
  return { ...report, rescued };
}
