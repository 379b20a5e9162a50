import { digest } from './digest.js';

/** `(12 comments)`, `[3 replies]`, `12 комментариев` at the end of a text: a counter that moves is not news. */
const COUNTER =
  /[\s\-–—|·•,;:]*[([]?\s*\d[\d.,]*\s*(?:comments?|replies|reply|views?|shares?|likes?|комментари\p{L}*|просмотр\p{L}*|评论|댓글|نظر)\s*[)\]]?\s*$/iu;

/** Tags and character references that slipped through: markup is not news either. */
const MARKUP = /<\/?[a-z][^<>]*>|<!--[\s\S]*?-->/gi;
const REFERENCES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
/** Characters nobody sees: soft hyphen, zero-width space and joiners at will, direction marks, byte order mark. */
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/**
 * Content of an item as a digest that is equal as long as a reader would see no difference. An edit of title or text changes it;
 * markup, white space, invisible characters and a comment counter at the end do not.
 */
export function fingerprint(content: { title: string; summary: string }): string {
  return digest(`${normalText(content.title)}\n${normalText(content.summary)}`);
}

/** Text reduced to what a reader sees, without a counter at its end. */
export function normalText(text: string): string {
  return text
    .replace(MARKUP, ' ')
    .replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (_, name: string) => REFERENCES[name] ?? '')
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(COUNTER, '');
}
