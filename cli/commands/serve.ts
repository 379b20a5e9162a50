import { once } from 'node:events';
import { Command } from 'commander';
import type { Clock } from '../../activities/deps.js';
import { loadClock, readWorldClock } from '../../db/settings.js';
import { startServer } from '../../server/app.js';
import type { Io } from '../io.js';
import { type OpenContext, withContext } from '../open-context.js';
import { openTemporalProbe } from '../probe-temporal.js';

const DEMO_BANNER = 'Demo world: sample news on a clock of its own, no live data.';
const FOLLOW_MS = 2_000;

/** `axiswatch serve`: the API and the pages alone, against the configured database; other processes poll. */
export function build(io: Io): Command {
  return new Command('serve').description('The HTTP API and the dashboard alone.').action(() =>
    withContext(io, 'axiswatch serve', async (context) => {
      const probe = await openTemporalProbe(context);
      const isDemo = (await readWorldClock(context.sql)) !== null;
      const followed = isDemo ? followClock(context) : null;
      const server = await startServer({
        ...context,
        clock: followed?.clock ?? context.clock,
        readiness: probe.readiness,
        banner: isDemo ? DEMO_BANNER : null,
      });
      try {
        context.log.info({ url: server.url }, 'serving');
        io.out.write(`serving ${server.url}\n`);
        await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      } finally {
        followed?.stop();
        await server.close();
        await probe.close();
      }
    }),
  );
}

/** The demo's clock is moved by whoever runs the demo: what was read once would soon stand still. */
function followClock({ sql, clock: first, log }: OpenContext): { clock: Clock; stop(): void } {
  let clock = first;
  const timer = setInterval(() => {
    loadClock(sql).then(
      (read) => {
        clock = read;
      },
      (error: unknown) => log.debug({ err: error }, 'the clock of the demo could not be read'),
    );
  }, FOLLOW_MS);
  return { clock: { now: () => clock.now() }, stop: () => clearInterval(timer) };
}
