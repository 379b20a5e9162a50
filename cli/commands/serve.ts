import { once } from 'node:events';
import { Command } from 'commander';
import { readWorldClock } from '../../db/settings.js';
import { startServer } from '../../server/app.js';
import type { Io } from '../io.js';
import { withContext } from '../open-context.js';
import { openTemporalProbe } from '../probe-temporal.js';

/** `axiswatch serve`: the API and the pages alone, against the configured database; other processes poll. */
export function build(io: Io): Command {
  return new Command('serve').description('The HTTP API and the dashboard alone.').action(() =>
    withContext(io, 'axiswatch serve', async (context) => {
      const probe = await openTemporalProbe(context);
      const world = await readWorldClock(context.sql);
      const server = await startServer({
        ...context,
        readiness: probe.readiness,
        banner: world ? DEMO_BANNER : null,
      });
      try {
        context.log.info({ url: server.url }, 'serving');
        io.out.write(`serving ${server.url}\n`);
        await untilStopped();
      } finally {
        await server.close();
        await probe.close();
      }
    }),
  );
}

const DEMO_BANNER = 'Demo world: sample news on a clock of its own, no live data.';

async function untilStopped(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
