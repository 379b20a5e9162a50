import { storableText } from '../core/identity/clean-entry.js';

/** NUL and lone surrogates as `JSON.stringify` writes them: Postgres refuses both in `jsonb`. */
const REFUSED = /\\u0000|\\ud[89a-f]/i;

/**
 * `value` as JSON that Postgres takes, for a parameter cast by `::text::jsonb`. Whatever text got here (a server's words in an error,
 * a span cut in the middle of a character) must not make a whole poll fail; the slow way is taken only when it is needed.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (!REFUSED.test(text)) return text;
  return JSON.stringify(value, (_, part) => (typeof part === 'string' ? storableText(part) : part));
}
