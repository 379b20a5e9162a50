import { chunkFeeds, type Lanes } from '../core/polling/chunks.js';
import type { PollDeps } from './deps.js';

export interface DueQuery {
  groupId?: string;
  feedIds?: string[];
  force?: boolean;
  chunkSize?: number;
  lanes?: number;
}

/** What a run polls. Ids only: this travels through the history of a workflow. */
export interface DuePlan {
  /** The tick, ISO 8601: due times count from it, and a retried chunk skips feeds that were polled since. */
  runAt: string;
  due: number;
  lanes: Lanes;
}

/** Lists the due feeds of a group, or the named feeds, cut into lanes of chunks that never ask one host twice at once. */
export async function listDueFeeds(deps: Pick<PollDeps, 'clock' | 'listDueFeeds'>, query: DueQuery): Promise<DuePlan> {
  const { chunkSize, lanes, ...which } = query;
  const now = deps.clock.now();
  const feeds = await deps.listDueFeeds({ ...which, now });
  return { runAt: now.toISOString(), due: feeds.length, lanes: chunkFeeds(feeds, { size: chunkSize, lanes }) };
}
