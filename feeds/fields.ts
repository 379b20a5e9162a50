import { atomMarkup, type Draft, type DraftFeed, type RawLink, textOrNull } from './draft.js';
import type { FeedFormat } from './feed.js';
import type { RawText } from './text.js';

/** Text of one field beyond this is not kept. */
const MAX_FIELD_LENGTH = 400_000;

/** One element of an entry or of the feed's head while it is being read. */
export interface Field {
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

export function append(field: Field, text: string): void {
  if (field.length >= MAX_FIELD_LENGTH) return;
  field.parts.push(text);
  field.length += text.length;
}

/** Attributes are looked up whatever their case: upper-case feeds exist. */
export function attribute(attributes: Record<string, string>, name: string): string | null {
  if (Object.hasOwn(attributes, name)) return attributes[name] ?? null;
  for (const key of Object.keys(attributes)) if (key.toLowerCase() === name) return attributes[key] ?? null;
  return null;
}

/** The fields of one entry, or of the feed's head, as they come. The first one of a name wins. */
export class Fields {
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
