import type { RawText } from './text.js';

/** A link as it stands in an entry; `base` is the `xml:base` in force there, still relative or null. */
export interface RawLink {
  href: string;
  rel: string | null;
  type: string | null;
  base: string | null;
}

/** One entry as a reader found it, before titles, links and dates are understood. All readers produce this. */
export interface Draft {
  id: string | null;
  /** What `isPermaLink` says; null when it says nothing. */
  isPermalink: boolean | null;
  title: RawText | null;
  summary: RawText | null;
  links: RawLink[];
  published: string | null;
  updated: string | null;
  language: string | null;
}

/** A document as a reader found it. */
export interface DraftFeed {
  title: RawText | null;
  language: string | null;
  /** Home page of the feed, as written. */
  link: string | null;
  ttlMinutes: string | null;
  updatePeriod: string | null;
  updateFrequency: string | null;
  drafts: Draft[];
}

/** Trims; a blank string is as good as none. */
export function textOrNull(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}

/**
 * Atom's `type`: `text` unless told (RFC 4287 section 3.1.1); media types as Atom 0.3 wrote them. Readers give text whose
 * XML is already decoded, so `xhtml` has become markup like `html`.
 */
export function atomMarkup(type: string | null | undefined, mode?: string | null): RawText['markup'] {
  const folded = (type ?? '').trim().toLowerCase();
  if (mode === 'escaped') return folded === '' || folded === 'text/plain' || folded === 'text' ? 'text' : 'html';
  return folded === 'html' || folded === 'xhtml' || folded.includes('html') || folded === 'application/xml'
    ? 'html'
    : 'text';
}

/** Copies into `target` what it lacks and `other` has; both tell of the same entry. */
export function fillDraft(target: Draft, other: Draft): void {
  if (target.id === null) {
    target.id = other.id;
    target.isPermalink = other.isPermalink;
  } else if (target.id === other.id) target.isPermalink ??= other.isPermalink;
  // Libraries give mixed content as it stands, unclosed elements included, or lose its order.
  if (other.title?.isMixed) target.title = other.title;
  if (other.summary?.isMixed) target.summary = other.summary;
  target.title ??= other.title;
  target.summary ??= other.summary;
  if (target.links.length === 0) target.links = other.links;
  else for (const link of target.links) link.base ??= other.links.find(({ href }) => href === link.href)?.base ?? null;
  target.published ??= other.published;
  target.updated ??= other.updated;
  target.language ??= other.language;
}

/** Whether `other` knows something of the entry that `draft` lacks. */
export function lacks(draft: Draft, other: Draft): boolean {
  return (
    (draft.id === null && other.id !== null) ||
    (draft.title === null && other.title !== null) ||
    (draft.links.length === 0 && other.links.length > 0) ||
    (draft.published === null && draft.updated === null && (other.published ?? other.updated) !== null)
  );
}
