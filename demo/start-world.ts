import { loadConfig } from '../config/load.js';
import type { Config } from '../config/types.js';
import { createDemoClock, type DemoClock } from './clock.js';
import { writeDemoConfig } from './config-folder.js';
import { demoSources, OUTLETS } from './outlets.js';
import { startDemoServers } from './server.js';
import { planTimeline } from './timeline.js';

/** In the world's time; far less than passes between two ticks of the schedules, so that every tick polls every feed. */
const EVERY_SECONDS = 86_400;
/**
 * Outlets are this much behind, in our time. Time passes between the moment when a poll looks at the clock and the moment when
 * its request arrives, and here a tenth of a second is half a day: an item would seem to come from the future.
 */
const LAG_MS = 300;

export interface DemoWorld {
  config: Config;
  clock: DemoClock;
  close(): Promise<void>;
}

export interface DemoWorldOptions {
  /** Where `sources.yaml` of the demo goes. */
  configDir: string;
  /** Our own clock. */
  real(): Date;
  /** How long the two years take. */
  seconds?: number;
}

/**
 * Starts the sample world: outlets on loopback ports and a clock that waits for the first request, so that a slow start of
 * everything else costs no time of the world.
 */
export async function startDemoWorld({ configDir, real, seconds }: DemoWorldOptions): Promise<DemoWorld> {
  const clock = createDemoClock(real, seconds);
  const servers = await startDemoServers({
    outlets: OUTLETS,
    timeline: planTimeline(OUTLETS),
    now: () => clock.ago(LAG_MS),
    onRequest: () => clock.start(),
  });
  writeDemoConfig(configDir, demoSources(servers.urls, EVERY_SECONDS));
  return { config: loadConfig(configDir), clock, close: servers.close };
}
