import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { formatDuration } from '../../config/duration.js';
import { readEnv } from '../../config/env.js';
import { configFile, loadConfig } from '../../config/load.js';
import { type OpmlFeed, planOpmlImport, readOpml, writeOpml } from '../../config/opml.js';
import type { SourceConfig } from '../../config/types.js';
import { Failure } from '../../core/errors.js';
import { groupFeeds } from '../../core/polling/groups.js';
import { setPaused, syncSources } from '../../db/feeds.js';
import { decodeBytes } from '../../feeds/decode.js';
import { type AddOptions, addUrl, storeSources } from '../add-source.js';
import { EXIT, type Io, UsageError } from '../io.js';
import { withContext } from '../open-context.js';
import { renderTable } from '../table.js';
import { testTarget } from '../test-target.js';
import { unknownFeed } from '../unknown-feed.js';

/** Ten thousand feeds take some 2 MB. */
const MAX_LIST_BYTES = 32 * 1024 * 1024;

/** `axiswatch sources list|add|test|pause|resume|import|export`. */
export function build(io: Io, exit: (code: number) => void): Command {
  const command = new Command('sources').description('The outlets and feeds that are polled.');
  command
    .command('list')
    .description('what is configured')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) => list(io, options));
  command
    .command('add')
    .description('add a feed to sources.yaml after fetching it once')
    .argument('<url>', 'address of the feed, or of a page that names exactly one')
    .option('--id <id>', 'id of the new source (default: from its name)')
    .option('--source <id>', 'add it to this source instead of a new one')
    .option('--name <name>', "name of the outlet (default: the feed's title)")
    .option('--country <code>', 'ISO 3166 alpha-2')
    .option('--language <code>', 'ISO 639-1 (default: what the feed declares)')
    .option('--bloc <bloc>', 'where the outlet stands', 'other')
    .option('--family <id>', 'publisher family')
    .option('--timezone <zone>', 'zone of dates without one, like Europe/Moscow')
    .option('--every <time>', 'how often to poll', '30m')
    .option('--no-check', 'do not fetch it')
    .action(async (url: string, options: AddOptions) => exit(await addUrl(io, url, options)));
  command
    .command('test')
    .description('fetch and read a feed once, and tell what came of it')
    .argument('<target>', 'feed id, URL or file')
    .option('--json', 'as JSON')
    .action(async (target: string, options: { json?: boolean }) => exit(await testTarget(io, target, options)));
  for (const [name, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const)
    command
      .command(name)
      .description(paused ? 'stop polling a feed until it is resumed' : 'poll a paused or muted feed again')
      .argument('<id>', 'feed id, or source id for all of its feeds')
      .action((id: string) => pause(io, id, paused));
  command
    .command('import')
    .description('add the feeds of an OPML file to sources.yaml')
    .argument('<file>', 'OPML file')
    .option('--bloc <bloc>', 'bloc of outlets that the file says nothing of', 'other')
    .action((file: string, options: { bloc: string }) => exit(importOpml(io, file, options.bloc)));
  command
    .command('export')
    .description('print the feeds as OPML')
    .action(() => exportOpml(io));
  return command;
}

function configured(io: Io): { sources: SourceConfig[]; configDir: string } {
  const { configDir } = readEnv(io.env);
  return { sources: loadConfig(configDir).sources, configDir };
}

function list(io: Io, options: { json?: boolean }): void {
  const { sources } = configured(io);
  if (options.json) {
    const body = sources.map(({ feeds, ...source }) => ({
      ...source,
      feeds: feeds.map(({ everySeconds, options: _, ...feed }) => ({ ...feed, every: formatDuration(everySeconds) })),
    }));
    io.out.write(`${JSON.stringify({ sources: body }, null, 2)}\n`);
    return;
  }
  const rows = sources.flatMap((source) =>
    source.feeds.map((feed) => [
      feed.id,
      source.name,
      source.country ?? '–',
      source.language ?? '–',
      source.bloc,
      feed.kind,
      formatDuration(feed.everySeconds),
      feed.url,
    ]),
  );
  const columns = ['feed', 'source', 'country', 'language', 'bloc', 'kind', 'every', 'url'].map((title) => ({ title }));
  io.out.write(renderTable(columns, rows));
}

async function pause(io: Io, id: string, paused: boolean): Promise<void> {
  const { sources } = configured(io);
  const feeds = sources.flatMap((source) =>
    source.feeds.filter((feed) => feed.id === id || source.id === id).map((feed) => feed.id),
  );
  if (feeds.length === 0) {
    const known = sources.flatMap((source) => [source.id, ...source.feeds.map((feed) => feed.id)]);
    throw new UsageError(unknownFeed(id, known));
  }
  await withContext(io, `axiswatch sources ${paused ? 'pause' : 'resume'}`, async ({ sql, config, clock }) => {
    // A feed that was never polled has no row yet.
    await syncSources(sql, config.sources, groupFeeds(config.sources), clock.now());
    for (const feed of feeds) {
      await setPaused(sql, feed, paused);
      io.out.write(`${feed} ${paused ? 'paused' : 'resumed'}\n`);
    }
  });
}

/** Sources of the list that can be added; trouble with one is told and leaves the others alone. */
function importOpml(io: Io, file: string, bloc: string): number {
  const { sources, configDir } = configured(io);
  const feeds = feedsOf(file);
  if (feeds.length === 0) throw new UsageError(`${file} names no feed: is it an OPML file?`);
  const planned = planOpmlImport(feeds, sources);
  const wanted = planned.sources.map((source, index) => {
    // The file's own word on a bloc counts more than the option.
    const told = feeds.some((feed) => feed.ours.bloc !== undefined && feed.ours.source === source.id);
    return { source: told ? source : { ...source, bloc }, index };
  });
  const { added, refused } = storeSources(
    configDir,
    wanted.map(({ source }) => source),
  );
  const count = added.reduce((sum, source) => sum + source.feeds.length, 0);
  for (const source of added) io.out.write(`added ${source.id}  ${source.feeds.map((feed) => feed.url).join(' ')}\n`);
  for (const url of planned.known) io.err.write(`known already: ${url}\n`);
  for (const { source, message } of refused) io.err.write(`refused ${source.id}: ${message}\n`);
  io.err.write(
    `${count} feeds added, ${planned.known.length} known already, ${refused.length} refused (${configFile(configDir, 'sources.yaml')})\n`,
  );
  return refused.length > 0 ? EXIT.failed : EXIT.done;
}

/** What is wrong with the list is told with the name of its file. */
function feedsOf(file: string): OpmlFeed[] {
  try {
    return readOpml(readList(file));
  } catch (error) {
    if (error instanceof Failure) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** In whatever encoding its reader wrote it. */
function readList(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MAX_LIST_BYTES) throw new UsageError(`${file} is too big for a list of feeds`);
    return decodeBytes(bytes, null).text;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new UsageError(`${file} cannot be read (${code})`);
  }
}

function exportOpml(io: Io): void {
  const { sources } = configured(io);
  io.out.write(writeOpml(sources));
  const pages = sources.flatMap((source) => source.feeds.filter((feed) => feed.kind === 'html-list'));
  if (pages.length > 0)
    io.err.write(`left out, because no feed reader could read them: ${pages.map((feed) => feed.id).join(', ')}\n`);
}
