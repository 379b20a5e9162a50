import { isOwnOutage } from '../core/polling/own-outage.js';
import type { PollOutcome } from '../core/polling/poll.js';
import type { LoadedFeed, PollRecord } from '../db/feeds.js';
import type { ActivityRuntime, ChunkResult, PollDeps } from './deps.js';
import { type PolledFeed, pollFeed } from './poll-feed.js';
import { failedState } from './poll-record.js';

export { pollFeed } from './poll-feed.js';

/** Hosts of a chunk that are asked at the same time; within a host, feeds follow each other. */
const PARALLEL_HOSTS = 6;

export interface ChunkInput {
  feedIds: string[];
  /** The tick of the run, ISO 8601. */
  runAt: string;
  force: boolean;
}

/** What a chunk tells its next attempt. */
interface Cursor {
  done: string[];
}

/**
 * Polls the feeds of a chunk: hosts beside each other, the feeds of a host one after the other. Polls that brought items are
 * recorded with them; all others together at the end, also when the chunk is cancelled or the store fails half-way. A second
 * attempt skips what was recorded since the tick or polled by the first attempt (politeness: no feed is asked twice in a run).
 *
 * A host that answers 429 or 503 is left alone at once: its other feeds stay due and wait for the end of the hold.
 * Throws only when the store fails or the run is cancelled.
 *
 * @param onOutcome hears of every poll as it ends
 */
export async function pollChunk(
  deps: PollDeps,
  runtime: ActivityRuntime,
  { feedIds, runAt }: ChunkInput,
  onOutcome: (outcome: PollOutcome) => void = () => undefined,
): Promise<ChunkResult> {
  const tick = new Date(runAt);
  const done = new Set(readCursor(runtime.lastHeartbeat()));
  const loaded = (await deps.loadFeeds(feedIds)).filter(
    ({ feed, state, heldUntil }) =>
      !done.has(feed.id) &&
      !state.paused &&
      !(state.lastPolledAt !== null && state.lastPolledAt >= tick) &&
      !(heldUntil !== null && heldUntil > deps.clock.now()),
  );
  const polled: Array<{ loaded: LoadedFeed; result: PolledFeed }> = [];
  const pollHost = async (feeds: LoadedFeed[]) => {
    for (const one of feeds) {
      runtime.signal.throwIfAborted();
      const result = await pollFeed(deps, one, tick, runtime.signal);
      polled.push({ loaded: one, result });
      done.add(one.feed.id);
      runtime.heartbeat({ done: [...done] } satisfies Cursor);
      if (result.holdUntil !== null) {
        await deps.holdHost(one.host, result.holdUntil, result.record.outcome.detail ?? 'rate-limited');
        return;
      }
    }
  };
  try {
    await eachInParallel([...groupByHost(loaded).values()], PARALLEL_HOSTS, pollHost);
  } finally {
    const records = excuseOutage(deps, polled, tick);
    await deps.recordPolls(records);
    for (const { result } of polled)
      onOutcome(records.find(({ feedId }) => feedId === result.record.feedId)?.outcome ?? result.record.outcome);
  }
  return countPolls(polled);
}

/** Records that are still to be written; when it was our line that broke, without blame for the feeds. */
function excuseOutage(
  deps: PollDeps,
  polled: ReadonlyArray<{ loaded: LoadedFeed; result: PolledFeed }>,
  tick: Date,
): PollRecord[] {
  const open = polled.filter(({ result }) => result.stored === null);
  const isOurs =
    polled.length > 0 &&
    isOwnOutage(
      polled.map(({ loaded, result }) => ({
        host: loaded.host,
        fault: result.record.outcome.fault,
        workedBefore: loaded.state.consecutiveFailures === 0 && loaded.state.lastSuccessAt !== null,
      })),
    );
  if (!isOurs) return open.map(({ result }) => result.record);
  deps.log.warn({ feeds: polled.length }, 'no host could be reached: our own line seems to be down, no feed is blamed');
  return open.map(({ loaded, result: { record } }) => {
    const outcome: PollOutcome = {
      ...record.outcome,
      fault: 'offline',
      detail: `our own line seems to be down (${record.outcome.detail})`,
    };
    return { ...record, outcome, state: failedState(loaded, outcome, null, record.polledAt, tick) };
  });
}

function countPolls(polled: ReadonlyArray<{ result: PolledFeed }>): ChunkResult {
  const total: ChunkResult = { polled: 0, unchanged: 0, failed: 0, added: 0, revised: 0, observations: 0, dirty: 0 };
  for (const { result } of polled) {
    const { kind, added, revised } = result.record.outcome;
    total.polled++;
    if (kind !== 'polled' && kind !== 'not-modified') total.failed++;
    else if (added + revised === 0) total.unchanged++;
    total.added += added;
    total.revised += revised;
    total.observations += result.stored?.observations ?? 0;
    total.dirty += result.stored?.dirty ?? 0;
  }
  return total;
}

function groupByHost(feeds: readonly LoadedFeed[]): Map<string, LoadedFeed[]> {
  const hosts = new Map<string, LoadedFeed[]>();
  for (const one of feeds) hosts.set(one.host, [...(hosts.get(one.host) ?? []), one]);
  return hosts;
}

/** Runs `work` over all, at most `limit` at a time. After a failure nothing new begins, what runs is awaited, then it is thrown. */
async function eachInParallel<T>(all: readonly T[], limit: number, work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  let failed = false;
  const lane = async () => {
    for (let one = waiting.shift(); one !== undefined && !failed; one = waiting.shift()) {
      try {
        await work(one);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: limit }, lane));
  const broken = lanes.find((settled) => settled.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
}

function readCursor(details: unknown): string[] {
  const done = (details as Partial<Cursor> | undefined)?.done;
  return Array.isArray(done) ? done.filter((id) => typeof id === 'string') : [];
}
