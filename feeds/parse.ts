import { createRequire } from 'node:module';
import RssParser from 'rss-parser';
import { Failure } from '../core/errors.js';
import { decodeBytes } from './decode.js';
import { looksLikeHtml } from './discover.js';
import { atomMarkup, type Draft, type DraftFeed, fillDraft, lacks, type RawLink, textOrNull } from './draft.js';
import { finishEntry, isBlank, languageCode } from './entry.js';
import type { FeedFormat, ReadContext, ReadFeed, ReadFeedBytes } from './feed.js';
import { readByFeedsmith } from './feedsmith.js';
import { readJsonFeed } from './json-feed.js';
import { KINDS } from './kinds.js';
import { refuseDocument, refusePage } from './not-a-feed.js';
import { MAX_DEPTH, type Outline, outlineFeed } from './outline.js';
import { closeAfterEntry, type Repair, repairXml } from './repair.js';
import { inflateBody } from './response-body.js';
import { plainText, type RawText } from './text.js';
import { ttlSeconds } from './ttl.js';

/** Decoded bytes beyond this are refused; the fetch has its own, lower cap while streaming. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Entries read of one document; the rest is left and flagged `entry-cap`. Real feeds have at most a few hundred. */
export const MAX_ENTRIES = 1000;

// rss-parser makes a snippet of every description with regular expressions that are quadratic in its length (a megabyte of
// `<b` takes an hour). Nothing here reads the snippets.
createRequire(import.meta.url)('rss-parser/lib/utils').getSnippet = () => '';

/**
 * Bytes of a feed to entries: decode, repair, then rss-parser; feedsmith where rss-parser throws, finds less than is there or
 * leaves out a title, link, id or date; the outline's own tolerant reading last. Entries come in the order of the document.
 */
export const readFeedBytes: ReadFeedBytes = async (body, context) => {
  if (body.byteLength > MAX_BODY_BYTES)
    throw new Failure('too-large', `The body has ${body.byteLength} bytes; at most ${MAX_BODY_BYTES} are read.`, {
      fault: 'size',
    });
  // Saved feeds are often compressed; a fetched one is not any more.
  const plain = await inflateBody(body, null, MAX_BODY_BYTES);
  const { text, encoding, invalidBytes } = decodeBytes(plain.body, context.contentType);
  const kind = KINDS[context.kind ?? 'feed'];
  if (kind.read) return kind.read(text, encoding, context);
  const repairs = new Set<Repair>();
  if (invalidBytes) repairs.add('invalid-bytes');
  if (context.truncated || plain.truncated) repairs.add('truncated');
  const document = await readDocument(text, context, repairs);
  const feed = finishFeed(document, encoding, context, repairs);
  return kind.refine ? kind.refine(feed, context) : feed;
};

interface Document extends DraftFeed {
  format: FeedFormat;
  problems: string[];
}

async function readDocument(text: string, context: ReadContext, repairs: Set<Repair>): Promise<Document> {
  const content = text.replace(/^[\s\ufeff\0]+/, '');
  if (content === '') throw new Failure('not-a-feed', 'The body is empty.', { fault: 'empty-body' });
  if (content.startsWith('{')) return readJson(content, repairs);
  if (looksLikeHtml(text)) throw refusePage(text, context.finalUrl);
  const repaired = repairXml(text);
  for (const repair of repaired.repairs) repairs.add(repair);
  const outline = outlineFeed(repaired.text, MAX_ENTRIES);
  if (outline.format === null) throw refuseDocument(repaired.text, context.finalUrl);
  const format = outline.format;
  if (outline.stopped === 'depth') return readShallow(outline, format, repairs);
  if (outline.stopped === null) return { ...(await readXml(repaired.text, outline)), format, problems: [] };
  const head = closeAfterEntry(repaired.text, outline.endIndex);
  return { ...(await readXml(head, outline)), format, problems: tellCap(repairs) };
}

function readJson(text: string, repairs: Set<Repair>): Document {
  const reading = readJsonFeed(text, MAX_ENTRIES);
  return { ...reading, format: 'json', problems: reading.itemCount > MAX_ENTRIES ? tellCap(repairs) : [] };
}

