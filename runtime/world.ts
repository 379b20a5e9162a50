import type { Clock } from '../activities/deps.js';
import type { Config } from '../config/types.js';
import type { Sql } from '../db/client.js';

/**
 * What `up` runs over instead of the live world: other sources and another clock, for the demo. `up` opens the database,
 * migrates it, awaits `open`, and from then on takes `config` and `clock` for everything it composes.
 */
export interface World {
  /** Shown on stderr at start and on every page. */
  banner: string;
  config: Config;
  /** Every `now` of activities, queries and pages. */
  clock: Clock;
  /** Every schedule ticks this often in our time; what is due is decided by due times and this clock. */
  tickSeconds: number;
  /** After migration, before anything is scheduled: restores the clock and starts it. */
  open(sql: Sql): Promise<void>;
  /** When `up` stops, before the database is closed. */
  close(): Promise<void>;
}
