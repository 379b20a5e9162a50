import { haltWorldClock, type WorldClock, worldTime } from '../core/clock.js';

export const WORLD_START = '2024-01-01T00:00:00.000Z';
export const WORLD_END = '2025-12-31T23:59:59.000Z';
/** Two years pass in this time. */
export const WORLD_SECONDS = 110;

/** A clock that has not run yet. */
export function freshClock(real: Date, seconds = WORLD_SECONDS): WorldClock {
  const rate = (Date.parse(WORLD_END) - Date.parse(WORLD_START)) / (seconds * 1000);
  return { startAt: WORLD_START, endAt: WORLD_END, originAt: null, rate, seenAt: real.toISOString() };
}

/** The driver's clock: knows its state at any time, and is told apart from its storage so that it can be tested alone. */
export interface DemoClock {
  now(): Date;
  /** The world's time so many of our milliseconds ago. */
  ago(ms: number): Date;
  /** Lets time run; the first call counts. */
  start(): void;
  /** Takes up a clock kept from an earlier run, standing where that run was last seen. */
  restore(kept: WorldClock): void;
  /** The state to keep, marked as seen now. */
  state(): WorldClock;
  isRunning(): boolean;
}

/** @param real our own clock */
export function createDemoClock(real: () => Date, seconds?: number): DemoClock {
  let clock = freshClock(real(), seconds);
  const now = () => worldTime(clock, real());
  return {
    now,
    ago: (ms) => worldTime(clock, new Date(real().getTime() - ms)),
    start() {
      if (clock.originAt === null) clock = { ...clock, originAt: real().toISOString() };
    },
    restore(kept) {
      // The pace of this run counts, the place of the last one.
      clock = { ...haltWorldClock(kept, real()), endAt: clock.endAt, rate: clock.rate };
    },
    state() {
      clock = { ...clock, seenAt: real().toISOString() };
      return clock;
    },
    isRunning: () => clock.originAt !== null && now().getTime() < Date.parse(clock.endAt),
  };
}
