import { Parser } from 'htmlparser2';
import { Failure } from '../core/errors.js';
import { type Draft, textOrNull } from './draft.js';
import { finishEntry, languageCode } from './entry.js';
import type { ReadContext, ReadFeed } from './feed.js';
import type { KindReader } from './kinds.js';
import { resolveLink } from './links.js';
import { type Element, matches, parseSelector, type Selector } from './select.js';

const MAX_ITEMS = 300;
const MAX_DEPTH = 500;
const MAX_TEXT_LENGTH = 20_000;

/**
 * A page that lists reports without a feed (OFAC's recent actions, press rooms). `options.list` holds selectors: `entry` finds the
 * elements of the list; `title`, `link`, `date` and `summary` are looked for inside each. Without `link` the first `a` with words
 * counts, without `title` its text; a `date` is read from `datetime` or `content` before the text.
 */
export const htmlListKind: KindReader = {
  read: (text, encoding, context) => {
    const page = collect(text, readSelectors(context.options?.list));
    if (page.items.length === 0)
      throw new Failure(
        'not-a-feed',
        'The page holds nothing that the selector of its entries finds; it may have been rebuilt.',
        { fault: 'parse' },
      );
    return toFeed(page, encoding, context);
  },
};

const PARTS = ['title', 'link', 'date', 'summary'] as const;
type Part = (typeof PARTS)[number];

interface Selectors {
  entry: Selector;
  parts: Partial<Record<Part, Selector>>;
}

/** Configuration checks these when it is loaded; here a wrong one fails the one feed that has it. */
function readSelectors(list: unknown): Selectors {
  const options = (typeof list === 'object' && list !== null ? list : {}) as Record<string, unknown>;
  const parse = (name: string): Selector | undefined => {
    const text = options[name];
    if (text === undefined || text === null) return undefined;
    const selector = typeof text === 'string' ? parseSelector(text) : null;
    if (selector === null)
      throw new Failure(
        'not-a-feed',
        `"${name}" of the list is not a selector that can be used: ${String(text).slice(0, 100)}`,
        { fault: 'parse' },
      );
    return selector;
  };
  const entry = parse('entry');
  if (!entry)
    throw new Failure('not-a-feed', 'A list page needs "list: {entry: …}", a selector of the elements of the list.', {
      fault: 'parse',
    });
  return { entry, parts: Object.fromEntries(PARTS.flatMap((part) => (parse(part) ? [[part, parse(part)]] : []))) };
}

interface Found {
  depth: number;
  parts: Partial<Record<Part, { text: string; depth: number | null; value: string | null }>>;
  anchor: { href: string; text: string; depth: number | null } | null;
}

interface Page {
  items: Found[];
  title: string;
  base: string | null;
  language: string | null;
  isCut: boolean;
}

function collect(html: string, { entry, parts }: Selectors): Page {
  const page: Page = { items: [], title: '', base: null, language: null, isCut: false };
  const path: Element[] = [];
  let found: Found | null = null;
  const parser: Parser = new Parser({
    onopentag(name, attributes) {
      path.push({ name, attributes });
      if (path.length > MAX_DEPTH) {
        page.isCut = true;
        parser.pause();
        return;
      }
      if (name === 'base') page.base ??= attributes.href ?? null;
      if (name === 'html') page.language ??= languageCode(attributes.lang ?? null);
      if (!found && matches(entry, path)) found = { depth: path.length, parts: {}, anchor: null };
      if (!found) return;
      for (const part of PARTS) {
        const selector = parts[part];
        if (!selector || found.parts[part] || !matches(selector, path, found.depth - 1)) continue;
        const value =
          part === 'link' ? attributes.href : part === 'date' ? (attributes.datetime ?? attributes.content) : undefined;
        found.parts[part] = { text: '', depth: path.length, value: value ?? null };
      }
      // A picture often links first; the link with words is the one that names the report.
      const isNamed = found.anchor !== null && (found.anchor.depth !== null || found.anchor.text.trim() !== '');
      if (name === 'a' && attributes.href && !isNamed)
        found.anchor = { href: attributes.href, text: '', depth: path.length };
    },
    ontext(text) {
      if (path.at(-1)?.name === 'title') page.title = (page.title + text).slice(0, 500);
      if (!found) return;
      for (const open of [...Object.values(found.parts), found.anchor])
        if (open && open.depth !== null && open.text.length < MAX_TEXT_LENGTH) open.text += text;
    },
    onclosetag() {
      if (found) {
        for (const open of [...Object.values(found.parts), found.anchor])
          if (open && open.depth === path.length) open.depth = null;
        if (found.depth === path.length) {
          page.items.push(found);
          found = null;
          if (page.items.length >= MAX_ITEMS) {
            page.isCut = true;
            parser.pause();
          }
        }
      }
      path.pop();
    },
  });
  parser.write(html);
  if (!page.isCut) parser.end();
  return page;
}

function toFeed(page: Page, encoding: string, context: ReadContext): ReadFeed {
  const base = page.base === null ? context.finalUrl : (resolveLink(page.base, [context.finalUrl]) ?? context.finalUrl);
  const problems: string[] = [];
  const entries = page.items.flatMap((found, i) => {
    const draft = toDraft(found);
    const { entry } = finishEntry(draft, { link: null, language: page.language }, { ...context, finalUrl: base });
    if (entry.title !== '' && entry.url !== null) return [entry];
    problems.push(`Element ${i + 1} of the list has no ${entry.title === '' ? 'title' : 'link'}.`);
    return [];
  });
  return {
    format: 'rss',
    encoding,
    title: textOrNull(page.title),
    language: page.language,
    entries,
    repairs: page.isCut ? ['entry-cap'] : [],
    problems,
    ttlSeconds: null,
  };
}

function toDraft({ parts, anchor }: Found): Draft {
  const href = textOrNull(parts.link?.value) ?? anchor?.href ?? null;
  const title = textOrNull(parts.title?.text) ?? textOrNull(anchor?.text) ?? textOrNull(parts.link?.text);
  const summary = textOrNull(parts.summary?.text);
  return {
    id: null,
    isPermalink: null,
    title: title === null ? null : { value: title, markup: 'text' },
    summary: summary === null ? null : { value: summary, markup: 'text' },
    links: href === null ? [] : [{ href, rel: null, type: null, base: null }],
    published: textOrNull(parts.date?.value) ?? textOrNull(parts.date?.text),
    updated: null,
    language: null,
  };
}
