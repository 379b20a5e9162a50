import { loadConfig } from '../config/load.js';
import type { SourceConfig } from '../config/types.js';
import type { CoderInput } from '../core/coder/label.js';
import type { RulesCoder } from '../core/coder/rules-coder.js';
import { Failure } from '../core/errors.js';
import { type Article, readArticle, type Told } from '../feeds/article.js';
import { decodeBytes } from '../feeds/decode.js';
import { discoverFeeds, looksLikeHtml } from '../feeds/discover.js';
import type { FetchedFeed, FetchFeed, ReadFeed } from '../feeds/feed.js';
import { readFeedBytes } from '../feeds/parse.js';
import { type Wall, wallOf } from '../feeds/wall.js';
import { renderLabel } from './coder-input.js';
import { type Io, UsageError } from './io.js';
import { showLabels } from './show-labels.js';
import { cleanText, cutText, renderTable } from './table.js';

/** Entries of a feed shown to a person; `--json` gives all. */
const SHOWN_ENTRIES = 100;

/** What the caller says of the outlet or the text; null where the page is to say it. */
export interface CodeUrlOptions {
  language: string | null;
  bloc: string | null;
  json: boolean;
  /** Languages that the coder reads, for a page in another one. */
  languages: readonly string[];
}

/**
 * Fetches one article or feed and codes it as a poll would: title, summary, language and day as the page gives them, the outlet
 * from the configured source of that host. Throws `Failure` with a reason when the address gives neither.
 */
export async function codeUrl(
  io: Io,
  coder: RulesCoder,
  fetchFeed: FetchFeed,
  configDir: string,
  url: string,
  options: CodeUrlOptions,
): Promise<void> {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new UsageError(`code: "${url}" is no address: use one like https://example.org/news/1`);
  const answer = await fetchFeed({ url }, new AbortController().signal);
  if (answer.kind === 'gone') throw new Failure('gone', `${new URL(answer.finalUrl).host} says that the page is gone.`);
  const outlet = outletOf(loadConfig(configDir).sources, answer.finalUrl);
  const bloc = options.bloc ?? outlet?.bloc ?? null;
  // Who names another group of outlets does not mean the home country of the source.
  const country = options.bloc === null ? (outlet?.country ?? null) : null;
  const about = { source: outlet?.id ?? null, country, bloc };
  const { text, encoding } = decodeBytes(answer.body, answer.contentType);
  if (!looksLikeHtml(text)) {
    const feed = await readFeed(answer, outlet);
    codeFeed(io, coder, answer.finalUrl, feed, about, options);
    return;
  }
  const article = readArticle(text, { now: new Date(), timezone: outlet?.timezone ?? null });
  if (article.title === null && article.summary === null) throw nothingToCode(text, answer.finalUrl);
  const wall = wallOf(article);
  if (wall !== null) throw wallInstead(wall, article, answer.finalUrl);
  const language = options.language === null ? article.language : { value: options.language, from: '--lang' };
  const blocFrom = options.bloc === null ? (outlet ? `source ${outlet.id}` : null) : '--bloc';
  codeArticle(io, coder, answer.finalUrl, { ...article, language }, { ...about, blocFrom, encoding }, options);
}

type Outlet = Pick<CoderInput, 'source' | 'country' | 'bloc'>;

/** The configured source whose feeds come from the same host, or from a neighbour below the same name. */
function outletOf(sources: readonly SourceConfig[], url: string): SourceConfig | null {
  const bare = (host: string) => host.toLowerCase().replace(/^(?:www|rss|feeds?|m)\./, '');
  const host = bare(new URL(url).host);
  const hostOf = (feed: { url: string }) => (URL.canParse(feed.url) ? bare(new URL(feed.url).host) : '');
  return sources.find(({ feeds }) => feeds.some((feed) => hostOf(feed) === host)) ?? null;
}

async function readFeed(answer: FetchedFeed, outlet: SourceConfig | null): Promise<ReadFeed> {
  const { body, contentType, finalUrl, truncated } = answer;
  try {
    const timezone = outlet?.timezone ?? null;
    return await readFeedBytes(body, { contentType, finalUrl, timezone, truncated, now: new Date() });
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'not-a-feed') throw error;
    const kind = contentType === null ? '' : ` (${cleanText(contentType.slice(0, 100))})`;
    throw new Failure(
      'not-a-feed',
      `${new URL(finalUrl).host} gives neither a web page nor a feed${kind}: ${error.message}`,
      {
        fault: error.more.fault,
      },
    );
  }
}

function nothingToCode(html: string, url: string): Failure {
  const feeds = discoverFeeds(html, url);
  const hint =
    feeds.length > 0 ? ` It names ${feeds.length === 1 ? 'a feed' : 'feeds'} to try: ${feeds.join(', ')}` : '';
  return new Failure('not-a-feed', `The page says neither a title nor a description.${hint}`, {
    fault: 'html',
    suggestions: feeds,
  });
}

