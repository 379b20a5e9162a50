import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addFeed, addSources, replaceFile } from '../config/edit-sources.js';
import { readEnv } from '../config/env.js';
import { configFile, loadConfig } from '../config/load.js';
import { freeId, type SourceInput } from '../config/opml.js';
import { ConfigProblems } from '../config/problem.js';
import { Failure } from '../core/errors.js';
import { nearestValue } from '../core/nearest.js';
import type { ReadFeed } from '../feeds/feed.js';
import { createFetchFeed } from '../feeds/fetch.js';
import { readFeedBytes } from '../feeds/parse.js';
import { userAgent } from '../runtime/user-agent.js';
import { EXIT, type Io, UsageError } from './io.js';

export interface AddOptions {
  id?: string;
  source?: string;
  name?: string;
  country?: string;
  language?: string;
  bloc: string;
  family?: string;
  timezone?: string;
  every: string;
  check: boolean;
}

/**
 * Adds one feed to `sources.yaml`, given by its address or by that of a page that names exactly one; what nobody said comes from the
 * feed itself, fetched once. Returns the exit code.
 */
export async function addUrl(io: Io, url: string, options: AddOptions): Promise<number> {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new UsageError(`"${url}" is no address: use one like https://example.org/rss.xml`);
  const { configDir } = readEnv(io.env);
  const { sources } = loadConfig(configDir);
  if (options.source && !sources.some((source) => source.id === options.source)) {
    const meant = nearestValue(
      options.source,
      sources.map((source) => source.id),
    );
    throw new UsageError(`no source "${options.source}"${meant ? `: did you mean "${meant}"?` : ''}`);
  }
  const refuseDouble = (address: string) => {
    const double = sources.flatMap((source) => source.feeds).find((feed) => feed.url === address);
    if (double) throw new UsageError(`${address} is already polled as "${double.id}"`);
  };
  refuseDouble(url);
  let found = options.check ? await readOnce(io, url, options.timezone ?? null) : null;
  const named = found instanceof Failure && found.more.fault === 'html' ? (found.more.suggestions ?? []) : [];
  if (named[0] !== undefined && named.length === 1) {
    io.err.write(`${url} is a page that names one feed: ${named[0]}\n`);
    url = named[0];
    refuseDouble(url);
    found = await readOnce(io, url, options.timezone ?? null);
  }
  if (found instanceof Failure) {
    io.err.write(`${url} is not added: ${found.message}\n`);
    for (const suggestion of found.more.suggestions ?? []) io.err.write(`  try: axiswatch sources add ${suggestion}\n`);
    return EXIT.failed;
  }
  const name = (options.name ?? found?.title ?? new URL(url).hostname.replace(/^www\./, '')).slice(0, 200);
  const feedIds = new Set(sources.flatMap((source) => source.feeds.map((feed) => feed.id)));
  const sourceIds = new Set(sources.map((source) => source.id));
  const feed = { id: freeId(options.id ?? name, feedIds, url), url, every: options.every };
  const file = join(configDir, 'sources.yaml');
  const text = readFileSync(configFile(configDir, 'sources.yaml'), 'utf8');
  if (options.source) replaceFile(file, addFeed(text, file, options.source, feed));
  else {
    const language = options.language ?? found?.language ?? undefined;
    const source: SourceInput = {
      id: options.id ?? freeId(name, sourceIds, url),
      name,
      ...(options.country ? { country: options.country } : {}),
      ...(language ? { language } : {}),
      bloc: options.bloc,
      ...(options.family ? { family: options.family } : {}),
      ...(options.timezone ? { timezone: options.timezone } : {}),
      feeds: [feed],
    };
    replaceFile(file, addSources(text, file, [source]));
  }
  io.out.write(`${feed.id}\n`);
  const read = found ? `${found.format}, ${found.entries.length} entries: ` : '';
  io.err.write(`added to ${file} (${read}${name}); it is polled from the next start on\n`);
  return EXIT.done;
}

/** The feed as one look finds it, or why it cannot be read. */
async function readOnce(io: Io, url: string, timezone: string | null): Promise<ReadFeed | Failure> {
  const env = readEnv(io.env);
  try {
    const answer = await createFetchFeed({ allowAddresses: env.allowAddresses, userAgent: userAgent(env) })(
      { url },
      new AbortController().signal,
    );
    if (answer.kind !== 'body') return new Failure('gone', 'the server says that it is gone for good');
    const { body, contentType, finalUrl, truncated } = answer;
    return await readFeedBytes(body, { contentType, finalUrl, timezone, truncated, now: new Date() });
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** Adds what can be added; a source that would make the file wrong is left out and told. */
export function storeSources(
  configDir: string,
  sources: readonly SourceInput[],
): { added: SourceInput[]; refused: Array<{ source: SourceInput; message: string }> } {
  const file = join(configDir, 'sources.yaml');
  const before = readFileSync(configFile(configDir, 'sources.yaml'), 'utf8');
  const refused: Array<{ source: SourceInput; message: string }> = [];
  // Each alone against an empty file first: one bad address must not cost the other hundred.
  const good = sources.filter((source) => {
    try {
      addSources('sources: []\n', file, [source]);
      return true;
    } catch (error) {
      if (!(error instanceof ConfigProblems)) throw error;
      refused.push({ source, message: error.problems.map((problem) => problem.message).join('; ') });
      return false;
    }
  });
  if (good.length > 0) replaceFile(file, addSources(before, file, good));
  return { added: good, refused };
}
