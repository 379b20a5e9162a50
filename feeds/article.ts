import { Parser } from 'htmlparser2';
import { isPlausible, readDate } from './dates.js';
import { languageCode } from './entry.js';
import { readText } from './text.js';

const MAX_TITLE_LENGTH = 1000;
const MAX_SUMMARY_LENGTH = 10_000;
/** What an article says of itself stands in its head; pages beyond this are read no further. */
const MAX_HTML_LENGTH = 3_000_000;
const MAX_JSON_LENGTH = 300_000;
const MAX_JSON_BLOCKS = 20;
const MAX_TEXT_LENGTH = 20_000;

/** A value and the place in the page that gave it, such as `og:title`. */
export interface Told<T> {
  value: T;
  from: string;
}

/** One article as a feed of its outlet would have told it; null where the page does not say. */
export interface Article {
  title: Told<string> | null;
  summary: Told<string> | null;
  language: Told<string> | null;
  publishedAt: Told<Date> | null;
}

/** Everything a page says that is looked at, by the name of its place. */
interface Finds {
  meta: Map<string, string>;
  texts: Map<string, string>;
  json: string[];
}

/**
 * Reads what a web page says of its article: Open Graph first, then the article of its JSON-LD, then plain HTML. Each value
 * carries where it came from. Never throws on bad markup or bad JSON.
 */
export function readArticle(html: string, context: { now: Date; timezone: string | null }): Article {
  const finds = readFinds(html.slice(0, MAX_HTML_LENGTH));
  const json = articleOf(finds.json);
  const outlet = clean(finds.meta.get('og:site_name'), MAX_TITLE_LENGTH);
  const first = <T>(places: Array<[from: string, text: unknown]>, read: (text: string) => T | null): Told<T> | null => {
    for (const [from, text] of places) {
      const value = typeof text === 'string' ? read(text) : null;
      if (value !== null) return { value, from };
    }
    return null;
  };
  const { meta, texts } = finds;
  return {
    title: first(
      [
        ['og:title', meta.get('og:title')],
        ['JSON-LD headline', json?.headline],
        ['twitter:title', meta.get('twitter:title')],
        ['title', texts.get('title')],
        ['h1', texts.get('h1')],
      ],
      (text) => withoutOutlet(clean(text, MAX_TITLE_LENGTH), outlet),
    ),
    summary: first(
      [
        ['og:description', meta.get('og:description')],
        ['meta description', meta.get('description')],
        ['JSON-LD description', json?.description],
        ['twitter:description', meta.get('twitter:description')],
      ],
      (text) => clean(text, MAX_SUMMARY_LENGTH),
    ),
    language: first(
      [
        ['lang attribute', texts.get('lang')],
        ['og:locale', meta.get('og:locale')],
        ['JSON-LD inLanguage', json?.inLanguage],
        ['content-language', meta.get('content-language')],
      ],
      languageCode,
    ),
    publishedAt: first(
      [
        ['article:published_time', meta.get('article:published_time')],
        ['JSON-LD datePublished', json?.datePublished],
        ['time', texts.get('time')],
      ],
      (text) => plausibleDate(text, context),
    ),
  };
}

function readFinds(html: string): Finds {
  const finds: Finds = { meta: new Map(), texts: new Map(), json: [] };
  let open: { name: string; parts: string[]; length: number } | null = null;
  const limits: Record<string, number> = { title: MAX_TEXT_LENGTH, h1: MAX_TEXT_LENGTH, script: MAX_JSON_LENGTH };
  /** Titles of drawings inside the page are none of the page's. */
  let drawings = 0;
  const keep = (name: string, value: string | undefined) => {
    if (value?.trim() && !finds.texts.has(name)) finds.texts.set(name, value);
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'html') keep('lang', attributes.lang ?? attributes['xml:lang']);
      else if (name === 'time') keep('time', attributes.datetime);
      else if (name === 'meta') readMeta(finds.meta, attributes);
      else if (name === 'svg') drawings++;
      else if (name === 'script' && !/^application\/ld\+json\b/i.test(attributes.type?.trim() ?? '')) return;
      else if (open === null && name in limits && drawings === 0) open = { name, parts: [], length: 0 };
    },
    ontext(text) {
      if (open === null || open.length > limits[open.name]!) return;
      open.parts.push(text);
      open.length += text.length;
    },
    onclosetag(name) {
      if (name === 'svg') drawings = Math.max(0, drawings - 1);
      if (open === null || open.name !== name) return;
      const text = open.parts.join('');
      if (name !== 'script') keep(name, text);
      else if (finds.json.length < MAX_JSON_BLOCKS && open.length <= MAX_JSON_LENGTH) finds.json.push(text);
      open = null;
    },
  });
  parser.end(html);
  return finds;
}

/** The first of each name counts, as readers of Open Graph do it. */
function readMeta(meta: Map<string, string>, attributes: Record<string, string>): void {
  const name = (attributes.property ?? attributes.name ?? attributes['http-equiv'] ?? '').trim().toLowerCase();
  const content = attributes.content ?? '';
  if (name !== '' && content.trim() !== '' && !meta.has(name)) meta.set(name, content);
}

const ARTICLE_TYPE = /(?:Article|Posting|Report)$/;

/** The first article among the blocks of JSON-LD, which hold an object, a list of them, or a `@graph`. */
function articleOf(blocks: readonly string[]): Record<string, unknown> | null {
  for (const block of blocks) {
    let document: unknown;
    try {
      document = JSON.parse(block);
    } catch {
      // Pages that break their own JSON are common, and the rest of the page still speaks.
      continue;
    }
    const found = nodesOf(document).find((node) =>
      [node['@type']].flat().some((type) => typeof type === 'string' && ARTICLE_TYPE.test(type)),
    );
    if (found) return found;
  }
  return null;
}

function nodesOf(document: unknown): Array<Record<string, unknown>> {
  const isNode = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object';
  const top = [document].flat().filter(isNode);
  return top.flatMap((node) => [node, ...[node['@graph'] ?? []].flat().filter(isNode)]);
}

/** Plain text, or null when nothing is left of it. */
function clean(text: string | undefined, maxLength: number): string | null {
  if (text === undefined) return null;
  return readText({ value: text, markup: 'html' }, maxLength).text || null;
}

/** "Headline - Outlet" without the outlet that the page names. */
function withoutOutlet(title: string | null, outlet: string | null): string | null {
  if (title === null || outlet === null || !title.endsWith(outlet)) return title;
  return title.slice(0, -outlet.length).replace(/\s*[-–—|·:]\s*$/, '') || title;
}

function plausibleDate(text: string, { now, timezone }: { now: Date; timezone: string | null }): Date | null {
  const date = readDate(text, timezone);
  return date !== null && isPlausible(date, now) ? date : null;
}