function wallInstead(wall: Wall, { title }: Article, url: string): Failure {
  return new Failure(
    'client',
    `${new URL(url).host} gives ${WALL_WORDS[wall]} ("${cleanText(title?.value ?? '')}") instead of the article: open it in a browser and code its headline, axiswatch code "TEXT".`,
    { fault: wall === 'consent' ? 'html' : 'bot-challenge' },
  );
}

const WALL_WORDS: Record<Wall, string> = {
  robots: 'a test for robots',
  refusal: 'a refusal',
  consent: 'a page that asks for consent',
};

function codeArticle(
  io: Io,
  coder: RulesCoder,
  url: string,
  article: Article,
  outlet: Outlet & { blocFrom: string | null; encoding: string },
  options: CodeUrlOptions,
): void {
  const { title, summary, language, publishedAt } = article;
  const { source, country, bloc, blocFrom, encoding } = outlet;
  const input: CoderInput = {
    title: title?.value ?? '',
    summary: summary?.value ?? '',
    language: language?.value ?? null,
    source,
    country,
    bloc,
    publishedAt: publishedAt?.value ?? null,
  };
  const { labels, nearMisses } = coder.explain(input);
  const from = (told: Told<unknown> | null) => told?.from ?? null;
  if (options.json) {
    const body = {
      id: null,
      labels: labels.map(renderLabel),
      url,
      title: title?.value ?? null,
      summary: summary?.value ?? null,
      lang: language?.value ?? null,
      bloc,
      published: publishedAt?.value.toISOString() ?? null,
      from: {
        title: from(title),
        summary: from(summary),
        lang: from(language),
        bloc: blocFrom,
        published: from(publishedAt),
      },
    };
    io.out.write(`${JSON.stringify(body)}\n`);
    return;
  }
  const isRead = language === null || options.languages.includes(language.value);
  const reads = isRead ? '' : `; not one that the coder reads: --lang takes ${options.languages.join(', ')}`;
  const line = (name: string, value: string | null, place: string | null, without: string) =>
    `${name.padEnd(9)} ${value === null ? without : `${cleanText(value)}  (${place})`}`;
  const lines = [
    `page      ${cleanText(url)}  (${encoding})`,
    line('title', title?.value ?? null, from(title), 'none'),
    line('summary', summary?.value ?? null, from(summary), 'none'),
    line('language', language?.value ?? null, `${from(language)}${reads}`, 'not said: by the script of the text'),
    line('published', publishedAt?.value.toISOString() ?? null, from(publishedAt), 'not said'),
    line('outlet', bloc, blocFrom, 'no configured source has this host: "our country" means nobody'),
  ];
  io.out.write(`${lines.join('\n')}\n\n${showLabels(coder, labels, nearMisses)}`);
}

function codeFeed(
  io: Io,
  coder: RulesCoder,
  url: string,
  feed: ReadFeed,
  outlet: Outlet,
  { language, json }: CodeUrlOptions,
): void {
  const coded = feed.entries.map((entry) => {
    const { title, summary, publishedAt } = entry;
    const input: CoderInput = { title, summary, language: language ?? entry.language, publishedAt, ...outlet };
    return { entry, lang: input.language, labels: coder.code(input) };
  });
  for (const problem of feed.problems) io.err.write(`${cleanText(problem)}\n`);
  if (json) {
    const entries = coded.map(({ entry, lang, labels }) => ({
      id: entry.id,
      labels: labels.map(renderLabel),
      url: entry.url,
      title: entry.title,
      summary: entry.summary,
      lang,
      published: entry.publishedAt?.toISOString() ?? null,
    }));
    io.out.write(`${JSON.stringify({ url, format: feed.format, bloc: outlet.bloc, entries })}\n`);
    return;
  }
  const rows = coded
    .slice(0, SHOWN_ENTRIES)
    .map(({ entry, labels }) => [
      entry.publishedAt?.toISOString().slice(0, 10) ?? 'no date',
      labels.map((l) => `${l.indicator} ${l.participants.join('-')} ${l.status}`).join(', ') || '–',
      cutText(cleanText(entry.title || entry.summary || '(no title)'), 80),
    ]);
  const labelled = coded.filter(({ labels }) => labels.length > 0).length;
  io.out.write(`${cleanText(url)}: ${feed.format}, ${coded.length} entries, ${labelled} with labels\n`);
  if (rows.length > 0)
    io.out.write(renderTable([{ title: 'published' }, { title: 'labels' }, { title: 'title' }], rows));
  if (coded.length > SHOWN_ENTRIES)
    io.out.write(`${coded.length - SHOWN_ENTRIES} more entries; --json gives them all\n`);
}
