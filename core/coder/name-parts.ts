import type { Grammar } from '../codebook/data.js';
import type { Doc } from './document.js';
import type { Mention } from './mentions.js';

/** Small words of one language, looked up by the word. */
interface Words {
  before: Map<string, string>;
  beforeAttached: Map<string, string>;
  /** Longest first. */
  afterAttached: Array<[string, string]>;
  skipped: Set<string>;
  possessive: string[];
}

/** The part a name plays in its clause, as a word like `with`, `to`, `from`, `start` or `other`. */
export type TellPart = (doc: Doc, mention: Mention) => string;

/** How far before a name its preposition is looked for, in characters. */
const REACH = 24;

/** Written here since an expression with classes of letters is made anew wherever it stands in a function. */
const SIGN = /[\p{P}\s]/u;
const WORD_OR_SIGN = /[\p{L}&]+|[^\s\p{L}]/gu;
const NO_LETTER = /^[^\p{L}&]/u;

/** Compiles the small words of a codebook; a language without any gives `other`. */
export function compileParts(grammar: Grammar): TellPart {
  const languages = new Map<string, Words>();
  const words = (lang: string): Words => {
    let known = languages.get(lang);
    if (!known) {
      const invert = (parts: Record<string, string[]> | undefined) =>
        Object.entries(parts ?? {}).flatMap(([part, list]) => list.map((word): [string, string] => [word, part]));
      known = {
        before: new Map(invert(grammar.before[lang])),
        beforeAttached: new Map(invert(grammar.beforeAttached[lang])),
        afterAttached: invert(grammar.afterAttached[lang]).sort((a, b) => b[0].length - a[0].length),
        skipped: new Set(grammar.skipped[lang]),
        possessive: grammar.possessive[lang] ?? [],
      };
      languages.set(lang, known);
    }
    return known;
  };
  const tellPart: TellPart = (doc, mention) => {
    if (mention.implied) return 'implied';
    const { before, beforeAttached, afterAttached, skipped, possessive } = words(doc.lang);
    const text = doc.fields[mention.field];
    if (afterAttached.length > 0) {
      const found = afterAttached.find(([word]) => text.startsWith(word, mention.end));
      return found?.[1] ?? (/^(\s|$)/.test(text.slice(mention.end, mention.end + 1)) ? 'bare' : 'other');
    }
    if (beforeAttached.size > 0) {
      const char = text[mention.start - 1];
      if (char === undefined) return 'start';
      return beforeAttached.get(char) ?? (SIGN.test(char) ? 'start' : 'other');
    }
    const owner = possessive.some((word) => text.startsWith(word, mention.end) || text.endsWith(word, mention.end))
      ? '+s'
      : '';
    const left = text
      .slice(Math.max(0, mention.start - REACH), mention.start)
      .toLowerCase()
      .match(WORD_OR_SIGN);
    let at = (left?.length ?? 0) - 1;
    if (left && at >= 0 && skipped.has(left[at]!)) at--;
    const word = left?.[at];
    if (word === undefined) return `start${owner}`;
    if (/^[,،]/.test(word)) return `comma${owner}`;
    if (NO_LETTER.test(word)) return `stop${owner}`;
    return `${before.get(word) ?? 'other'}${owner}`;
  };
  return (doc, mention) => {
    mention.part ??= tellPart(doc, mention);
    return mention.part;
  };
}