function tellCap(repairs: Set<Repair>): string[] {
  repairs.add('entry-cap');
  return [`The feed holds more than ${MAX_ENTRIES} entries; the first ${MAX_ENTRIES} were read.`];
}

/** The readers in turn. The outline says what is there; the first reader that has it all is the one that is believed. */
async function readXml(xml: string, outline: Outline): Promise<DraftFeed> {
  const first = await attempt(() => readByRssParser(xml));
  if (first && hasAll(first.drafts, outline.drafts)) return complete(first, outline);
  const second = await attempt(() => readByFeedsmith(xml, MAX_ENTRIES));
  const best = [first, second].find((reading) => reading !== null && reading.drafts.length >= outline.drafts.length);
  if (!best) return outline;
  if (second && best !== second) fillDrafts(best.drafts, second.drafts);
  return complete(best, outline);
}

function hasAll(drafts: Draft[], there: Draft[]): boolean {
  return drafts.length >= there.length && there.every((draft, i) => !lacks(drafts[i]!, draft));
}

/** Fields that the believed reader lacks, of the entries and of the feed, from the outline. */
function complete(reading: DraftFeed, outline: Outline): DraftFeed {
  fillDrafts(reading.drafts, outline.drafts);
  // The libraries take any link for the page of the feed.
  return { ...outline, ...withoutNulls(reading), link: outline.link ?? reading.link };
}

/** Both lists tell of the same document; when they differ in length they cannot be laid side by side. */
function fillDrafts(drafts: Draft[], others: Draft[]): void {
  if (drafts.length !== others.length) return;
  for (const [i, draft] of drafts.entries()) fillDraft(draft, others[i]!);
}

function withoutNulls<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Partial<T>;
}

/** A reader's answer, or null when it throws: the next one is asked then. */
async function attempt<T>(read: () => T | Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch {
    // What a library cannot read is no fault of the feed yet; when all fail the outline's reading is used.
    return null;
  }
}

/** Too deep for the other readers: the entries before that place are kept. */
function readShallow(outline: Outline, format: FeedFormat, repairs: Set<Repair>): Document {
  const problem = `Elements are nested more than ${MAX_DEPTH} levels deep in entry ${outline.drafts.length + 1}; it and the rest were not read.`;
  if (outline.drafts.length === 0) throw new Failure('malformed', problem, { fault: 'parse' });
  repairs.add('truncated');
  return { ...outline, format, problems: [problem] };
}

function finishFeed(document: Document, encoding: string, context: ReadContext, repairs: Set<Repair>): ReadFeed {
  const feed = { link: document.link, language: languageCode(document.language) };
  const finished = document.drafts.map((draft) => finishEntry(draft, feed, context));
  if (finished.some(({ isMojibake }) => isMojibake)) repairs.add('mojibake');
  const problems = [...document.problems];
  const entries = finished.flatMap(({ entry }, i) => {
    if (!isBlank(entry) || context.keepBlank) return [entry];
    problems.push(`Entry ${i + 1} holds no title, link, id or text.`);
    return [];
  });
  return {
    format: document.format,
    encoding,
    title: document.title === null ? null : textOrNull(plainText(document.title, 500)),
    language: feed.language,
    entries,
    repairs: [...repairs].sort(),
    problems,
    ttlSeconds: ttlSeconds(document),
  };
}

/** What xml2js makes of an element. */
type Node = string | { _?: string; $?: Record<string, string> };
type Nodes = Node[] | undefined;
interface RssItem {
  [field: string]: unknown;
}

