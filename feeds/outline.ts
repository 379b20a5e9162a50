import { Parser } from 'htmlparser2';
import { atomMarkup, type Draft, type DraftFeed, type RawLink, textOrNull } from './draft.js';
import type { FeedFormat } from './feed.js';
import { enterScope, resolveName, type Scope } from './namespaces.js';
import type { RawText } from './text.js';

/** Deeper nesting than this is an attack or a loop, and would overflow the stack of other readers. */
export const MAX_DEPTH = 200;
/** Text of one field beyond this is not kept. */
const MAX_FIELD_LENGTH = 400_000;

export interface Outline extends DraftFeed {
  /** Null when the root is no feed. */
  format: FeedFormat | null;
  /** Index in the text behind the last entry that was read. */
  endIndex: number;
  /** Why reading stopped early. */
  stopped: 'depth' | 'entries' | null;
}

interface Field {
  key: string;
  depth: number;
  attributes: Record<string, string>;
  base: string | null;
  parts: string[];
  length: number;
  /** Elements stand in the text unescaped, so its own angle brackets must be escaped. */
  isXhtml: boolean;
  /** Elements stood in it. */
  isMixed: boolean;
}

/**
 * Reads a document with a tolerant tokenizer that needs no well-formed XML, in one pass and constant stack. It tells how many
 * entries are there and what each of them holds, so that the answers of the other readers can be checked and completed;
 * it is also the reader of last resort.
 */
