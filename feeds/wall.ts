import type { Article } from './article.js';

/** What stands in the way of an article, though its server answers 200. */
export type Wall = 'robots' | 'refusal' | 'consent';

/** Whole titles only: "Access denied: how a port was closed" is a headline. */
const WALLS: Array<[Wall, RegExp]> = [
  [
    'robots',
    /^(just a moment|attention required|are you a robot|are you human|robot check|human verification|verify(ing)? (that )?you are (a )?human|checking your browser( before accessing)?|one more step|pardon our interruption|ddos-guard)$/,
  ],
  ['refusal', /^(access denied|403 forbidden|request blocked|access to this page has been denied)$/],
  ['consent', /^(before you continue( to [\p{L}\p{N} ]{1,30})?|(your )?(privacy|cookie) (choices|consent))$/u],
];

/**
 * The wall that a page is by its title, with or without the outlet's name before or after it; null for an article. A page that
 * says when it was published is an article whatever its title.
 */
export function wallOf({ title, publishedAt }: Pick<Article, 'title' | 'publishedAt'>): Wall | null {
  if (title === null || publishedAt !== null) return null;
  const parts = title.value
    .toLowerCase()
    .split(/\s[|–—-]\s|!\s\|\s/)
    .map((part) => part.trim().replace(/[\s.…!?]+$/u, ''));
  // "Outlet - Are you a robot?" and "Access Denied | Outlet": a headline has more parts, or others.
  const ends = parts.length <= 2 ? parts : [];
  return WALLS.find(([, pattern]) => ends.some((part) => pattern.test(part)))?.[0] ?? null;
}
