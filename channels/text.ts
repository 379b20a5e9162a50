/**
 * Feed text is hostile: it may carry control characters, text that runs backwards, mentions, markup and links to anywhere.
 * These functions are shared by all channels; what is markup in one chat only is escaped in that channel's own file.
 */

/** Bidi controls, zero-width and invisible characters, tags, noncharacters; the two joiners stay, Persian needs them. */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const LONE_SURROGATE = /\p{Surrogate}/gu;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** More marks on one letter than any script stacks: text that climbs over the lines around it. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;
/** Longest link a chat is given. */
const MAX_URL_LENGTH = 2000;

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** One clean line of at most `max` code points: no control or bidi characters, white space folded, well-formed UTF-16. */
export function cleanText(text: string, max: number): string {
  // Cut first: a megabyte title must not be walked by six regular expressions.
  const line = text
    .slice(0, max * 8)
    .replace(LONE_SURROGATE, '\ufffd')
    .replace(CONTROL, ' ')
    .replace(INVISIBLE, '')
    .replace(STACKED_MARKS, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  return truncate(line, max);
}

/** At most `max` code points, cut between what a reader sees as characters and marked with `…`. */
export function truncate(text: string, max: number): string {
  if (codePoints(text) <= max) return text;
  let kept = '';
  let length = 0;
  for (const { segment } of graphemes.segment(text)) {
    length += codePoints(segment);
    if (length > max - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** Limits of chats count code points, not UTF-16 units: an emoji is one. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** Breaks `@everyone`, `@channel` and any other handle with an invisible space, so that feed text pings nobody. */
export function breakMentions(text: string): string {
  return text.replace(/@(?=[\p{L}\p{N}_])/gu, '@\u200b');
}

/** The link as a chat may have it, or null: http(s) only, no user name or password in it, not endless. */
export function safeLink(url: string | null): string | null {
  if (url === null || url.length > MAX_URL_LENGTH || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return null;
  if (parsed.username !== '' || parsed.password !== '') return null;
  return parsed.href.length > MAX_URL_LENGTH ? null : parsed.href;
}
