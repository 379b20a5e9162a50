import { Parser } from 'htmlparser2';
import { type DraftFeed, textOrNull } from './draft.js';
import type { FeedFormat } from './feed.js';
import { append, attribute, type Field, Fields } from './fields.js';
import { enterScope, resolveName, type Scope } from './namespaces.js';

/** Deeper nesting than this is an attack or a loop, and would overflow the stack of other readers. */
export const MAX_DEPTH = 200;
export interface Outline extends DraftFeed {
  /** Null when the root is no feed. */
  format: FeedFormat | null;
  /** Index in the text behind the last entry that was read. */
  endIndex: number;
  /** Why reading stopped early. */
  stopped: 'depth' | 'entries' | null;
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
  let found: Fields | null = null;
  const head = new Fields();
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
    found = new Fields(attribute(attributes, 'rdf:about'), languages.at(-1) ?? null);
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
