import { Parser } from 'htmlparser2';
import { Failure } from '../core/errors.js';
import { formatDuration, parseDuration } from './duration.js';
import type { SourceConfig } from './types.js';

/** One feed of an OPML file, as far as the file tells. */
export interface OpmlFeed {
  url: string;
  /** Null when the file gives none. */
  title: string | null;
  /** Names of the folders it is in, outermost first. */
  folders: string[];
  language: string | null;
  /** What our own export adds, so that nothing is lost on the way back. */
  ours: Partial<Record<(typeof OUR_ATTRIBUTES)[number], string>>;
}

const OUR_ATTRIBUTES = ['source', 'name', 'feed', 'kind', 'every', 'country', 'bloc', 'family', 'timezone'] as const;
const NAMESPACE = 'https://axiswatch.example/opml';
const PREFIX = 'axiswatch:';
/** Reading lists have hundreds of feeds; ten thousand outlines deep is an attack. */
const MAX_DEPTH = 50;

/**
 * Feeds of an OPML file in document order, doubles included. Tolerant like the readers that write such files: nested folders,
 * `text` without `title`, attribute names in any case, URLs escaped twice, bare ampersands. Returns an empty list for a file
 * without any outline that names a feed. Throws {@link Failure} `invalid-config` for one that nests without end.
 */