export function outlineFeed(text: string, maxEntries: number): Outline {
  const outline: Outline = {
    format: null,
    title: null,
    language: null,
    link: null,
    ttlMinutes: null,
    updatePeriod: null,
    updateFrequency: null,
    drafts: [],
    endIndex: 0,
    stopped: null,
  };
  const scopes: Scope[] = [new Map()];
  const bases: Array<string | null> = [null];
  const languages: Array<string | null> = [null];
  let depth = 0;
  let headDepth = 0;
  let entryDepth = 0;
  let found: Found | null = null;
  const head = new Found();
  let field: Field | null = null;

  const stop = (why: 'depth' | 'entries') => {
    outline.stopped = why;
    parser.pause();
  };

  const parser: Parser = new Parser(
    {
      onopentag(name, attributes) {
        if (outline.stopped) return;
        depth++;
        if (depth > MAX_DEPTH) return stop('depth');
        const scope = enterScope(scopes.at(-1)!, attributes);
        scopes.push(scope);
        bases.push(joinBase(bases.at(-1) ?? null, attribute(attributes, 'xml:base')));
        languages.push(textOrNull(attribute(attributes, 'xml:lang')) ?? languages.at(-1) ?? null);
        const { space, local } = resolveName(scope, name);
        const isEntry = (local === 'item' || local === 'entry') && isFeedSpace(space);
        if (field && !(isEntry && entryDepth === 0)) {
          append(field, `<${local}>`);
          field.isMixed = true;
          return;
        }
        if (outline.format === null) {
          outline.format = formatOf(local, space);
          if (outline.format !== null) headDepth = depth;
          if (local === 'entry' || local === 'item') startEntry(attributes);
          return;
        }
        // An element of the head that was never closed must not swallow the entries behind it.
        if (entryDepth === 0 && isEntry) {
          field = null;
          startEntry(attributes);
        } else if (entryDepth === 0) {
          if (local === 'channel' && isFeedSpace(space)) headDepth = depth;
          else if (depth === headDepth + 1) field = openField(`${headSpace(space)}${local}`, attributes);
        } else if (isEntry && depth === entryDepth + 1) {
          // An entry right inside an entry: the one around it was never closed.
          endEntry(parser.startIndex);
          startEntry(attributes);
        } else if (space === 'media') {
          // Titles and descriptions of media may stand in groups.
          if (local !== 'group' && local !== 'content') field = openField(`media:${local}`, attributes);
        } else if (depth === entryDepth + 1) field = openField(`${headSpace(space)}${local}`, attributes);
      },
      ontext(text) {
        if (field && !outline.stopped)
          append(field, field.isXhtml ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;') : text);
      },
      onclosetag(name) {
        if (outline.stopped) return;
        if (field && field.depth === depth) {
          (found ?? head).take(field);
          field = null;
        } else if (field) append(field, `</${name.slice(name.indexOf(':') + 1).toLowerCase()}>`);
        if (found && depth === entryDepth) {
          endEntry(parser.endIndex + 1);
          if (outline.drafts.length >= maxEntries) stop('entries');
        }
        scopes.pop();
        bases.pop();
        languages.pop();
        depth--;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );

  function startEntry(attributes: Record<string, string>) {
    entryDepth = depth;
    found = new Found(attribute(attributes, 'rdf:about'), languages.at(-1) ?? null);
  }

  function endEntry(endIndex: number) {
    if (found) outline.drafts.push(found.draft(outline.format));
    outline.endIndex = endIndex;
    found = null;
    entryDepth = 0;
  }

  function openField(key: string, attributes: Record<string, string>): Field {
    const isXhtml =
      attribute(attributes, 'type')?.toLowerCase().includes('xhtml') === true ||
      attribute(attributes, 'mode') === 'xml';
    return { key, depth, attributes, base: bases.at(-1) ?? null, parts: [], length: 0, isXhtml, isMixed: false };
  }

  parser.write(text);
  if (!outline.stopped) parser.end();
  Object.assign(outline, head.feed(outline.format));
  outline.language ??= languages[1] ?? null;
  return outline;
}

function append(field: Field, text: string): void {
  if (field.length >= MAX_FIELD_LENGTH) return;
  field.parts.push(text);
  field.length += text.length;
}

/** Attributes are looked up whatever their case: upper-case feeds exist. */
function attribute(attributes: Record<string, string>, name: string): string | null {
  if (Object.hasOwn(attributes, name)) return attributes[name] ?? null;
  for (const key of Object.keys(attributes)) if (key.toLowerCase() === name) return attributes[key] ?? null;
  return null;
}

function formatOf(local: string, space: string): FeedFormat | null {
  if (local === 'rss' || local === 'channel') return 'rss';
  if (local === 'feed' || (local === 'entry' && (space === 'atom' || space === ''))) return 'atom';
  if (local === 'rdf') return 'rdf';
  return null;
}

/** Elements of the feed itself: RSS, Atom, no namespace, or a default namespace that nobody knows. */
function isFeedSpace(space: string): boolean {
  return space === '' || space === 'rss' || space === 'atom' || space.startsWith('?');
}

function headSpace(space: string): string {
  return space === '' || space === 'rss' ? '' : `${space}:`;
}

/** `xml:base` values stack up: a relative one is relative to the one around it (XML Base section 4.2). */
function joinBase(outer: string | null, inner: string | null): string | null {
  const base = textOrNull(inner);
  if (base === null) return outer;
  if (outer === null || URL.canParse(base)) return base;
  return URL.canParse(base, outer) ? new URL(base, outer).href : base;
}

/** The fields of one entry, or of the feed's head, as they come. The first one of a name wins. */
class Found {
  private readonly fields = new Map<string, Field>();
  private readonly links: RawLink[] = [];

  constructor(
    private readonly about: string | null = null,
    private readonly language: string | null = null,
  ) {}

  take(field: Field): void {
    if (field.key === 'link' || field.key === 'atom:link') {
      const href = textOrNull(attribute(field.attributes, 'href')) ?? textOrNull(field.parts.join(''));
      if (href !== null) {
        const isAtom = field.key === 'atom:link' || attribute(field.attributes, 'href') !== null;
        this.links.push({
          href,
          rel: isAtom ? (attribute(field.attributes, 'rel') ?? '') : null,
          type: attribute(field.attributes, 'type'),
          base: field.base,
        });
      }
    }
    const known = this.fields.get(field.key);
    if (!known || known.parts.join('').trim() === '') this.fields.set(field.key, field);
  }

  private text(...keys: string[]): string | null {
    for (const key of keys) {
      const text = textOrNull(this.fields.get(key)?.parts.join(''));
      if (text !== null) return text;
    }
    return null;
  }

  /** RSS text is HTML that somebody may have escaped; Atom says what it is. */
  private marked(format: FeedFormat | null, ...keys: string[]): RawText | null {
    for (const key of keys) {
      const field = this.fields.get(key);
      const value = textOrNull(field?.parts.join(''));
      if (field === undefined || value === null) continue;
      const isAtom = key.startsWith('atom:') || (format === 'atom' && !key.includes(':'));
      const { isMixed } = field;
      if (!isAtom) return { value, markup: 'html', isMixed };
      const markup = field.isXhtml
        ? 'html'
        : atomMarkup(attribute(field.attributes, 'type'), attribute(field.attributes, 'mode'));
      return { value, markup, isMixed };
    }
    return null;
  }

  draft(format: FeedFormat | null): Draft {
    const guid = this.fields.get('guid');
    const permalink = guid ? attribute(guid.attributes, 'ispermalink') : null;
    return {
      id: this.text('guid', 'atom:id', 'id') ?? textOrNull(this.about),
      isPermalink: permalink === null ? null : permalink.trim().toLowerCase() !== 'false',
      title: this.marked(format, 'title', 'atom:title', 'dc:title', 'media:title'),
      summary: this.marked(
        format,
        'description',
        'atom:summary',
        'summary',
        'content:encoded',
        'atom:content',
        'content',
        'dc:description',
        'media:description',
        'itunes:summary',
      ),
      links: this.links,
      published: this.text(
        'pubdate',
        'atom:published',
        'published',
        'atom:issued',
        'issued',
        'dcterms:issued',
        'dc:date',
        'dcterms:created',
        'atom:created',
        'created',
        'dcterms:date',
        'date',
      ),
      updated: this.text('atom:updated', 'updated', 'atom:modified', 'modified', 'dcterms:modified', 'lastbuilddate'),
      language: this.text('dc:language', 'language') ?? this.language,
    };
  }

  /** The feed's own page; its own address when the page is relative, as relative links need an absolute base. */
  private homePage(): string | null {
    const pages = this.links.filter(({ rel }) => rel === null || rel === '' || rel === 'alternate');
    const own = this.links.filter(({ rel }) => rel === 'self');
    return [...pages, ...own].find(({ href }) => URL.canParse(href))?.href ?? pages[0]?.href ?? null;
  }

  feed(format: FeedFormat | null): Omit<DraftFeed, 'drafts'> {
    return {
      title: this.marked(format, 'title', 'atom:title', 'dc:title'),
      language: this.text('language', 'dc:language'),
      link: this.homePage(),
      ttlMinutes: this.text('ttl'),
      updatePeriod: this.text('sy:updateperiod'),
      updateFrequency: this.text('sy:updatefrequency'),
    };
  }
}
