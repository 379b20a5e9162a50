import type { Clock, Log } from './deps.js';

/** What was left lying; the watchdog workflow acts on it. */
export interface WatchReport {
  /** Groups whose feeds have been due for far too long, worst first. */
  silentGroups: string[];
  /** Cells whose rules should have been evaluated by now. */
  dirtyCells: number;
  /** Deliveries that should have been tried by now. */
  dueDeliveries: number;
}

export interface WatchDeps {
  clock: Clock;
  wallClock: Clock;
  log: Log;
  /** Groups with a feed that is overdue at `now` by more than three times its cadence, ten minutes at least. */
  listSilentGroups(now: Date): Promise<Array<{ groupId: string; overdueSeconds: number; feeds: number }>>;
  /** Groups that an operator paused: their silence is meant. Asked only when some group is silent. */
  listPausedGroups(): Promise<string[]>;
  /** Cells marked and deliveries due before these times: younger ones are in somebody's hands. */
  countLeftovers(query: {
    markedBefore: Date;
    dueBefore: Date;
  }): Promise<{ dirtyCells: number; dueDeliveries: number }>;
}

/** A run that marked a cell gets to its rules within this time, unless it broke. */
const LEFT_BEHIND_MS = 2 * 60_000;

/** Looks for groups that fell silent and for cells and deliveries that a broken run left behind; changes nothing. */
export async function watchFeeds(deps: WatchDeps): Promise<WatchReport> {
  const now = deps.clock.now();
  const silent = await deps.listSilentGroups(now);
  const paused = new Set(silent.length === 0 ? [] : await deps.listPausedGroups());
  const groups = silent.filter(({ groupId }) => !paused.has(groupId));
  const leftovers = await deps.countLeftovers({
    markedBefore: new Date(now.getTime() - LEFT_BEHIND_MS),
    dueBefore: new Date(deps.wallClock.now().getTime() - LEFT_BEHIND_MS),
  });
  for (const { groupId, overdueSeconds, feeds } of groups)
    deps.log.warn({ groupId, overdueSeconds, feeds }, 'group is silent: polling it out of turn');
  return { silentGroups: groups.map(({ groupId }) => groupId), ...leftovers };
}
