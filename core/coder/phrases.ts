import { foldUnits, isArabic, isCyrillic, isHan, isHangul, isSpaced, SEPARATOR } from './fold.js';

/** What may follow the letters of a segment within its word. */
export const TAIL = { none: 0, any: 1, inflection: 2, plural: 3, suffix: 4 } as const;
type Tail = (typeof TAIL)[keyof typeof TAIL];

export interface Segment {
  units: number[];
  tail: Tail;
  /** Its first letter must be a capital. */
  capital: boolean;
  /** Words that may stand between this segment and the next; for scripts without spaces, four characters per word. */
  gap: number;
}

/** A phrase taken apart: the automaton finds its first segment, the rest is checked where that was found. */
export interface Phrase {
  lang: string;
  /** Number of the concept or gazetteer entry it stands for. */
  target: number;
  kind: 'mention' | 'concept';
  key: number[];
  segments: Segment[];
  /** The written form when it must occur exactly so (acronyms), else null. */
  exact: string | null;
  ambig: boolean;
  /** May stand at the end of a word: written with a `*` before it. */
  ending: boolean;
  /** Names in Latin letters are found in texts of any language. */
  anyLanguage: boolean;
  text: string;
}

/**
 * Opens the short hand of phrase lists: `{a|b}` alternatives, `~verb` every form of an English verb.
 * `*` (any letters follow, or in front: precede) and ` .. ` (up to four words between) stay for {@link compilePhrase}.
 */
export function expandPhrase(phrase: string, irregular: Record<string, string[]>): string[] {
  const braces = /\{([^{}]*)\}/.exec(phrase);
  if (braces) {
    const [whole, inner = ''] = braces;
    return inner
      .split('|')
      .flatMap((option) => expandPhrase(phrase.replace(whole, option).replace(/\s+/g, ' ').trim(), irregular));
  }
  const verb = /~([a-z]+)/.exec(phrase);
  if (!verb) return [phrase];
  const [whole, lemma = ''] = verb;
  return verbForms(lemma, irregular).flatMap((form) => expandPhrase(phrase.replace(whole, form), irregular));
}

/** Forms of an English verb. `verbForms('supply', {})` gives supply, supplies, supplied, supplying. */
export function verbForms(lemma: string, irregular: Record<string, string[]>): string[] {
  const known = irregular[lemma];
  const sibilant = /(s|x|z|ch|sh)$/.test(lemma);
  const third = /[^aeiou]y$/.test(lemma) ? `${lemma.slice(0, -1)}ies` : lemma + (sibilant ? 'es' : 's');
  if (known) return [...new Set([lemma, third, ...known])];
  const doubled = /^[^aeiou]*[aeiou][bdglmnprt]$/.test(lemma) ? lemma + lemma.at(-1) : lemma;
  const past = /e$/.test(lemma) ? `${lemma}d` : /[^aeiou]y$/.test(lemma) ? `${lemma.slice(0, -1)}ied` : `${doubled}ed`;
  const ing = /[^eoy]e$/.test(lemma) ? `${lemma.slice(0, -1)}ing` : `${doubled}ing`;
  return [...new Set([lemma, third, past, ing])];
}

/** Stem of a Russian word: what all its cases share. `россия` gives `росси`, `китайский` `китайск`. */
function russianStem(word: string): string {
  if (word.length < 4 || word === word.toUpperCase()) return word;
  const adjective = word.replace(/(ый|ий|ой|ая|яя|ое|ее|ые|ие)$/, '');
  if (adjective !== word && adjective.length >= 4) return adjective;
  return word.replace(/[аяоеьйыиую]$/, '');
}

export function compilePhrase(
  source: string,
  options: Pick<Phrase, 'lang' | 'target' | 'kind' | 'ambig'>,
): Phrase | null {
  const exactMark = source.startsWith('=');
  const ending = source.startsWith('*');
  const text = exactMark || ending ? source.slice(1) : source;
  const name = options.kind === 'mention';
  const parts = text.split(/\s+\.\.\s+/);
  const segments: Segment[] = [];
  for (const [p, part] of parts.entries()) {
    for (const [w, piece] of splitPart(part, options.lang, name).entries()) {
      const units = foldUnits(piece.text);
      if (units.length === 0) continue;
      const previous = segments.at(-1);
      if (previous && w === 0 && p > 0) previous.gap = 4;
      segments.push({ units, tail: piece.tail, capital: name && /^\p{Lu}/u.test(piece.text), gap: 0 });
    }
  }
  const first = segments[0];
  if (!first) return null;
  const latin = /^[\p{Script=Latin}\d]/u.test(text);
  const acronym =
    name && latin && /[A-Z]/.test(text) && text === text.toUpperCase() && text.replace(/[^A-Z]/g, '').length >= 2;
  const cyrillicAcronym = name && /^[А-ЯЁ]{2,6}$/.test(text);
  const lead = isSpaced(first.units[0]!);
  return {
    ...options,
    key: lead ? [SEPARATOR, ...first.units] : first.units,
    segments,
    ending,
    exact: exactMark || acronym || cyrillicAcronym ? text : null,
    anyLanguage: name && /^[A-Za-z0-9]/.test(text),
    text: source,
  };
}

/** Words of a phrase as segments: a new segment begins wherever letters may be added to a word in its middle. */
function splitPart(part: string, lang: string, name: boolean): Array<{ text: string; tail: Tail }> {
  const words = part.split(/\s+/).filter((word) => word !== '');
  const out: Array<{ text: string; tail: Tail }> = [];
  let open = '';
  for (const [i, word] of words.entries()) {
    const last = i === words.length - 1;
    const starred = word.endsWith('*');
    const bare = starred ? word.slice(0, -1) : word;
    const first = bare.charCodeAt(0);
    let tail: Tail = starred ? TAIL.any : TAIL.none;
    let text = bare;
    if (!starred) {
      if (isCyrillic(first) && (name || lang === 'ru') && name) {
        text = bare
          .split('-')
          .map((w, k, all) => (k === all.length - 1 ? russianStem(w) : w))
          .join('-');
        tail = bare === bare.toUpperCase() ? TAIL.none : TAIL.inflection;
      } else if (isHangul(first) || isHan(first)) tail = isHangul(first) ? TAIL.any : TAIL.none;
      else if (isArabic(first)) tail = TAIL.suffix;
      else if (!name && last) tail = TAIL.plural;
    }
    open = open === '' ? text : `${open} ${text}`;
    if (tail === TAIL.none && !last) continue;
    out.push({ text: open, tail });
    open = '';
  }
  return out;
}
