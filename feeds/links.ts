import type { Draft, RawLink } from './draft.js';
import { cleanText, cutText } from './text.js';

/** Longer addresses are not kept. */
const MAX_URL_LENGTH = 4000;

/**
 * Absolute http(s) form of a link, or null. An address that is absolute already is kept as it is written; a relative one is
 * resolved against the first base that is absolute, in the order given: `xml:base`, the feed's own link, the address of the
 * document.
 */
export function resolveLink(href: string, bases: Array<string | null | undefined>): string | null {
  // White space inside an address is a line break of the feed's author (WHATWG URL section 4.1 drops it, too).
  const link = cleanText(href)
    .trim()
    .replace(/[\t\n\r]/g, '');
  if (link === '' || link.length > MAX_URL_LENGTH) return null;
  if (/^[a-z][a-z\d+.-]*:/i.test(link) && !/^[\w.-]+:\d+(?:\/|$)/.test(link))
    return isHttp(link) ? link.replaceAll(' ', '%20') : null;
  const start = bases.findIndex((base) => base !== null && base !== undefined && isHttp(base));
  if (start === -1) return null;
  // A relative base in front of the absolute one narrows it (`xml:base="/news/"`).
  let base = bases[start]!;
  for (const narrower of bases.slice(0, start).reverse()) {
    if (narrower && URL.canParse(narrower, base)) base = new URL(narrower, base).href;
  }
  if (!URL.canParse(link, base)) return null;
  const resolved = new URL(link, base);
  return resolved.protocol === 'http:' || resolved.protocol === 'https:' ? resolved.href : null;
}

function isHttp(link: string): boolean {
  if (!URL.canParse(link)) return false;
  const { protocol } = new URL(link);
  return protocol === 'http:' || protocol === 'https:';
}

/**
 * The link of an entry: an RSS `link`, else Atom's `alternate` (HTML before other types), else one without `rel`, else the
 * first one that leads to a page; null when there is none.
 */
export function chooseLink(links: RawLink[]): RawLink | null {
  const plain = links.find((link) => link.rel === null);
  if (plain) return plain;
  const withRel = (wanted: RegExp) => links.filter((link) => wanted.test(link.rel?.trim() ?? ''));
  const isPage = (link: RawLink) => link.type === null || link.type.includes('html');
  const alternates = withRel(/^alternate$/i);
  return (
    alternates.find(isPage) ??
    alternates[0] ??
    withRel(/^$/)[0] ??
    withRel(/^(?!(?:enclosure|self|edit|replies|hub|next|prev|license|via)).+/i)[0] ??
    withRel(/^self$/i)[0] ??
    null
  );
}

/**
 * Address of an entry, resolved; the guid stands in when the feed does not say that it is no permalink. A saved file has no
 * address of its own: with a `finalUrl` that is not http(s), a relative link that nothing resolves stays as it is written.
 */
export function entryUrl(draft: Draft, feedLink: string | null, finalUrl: string): string | null {
  const link = chooseLink(draft.links);
  if (link) {
    const resolved = resolveLink(link.href, [link.base, feedLink, finalUrl]);
    if (resolved !== null) return resolved;
    if (!isHttp(finalUrl) && !/^[a-z][a-z\d+.-]*:/i.test(link.href))
      return cutText(cleanText(link.href), MAX_URL_LENGTH);
  }
  if (draft.id === null || draft.isPermalink === false) return null;
  if (/^https?:\/\//i.test(draft.id)) return resolveLink(draft.id, []);
  return draft.isPermalink && draft.id.startsWith('/') ? resolveLink(draft.id, [feedLink, finalUrl]) : null;
}
