import { Command } from 'commander';
import { createColors } from 'picocolors';
import { listFeedHealth } from '../../db/status.js';
import { askStatus, type StatusBody } from '../../server/api/status.js';
import { renderJson } from '../../server/render.js';
import { coveredSources, describeFeed, plural, showPercent, showSpan } from '../../server/words.js';
import { type Screen, screenOf } from '../ask.js';
import type { Io } from '../io.js';
import { type OpenContext, withContext } from '../open-context.js';
import { openTemporalProbe } from '../probe-temporal.js';
import { describeSecondCoder } from '../second-coder-lines.js';
import { cleanText, renderTable } from '../table.js';

/** `axiswatch status`: what is read, what is not, and why, in plain words. */
export function build(io: Io): Command {
  return new Command('status')
    .description('Feeds, last success, failures in plain words.')
    .option('--json', "the API's body")
    .action(async (options: { json?: boolean }) => {
      const text = await withContext(io, 'axiswatch status', async (context) => {
        const probe = await openTemporalProbe(context);
        try {
          const body = await askStatus(context, probe.readiness);
          return options.json ? renderJson(body) : await showStatus(body, context, screenOf(io));
        } finally {
          await probe.close();
        }
      });
      io.out.write(text);
    });
}

async function showStatus(body: StatusBody, context: OpenContext, screen: Screen): Promise<string> {
  const now = context.clock.now();
  const colours = createColors(screen.colour);
  const { covered, sources } = coveredSources(await listFeedHealth(context.sql, now), now);
  const { temporal, database } = body;
  const head = [
    `${colours.bold(`axiswatch ${body.version}`)}  ${body.ready ? 'ready' : colours.yellow('not ready')}`,
    `database  Postgres ${database.version}, ${plural(database.schema ?? 0, 'migration')}`,
    temporal.address === null
      ? 'temporal  not running here: start it with axiswatch up, or set TEMPORAL_ADDRESS'
      : `temporal  ${temporal.address}, ${temporal.server_version ? `server ${temporal.server_version}` : 'does not answer'}, ${temporal.worker ? `worker ${temporal.worker}` : 'no worker polls'}`,
    `coverage  ${covered}/${sources} sources up to date (${showPercent(sources === 0 ? null : covered / sources, 0)})`,
    `lag       ${body.lag_seconds === null ? 'nothing scheduled yet' : body.lag_seconds === 0 ? 'none' : `${showSpan(body.lag_seconds)} behind`}`,
    ...(context.env.secondCoder === null
      ? []
      : [`second    ${await describeSecondCoder(context.sql, context.env.secondCoder, new Date())}`]),
  ];
  if (body.feeds.length === 0)
    return `${head.join('\n')}\n\nNo feed is known yet: axiswatch up or poll reads sources.yaml.\n`;
  const order = ['gone', 'failing', 'held', 'paused', 'waiting', 'ok'];
  const feeds = [...body.feeds].sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.id < b.id ? -1 : 1),
  );
  const mark = (state: string) =>
    state === 'ok'
      ? colours.green(state)
      : state === 'failing' || state === 'gone'
        ? colours.red(state)
        : colours.yellow(state);
  const table = renderTable(
    [{ title: 'state' }, { title: 'feed' }, { title: 'items', right: true }, { title: 'in words' }],
    feeds.map((feed) => [mark(feed.state), feed.id, String(feed.items), cleanText(describeFeed(feed, now))]),
  );
  return `${head.join('\n')}\n\n${table}`;
}
