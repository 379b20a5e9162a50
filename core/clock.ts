/**
 * A clock of a sample world: it stands at `startAt` until it is started, then runs `rate` times as fast as ours, and stands
 * again at `endAt`. All times are ISO 8601.
 */
export interface WorldClock {
  startAt: string;
  endAt: string;
  /** Our time at which the world's clock showed `startAt`; null while it stands there. */
  originAt: string | null;
  /** Seconds of the world in one of ours. */
  rate: number;
  /** When somebody who drives the world last looked; a world without a driver stands still soon after. */
  seenAt: string;
}

/** A driver says that it lives every second or two; after this long without a word the world stands. */
const UNSEEN_SECONDS = 10;

/**
 * The world's time at our time `real`. With a rate of 86,400 and a start at 2024-01-01, ten seconds after the origin it is
 * 2024-01-11.
 */
export function worldTime(clock: WorldClock, real: Date): Date {
  const start = Date.parse(clock.startAt);
  if (clock.originAt === null) return new Date(start);
  const elapsedMs = Math.max(0, real.getTime() - Date.parse(clock.originAt));
  return new Date(Math.min(Date.parse(clock.endAt), start + Math.floor(elapsedMs * clock.rate)));
}

/** The same for onlookers, who cannot know whether the world is still driven: it stands from shortly after `seenAt`. */
export function observedWorldTime(clock: WorldClock, real: Date): Date {
  const seenMs = Date.parse(clock.seenAt) + UNSEEN_SECONDS * 1000;
  return worldTime(clock, new Date(Math.min(real.getTime(), seenMs)));
}

/** The clock after a break: it stands where it was last seen and can be started again, so that no time of the world is missed. */
export function haltWorldClock(clock: WorldClock, real: Date): WorldClock {
  const last = new Date(Math.min(real.getTime(), Date.parse(clock.seenAt)));
  return { ...clock, startAt: worldTime(clock, last).toISOString(), originAt: null, seenAt: real.toISOString() };
}
