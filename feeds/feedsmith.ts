import { parseFeed } from 'feedsmith';
import { atomMarkup, type Draft, type DraftFeed, type RawLink, textOrNull } from './draft.js';
import type { FeedFormat } from './feed.js';
import type { RawText } from './text.js';

export interface FeedsmithReading extends DraftFeed {
  format: FeedFormat;
}

/** The shapes below are what we use of feedsmith's; its own types are deep unions per format. */
interface Text {
  value?: string;
  type?: string;
}
interface Link {
  href?: string;
  rel?: string;
  type?: string;
}
interface Item {
  published?: string;
  updated?: string;
  id?: string;
  guid?: { value?: string; isPermaLink?: boolean };
  title?: string | Text;
  link?: string;
  links?: Link[];
  description?: string;
  summary?: string | Text;
  content?: Text & { encoded?: string };
  pubDate?: string;
  atom?: Item;
  dc?: { titles?: string[]; dates?: string[]; languages?: string[]; descriptions?: string[] };
  dcterms?: { issued?: string[]; created?: string[]; modified?: string[] };
  media?: { title?: Text };
  rdf?: { about?: string };
  xml?: { base?: string; lang?: string };
  url?: string;
  external_url?: string;
  content_html?: string;
  content_text?: string;
  date_published?: string;
  date_modified?: string;
  language?: string;
}
interface Feed {
  title?: string | Text;
  language?: string;
  link?: string;
  links?: Link[];
  home_page_url?: string;
  ttl?: number;
  sy?: { updatePeriod?: string; updateFrequency?: number };
  xml?: { lang?: string };
  items?: Item[];
  entries?: Item[];
}

/** Reads RSS, RDF, Atom or JSON Feed by feedsmith; throws what it throws for what it cannot read. */
export function readByFeedsmith(text: string, maxEntries: number): FeedsmithReading {
  const parsed = parseFeed(text, { maxItems: maxEntries });
  const feed = parsed.feed as unknown as Feed;
  const isAtom = parsed.format === 'atom';
  const isJson = parsed.format === 'json';
  const toDraft = isAtom ? atomDraft : isJson ? jsonDraft : rssDraft;
  const home = feed.links?.find((link) => link.rel === undefined || link.rel === 'alternate')?.href;
  return {
    format: parsed.format,
    title: rawText(feed.title, isAtom ? 'text' : isJson ? 'text' : 'html'),
    language: textOrNull(feed.language ?? feed.xml?.lang),
    link: textOrNull(feed.link ?? feed.home_page_url ?? home),
    ttlMinutes: feed.ttl === undefined ? null : String(feed.ttl),
    updatePeriod: textOrNull(feed.sy?.updatePeriod),
    updateFrequency: feed.sy?.updateFrequency === undefined ? null : String(feed.sy.updateFrequency),
    drafts: (feed.items ?? feed.entries ?? []).map(toDraft),
  };
}

function rssDraft(item: Item): Draft {
  const { atom, dc, dcterms } = item;
  const links: RawLink[] = item.link ? [{ href: item.link, rel: null, type: null, base: null }] : [];
  return {
    id: textOrNull(item.guid?.value ?? atom?.id ?? item.rdf?.about),
    isPermalink: item.guid?.isPermaLink ?? null,
    title: rawText(item.title ?? dc?.titles?.[0] ?? item.media?.title?.value, 'html'),
    summary: rawText(item.description ?? item.content?.encoded ?? dc?.descriptions?.[0], 'html'),
    links: [...links, ...(atom?.links ?? []).flatMap(rawLink)],
    published: textOrNull(
      item.pubDate ?? atom?.published ?? dcterms?.issued?.[0] ?? dc?.dates?.[0] ?? dcterms?.created?.[0],
    ),
    updated: textOrNull(atom?.updated ?? dcterms?.modified?.[0]),
    language: textOrNull(dc?.languages?.[0] ?? item.xml?.lang),
  };
}

function atomDraft(entry: Item): Draft {
  const { dc, dcterms } = entry;
  return {
    id: textOrNull(entry.id),
    isPermalink: null,
    title: rawText(entry.title ?? dc?.titles?.[0], 'text'),
    summary: rawText(entry.summary ?? entry.content, 'text'),
    links: (entry.links ?? []).flatMap(rawLink),
    published: textOrNull(entry.published ?? dcterms?.issued?.[0] ?? dc?.dates?.[0] ?? dcterms?.created?.[0]),
    updated: textOrNull(entry.updated ?? dcterms?.modified?.[0]),
    language: textOrNull(entry.xml?.lang),
  };
}

/** JSON Feed 1.1: the title is plain text, the id a string that may be a link. */
function jsonDraft(item: Item): Draft {
  const href = textOrNull(item.url ?? item.external_url);
  const summary = item.summary ?? item.content_text;
  return {
    id: textOrNull(item.id),
    isPermalink: false,
    title: rawText(item.title, 'text'),
    summary: summary === undefined ? rawText(item.content_html, 'html') : rawText(summary, 'text'),
    links: href === null ? [] : [{ href, rel: null, type: null, base: null }],
    published: textOrNull(item.date_published),
    updated: textOrNull(item.date_modified),
    language: textOrNull(item.language),
  };
}

function rawLink(link: Link): RawLink[] {
  return link.href ? [{ href: link.href, rel: link.rel ?? '', type: link.type ?? null, base: null }] : [];
}

function rawText(text: string | Text | undefined, markup: RawText['markup']): RawText | null {
  const value = textOrNull(typeof text === 'object' ? text.value : text);
  if (value === null) return null;
  return { value, markup: typeof text === 'object' && text.type ? atomMarkup(text.type) : markup };
}
