import { Parser } from 'htmlparser2';
import { resolveLink } from './links.js';

const FEED_TYPES =
  /^(?:application\/(?:rss|atom|rdf|feed)\+(?:xml|json)|application\/json|text\/xml|application\/xml)$/i;
const MAX_SUGGESTIONS = 10;

/** Whether the text is a web page, judged by how it begins; a feed with HTML inside is none. */
export function looksLikeHtml(text: string): boolean {
  const head = text.slice(0, 4000).replace(/^\ufeff/, '');
  const start = head.replace(/^(?:\s+|<!--(?:[^-]|-(?!->)){0,2000}-->|<\?xml[^>]{0,200}\?>)*/i, '');
  if (/^<(?:!doctype\s+html|html|head|body)[\s>]/i.test(start)) return true;
  // Fragments of a page, as error handlers print them, and no feed behind them.
  return (
    /^<(?:div|p|h1|h2|title|meta|script|center|table|br|b|span)[\s/>]/i.test(start) &&
    !/<(?:[\w.-]+:)?(?:rss|feed|rdf)[\s>]/i.test(text)
  );
}

/**
 * Feeds that a page names (`link rel=alternate`), absolute, at most ten; `<base>` is honoured. The JSON interface of WordPress
 * is no feed although it says so.
 */
export function discoverFeeds(html: string, pageUrl: string): string[] {
  const found: string[] = [];
  let base: string | null = null;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'base' && base === null && attributes.href) base = attributes.href;
      if (name !== 'link' && name !== 'a') return;
      const rel = (attributes.rel ?? '').toLowerCase().split(/\s+/);
      if (!rel.includes('alternate') || !FEED_TYPES.test((attributes.type ?? '').split(';')[0]!.trim())) return;
      const href = attributes.href ?? '';
      const isJson = /json/i.test(attributes.type ?? '') && !/feed\+json/i.test(attributes.type ?? '');
      if (isJson || href.includes('/wp-json/')) return;
      const url = resolveLink(href, [base, pageUrl]);
      if (url !== null && !found.includes(url) && found.length < MAX_SUGGESTIONS) found.push(url);
    },
  });
  parser.end(html.slice(0, 500_000));
  return found;
}