/** A new parser for each document: after an error the XML parser inside keeps its state and misreads the next one. */
const createRssParser = () =>
  new RssParser<Record<string, unknown>, RssItem>({
    // `<rss>` without a version is common.
    defaultRSS: 2,
    customFields: {
      feed: ['ttl', 'language', 'sy:updatePeriod', 'sy:updateFrequency'],
      item: [
        ['title', 'titles', { keepArray: true }],
        ['link', 'links', { keepArray: true }],
        ['atom:link', 'atomLinks', { keepArray: true }],
        ['guid', 'guids', { keepArray: true }],
        ['id', 'ids', { keepArray: true }],
        ['description', 'descriptions', { keepArray: true }],
        ['summary', 'summaries', { keepArray: true }],
        ['content', 'contents', { keepArray: true }],
        ['content:encoded', 'encoded', { keepArray: true }],
        ['pubDate', 'pubDates', { keepArray: true }],
        ['dc:date', 'dcDates', { keepArray: true }],
        ['published', 'publisheds', { keepArray: true }],
        ['issued', 'issueds', { keepArray: true }],
        ['updated', 'updateds', { keepArray: true }],
        ['modified', 'modifieds', { keepArray: true }],
        ['$', 'attributes'],
      ] as never,
    },
  });

async function readByRssParser(xml: string): Promise<DraftFeed> {
  const feed = await createRssParser().parseString(xml);
  const isAtom = /<feed[\s>]/.test(xml.slice(0, 20_000)) && !/<rss[\s>]/.test(xml.slice(0, 20_000));
  const markup: RawText['markup'] = isAtom ? 'text' : 'html';
  return {
    title: typeof feed.title === 'string' ? { value: feed.title, markup: 'html' } : null,
    language: textOrNull(feed.language),
    link: textOrNull(feed.link),
    ttlMinutes: textOrNull(feed.ttl),
    updatePeriod: textOrNull(feed['sy:updatePeriod']),
    updateFrequency: textOrNull(feed['sy:updateFrequency']),
    drafts: feed.items.map((item) => rssParserDraft(item, isAtom, markup)),
  };
}

function rssParserDraft(item: RssItem, isAtom: boolean, markup: RawText['markup']): Draft {
  const guid = (item.guids as Nodes)?.[0];
  const permalink = typeof guid === 'object' ? guid.$?.isPermaLink : undefined;
  const about = (item.attributes as Record<string, string> | undefined)?.['rdf:about'];
  return {
    id: nodeText(guid) ?? (isAtom ? nodeText((item.ids as Nodes)?.[0]) : null) ?? textOrNull(about),
    isPermalink: permalink === undefined ? null : permalink.trim().toLowerCase() !== 'false',
    title: nodeRaw(item.titles as Nodes, markup),
    summary: isAtom
      ? (nodeRaw(item.summaries as Nodes, markup) ?? nodeRaw(item.contents as Nodes, markup))
      : (nodeRaw(item.descriptions as Nodes, markup) ?? nodeRaw(item.encoded as Nodes, markup)),
    links: [...nodeLinks(item.links as Nodes, isAtom), ...nodeLinks(item.atomLinks as Nodes, true)],
    published: firstText(item.pubDates, item.publisheds, item.issueds, item.dcDates),
    updated: firstText(item.updateds, item.modifieds),
    language: null,
  };
}

function nodeText(node: Node | undefined): string | null {
  return textOrNull(typeof node === 'object' ? node._ : node);
}

function firstText(...nodes: unknown[]): string | null {
  for (const list of nodes)
    for (const node of (list as Nodes) ?? []) if (nodeText(node) !== null) return nodeText(node);
  return null;
}

/** Text of the first element that has some; null when it holds elements, whose order xml2js forgets. */
function nodeRaw(nodes: Nodes, markup: RawText['markup']): RawText | null {
  for (const node of nodes ?? []) {
    if (typeof node === 'object' && Object.keys(node).some((key) => key !== '_' && key !== '$')) return null;
    const value = nodeText(node);
    if (value === null) continue;
    const { type, mode } = (typeof node === 'object' ? node.$ : undefined) ?? {};
    return { value, markup: markup === 'text' ? atomMarkup(type, mode) : markup };
  }
  return null;
}

function nodeLinks(nodes: Nodes, isAtom: boolean): RawLink[] {
  return (nodes ?? []).flatMap((node) => {
    const attributes = typeof node === 'object' ? (node.$ ?? {}) : {};
    const href = textOrNull(attributes.href) ?? nodeText(node);
    const hasHref = attributes.href !== undefined;
    return href === null
      ? []
      : [
          {
            href,
            rel: isAtom || hasHref ? (attributes.rel ?? '') : null,
            type: attributes.type ?? null,
            base: null,
          },
        ];
  });
}
