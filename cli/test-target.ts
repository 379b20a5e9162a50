import { readFile } from 'node:fs/promises';
import { type SourceTest, type TestedFeed, testSource } from '../activities/test-source.js';
import { readEnv } from '../config/env.js';
import { loadConfig } from '../config/load.js';
import type { SourceConfig } from '../config/types.js';
import { createFetchFeed } from '../feeds/fetch.js';
import { readFeedBytes } from '../feeds/parse.js';
import { userAgent } from '../runtime/user-agent.js';
import { EXIT, type Io, UsageError } from './io.js';
import { cleanText, cutText, renderTable } from './table.js';
import { unknownFeed } from './unknown-feed.js';

/** Entries shown to a person; `--json` gives all. */
const SHOWN_ENTRIES = 10;

/** Fetches and reads a feed id, a URL or a file once; exit code 1 when it could not be read. */
export async function testTarget(io: Io, target: string, options: { json?: boolean }): Promise<number> {
  const env = readEnv(io.env);
  const { allowAddresses, configDir } = env;
  // A URL or a path needs no configuration, not even a right one.
  const sources = /^[a-z0-9-]+$/.test(target) ? loadConfig(configDir).sources : [];
  const report = await testSource(
    {
      clock: { now: () => new Date() },
      fetchFeed: createFetchFeed({ allowAddresses, userAgent: userAgent(env) }),
      readFeed: readFeedBytes,
      findFeed: (id) => findFeed(sources, id),
      readFile: readBytes,
      tell: (sentence) => io.err.write(`${cleanText(sentence)}\n`),
      signal: new AbortController().signal,
    },
    target,
  );
  if (report === null) {
    const known = sources.flatMap((source) => source.feeds.map((feed) => feed.id));
    throw new UsageError(`${unknownFeed(target, known)}; a URL or a file will do too`);
  }
  io.out.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : describe(report));
  return report.outcome === 'polled' ? EXIT.done : EXIT.failed;
}

function findFeed(sources: readonly SourceConfig[], id: string): TestedFeed | null {
  for (const { feeds, timezone } of sources)
    for (const { id: feedId, url, kind, options } of feeds) if (feedId === id) return { url, kind, timezone, options };
  return null;
}

async function readBytes(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    if (code === undefined) throw error;
    throw new UsageError(`${path} cannot be read (${code})`);
  }
}

function describe(report: SourceTest): string {
  const { outcome, reason, format, encoding, repairs, entries, suggestions } = report;
  const lines = [`${report.target}: ${outcome}${reason ? ` (${reason})` : ''}`];
  if (format)
    lines.push(
      `${format}, ${encoding}, ${entries.length} entries${repairs.length > 0 ? `; mended: ${repairs.join(', ')}` : ''}`,
    );
  for (const suggestion of suggestions) lines.push(`try: axiswatch sources test ${suggestion}`);
  const rows = entries
    .slice(0, SHOWN_ENTRIES)
    .map((entry) => [
      entry.published_at?.slice(0, 16).replace('T', ' ') ?? 'no date',
      cutText(cleanText(entry.title ?? '(no title)'), 70),
      cutText(cleanText(entry.url ?? '(no link)'), 60),
    ]);
  const table =
    rows.length > 0 ? renderTable([{ title: 'published (UTC)' }, { title: 'title' }, { title: 'link' }], rows) : '';
  const more = entries.length > SHOWN_ENTRIES ? `${entries.length - SHOWN_ENTRIES} more\n` : '';
  return `${lines.join('\n')}\n${table}${more}`;
}