export function readOpml(text: string): OpmlFeed[] {
  const feeds: OpmlFeed[] = [];
  /** A folder's name, or null for an outline that is a feed and holds others all the same. */
  const open: Array<string | null> = [];
  const parser = new Parser(
    {
      onopentag(tag, raw) {
        if (tag.toLowerCase() !== 'outline') return;
        const attributes = new Map(Object.entries(raw).map(([name, value]) => [name.toLowerCase(), value.trim()]));
        const get = (name: string) => attributes.get(name) || null;
        const title = get('title') ?? get('text');
        const url = get('xmlurl');
        if (open.length >= MAX_DEPTH) throw new Failure('invalid-config', `folders nest deeper than ${MAX_DEPTH}`);
        open.push(url ? null : title);
        if (!url) return;
        const ours = Object.fromEntries(
          OUR_ATTRIBUTES.flatMap((name) => (get(PREFIX + name) ? [[name, get(PREFIX + name)]] : [])),
        );
        const folders = open.filter((name): name is string => name !== null);
        feeds.push({ url: plainUrl(url), title, folders, language: languageOf(get('language')), ours });
      },
      onclosetag(tag) {
        if (tag.toLowerCase() === 'outline') open.pop();
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(text);
  parser.end();
  return feeds;
}

/** A URL as it was meant: escaped once too often, or with the scheme that readers register for themselves. */
function plainUrl(url: string): string {
  const unescaped = url.replaceAll('&amp;', '&');
  const bare = unescaped.replace(/^feed:(?=https?:)/i, '');
  return bare.replace(/^feed:\/\//i, 'http://');
}

/** OPML says `unknown`, `en-us` or nothing. */
function languageOf(tag: string | null): string | null {
  const code = /^([a-z]{2,3})\b/i.exec(tag ?? '')?.[1]?.toLowerCase();
  return code && code !== 'unk' ? code : null;
}

/** OPML 2.0 of the sources, one folder per bloc. Pages read as lists are left out: no other reader could read them. */
export function writeOpml(sources: readonly SourceConfig[]): string {
  const blocs = [...new Set(sources.map((source) => source.bloc))];
  const folders = blocs.map((bloc) => {
    const outlines = sources.filter((source) => source.bloc === bloc).flatMap(outlinesOf);
    return `    <outline${attributes({ text: bloc, title: bloc })}>\n${outlines.join('\n')}\n    </outline>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0" xmlns:axiswatch="${NAMESPACE}">
  <head><title>axiswatch sources</title></head>
  <body>
${folders.join('\n')}
  </body>
</opml>
`;
}

function outlinesOf(source: SourceConfig): string[] {
  return source.feeds
    .filter((feed) => feed.kind !== 'html-list')
    .map((feed) => {
      const title = source.feeds.length > 1 ? `${source.name} (${feed.id})` : source.name;
      const written = attributes({
        type: 'rss',
        text: title,
        title,
        xmlUrl: feed.url,
        language: source.language,
        [`${PREFIX}source`]: source.id,
        [`${PREFIX}name`]: source.name,
        [`${PREFIX}feed`]: feed.id,
        [`${PREFIX}kind`]: feed.kind,
        [`${PREFIX}every`]: formatDuration(feed.everySeconds),
        [`${PREFIX}country`]: source.country,
        [`${PREFIX}bloc`]: source.bloc,
        [`${PREFIX}family`]: source.family,
        [`${PREFIX}timezone`]: source.timezone,
      });
      return `      <outline${written}/>`;
    });
}

function attributes(values: Record<string, string | null>): string {
  return Object.entries(values)
    .filter((pair): pair is [string, string] => pair[1] !== null)
    .map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`)
    .join('');
}

function escapeAttribute(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

export interface OpmlImport {
  /** Sources to add, feeds of one outlet together. */
  sources: SourceInput[];
  /** URLs that are polled already or stand twice in the file. */
  known: string[];
}

/** A source as `sources.yaml` writes it. */
export interface SourceInput {
  id: string;
  name: string;
  country?: string;
  language?: string;
  bloc: string;
  family?: string;
  timezone?: string;
  note?: string;
  feeds: Array<{ id: string; url: string; kind?: string; every: string }>;
}

const DEFAULT_EVERY = '30m';

/** Sources to add for the feeds of an OPML file, with ids that are free. What the file does not tell stays open. */
export function planOpmlImport(feeds: readonly OpmlFeed[], existing: readonly SourceConfig[]): OpmlImport {
  const urls = new Set(existing.flatMap((source) => source.feeds.map((feed) => comparable(feed.url))));
  const sourceIds = new Set(existing.map((source) => source.id));
  const feedIds = new Set(existing.flatMap((source) => source.feeds.map((feed) => feed.id)));
  const added = new Map<string, SourceInput>();
  const known: string[] = [];
  for (const { url, title, folders, language, ours } of feeds) {
    if (urls.has(comparable(url))) {
      known.push(url);
      continue;
    }
    urls.add(comparable(url));
    const name = (ours.name ?? title ?? hostOf(url)).slice(0, 200);
    const every = ours.every && parseDuration(ours.every) !== null ? ours.every : DEFAULT_EVERY;
    const group = ours.source ?? null;
    const together = group === null ? undefined : added.get(group);
    const feed = { id: freeId(ours.feed ?? name, feedIds, url), url, ...(ours.kind ? { kind: ours.kind } : {}), every };
    if (together) {
      together.feeds.push(feed);
      // Feeds in two languages: the source declares none.
      if (together.language !== (language ?? undefined)) delete together.language;
      continue;
    }
    const source: SourceInput = {
      id: freeId(group ?? name, sourceIds, url),
      name,
      ...(ours.country ? { country: ours.country } : {}),
      ...(language ? { language } : {}),
      bloc: ours.bloc ?? 'other',
      ...(ours.family ? { family: ours.family } : {}),
      ...(ours.timezone ? { timezone: ours.timezone } : {}),
      ...(group === null && folders.length > 0 ? { note: `Imported from ${folders.join(' / ')}.` } : {}),
      feeds: [feed],
    };
    added.set(group ?? source.id, source);
  }
  return { sources: [...added.values()], known };
}

/** URLs that lead to the same feed: scheme, letter case of the host and a slash at the end make no difference. */
function comparable(url: string): string {
  if (!URL.canParse(url)) return url;
  const { host, pathname, search } = new URL(url);
  return `${host}${pathname.replace(/\/$/, '')}${search}`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') : url.slice(0, 60);
}

/** An id made of words, not taken yet; it is taken afterwards. Words without Latin letters give way to the host. */
export function freeId(words: string, taken: Set<string>, url: string): string {
  const base = slug(words) || slug(hostOf(url)) || 'feed';
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  taken.add(id);
  return id;
}

function slug(words: string): string {
  return words
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48)
    .replace(/-+$/, '');
}
