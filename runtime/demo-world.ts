import type { Log } from '../activities/deps.js';
import { demoVars, type Env, readEnv } from '../config/env.js';
import type { Sql } from '../db/client.js';
import { readWorldClock, writeWorldClock } from '../db/settings.js';
import { WORLD_END } from '../demo/clock.js';
import { startDemoWorld } from '../demo/start-world.js';
import type { World } from './world.js';

/** Our seconds between two polls of every feed: some 13 days of the world. */
const TICK_SECONDS = 2;
/** Others see the world's time through the database; they may lag by this much. */
const KEEP_EVERY_MS = 1000;

/**
 * The demo world and the settings to run it with: `up({ env, world })` is the whole demo. The clock is kept in the database
 * every second, so that other commands see the same time and a killed demo goes on where it was.
 *
 * @param vars the environment as given; its data folder gets a `demo/`
 */
export async function createDemoWorld(vars: NodeJS.ProcessEnv, log: Log): Promise<{ env: Env; world: World }> {
  const env = readEnv(demoVars(vars));
  const demo = await startDemoWorld({ configDir: env.configDir, real: () => new Date() });
  let keeper: NodeJS.Timeout | null = null;
  let keep = async () => {};
  const world: World = {
    banner: 'Demo: invented outlets, a sample of publicly reported events of 2024 and 2025, time runs fast.',
    config: demo.config,
    clock: demo.clock,
    tickSeconds: TICK_SECONDS,
    async open(sql: Sql) {
      const kept = await readWorldClock(sql);
      if (kept) demo.clock.restore(kept);
      keep = () => writeWorldClock(sql, demo.clock.state());
      await keep();
      // A database that is restarting is its keeper's business; the clock itself goes on and is kept a second later.
      const tick = () => keep().catch((error: unknown) => log.debug({ error: String(error) }, 'demo clock not kept'));
      keeper = setInterval(() => void tick(), KEEP_EVERY_MS);
      const at = demo.clock.now().toISOString().slice(0, 10);
      if (at === WORLD_END.slice(0, 10))
        log.info({}, `the world stands at its end: delete ${env.dataDir} to see it run again`);
      log.info({ feeds: demo.config.sources.flatMap((source) => source.feeds).length, at }, 'demo world is open');
    },
    async close() {
      if (keeper) clearInterval(keeper);
      await keep();
      await demo.close();
    },
  };
  return { env, world };
}
