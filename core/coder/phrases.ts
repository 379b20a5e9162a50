import { foldUnits, isArabic, isCyrillic, isHan, isHangul } from './fold.js';

/** What may follow the letters of a segment within its word. */
export const TAIL = { none: 0, any: 1, inflection: 2, plural: 3, suffix: 4 } as const;
type Tail = (typeof TAIL)[keyof typeof TAIL];

/** Words up to one to which letters may be added. */
export interface Segment {
  units: number[];
  tail: Tail;
  /** Its first letter must be a capital. */
  capital: boolean;
}

/** A phrase taken apart: the automaton finds its first segment, the rest is checked where that was found. */
export interface Phrase {
  lang: string;
  /** Number of the concept or gazetteer entry it stands for. */
  target: number;
  kind: 'mention' | 'concept';
  /** Parts between which words may stand, each of at least one segment. */
  parts: ReadonlyArray<readonly Segment[]>;
  /** The written form when it must occur exactly so (acronyms), else null. */
  exact: string | null;
  ambig: boolean;
  /** May stand at the end of a word: written with a `*` before it. */
  ending: boolean;
  /** Names in Latin letters are found in texts of any language. */
  anyLanguage: boolean;
  text: string;
}

type Options = Pick<Phrase, 'lang' | 'target' | 'kind' | 'ambig'>;

/** Words that many concepts share, taken apart once. */
export type PartCache = Map<string, readonly Segment[]>;

/**
 * Opens the short hand of phrase lists: `{a|b}` alternatives, `~verb` every form of an English verb.
 * `*` (any letters follow, or in front: precede) and ` .. ` (up to four words between) stay for {@link compilePhrases}.
 */
export function expandPhrase(phrase: string, irregular: Record<string, string[]>): string[] {
  if (!phrase.includes('{')) return phrase.includes('~') ? expandVerbs(phrase, irregular) : [phrase];
  const spaced = phrase.replace(/\s+/g, ' ');
  return openBraces(spaced).flatMap((one) => {
    // An empty alternative leaves two spaces, or one at an end.
    const text = one.includes('  ') ? one.replace(/ +/g, ' ').trim() : one.trim();
    return text.includes('~') ? expandVerbs(text, irregular) : text;
  });
}

/** Alternatives within alternatives are opened from the inside; the last ones of a phrase change fastest. */
function openBraces(phrase: string): string[] {
  const braces = /\{([^{}]*)\}/.exec(phrase);
  if (!braces) return [phrase];
  const before = phrase.slice(0, braces.index);
  const after = phrase.slice(braces.index + braces[0].length);
  const options = braces[1]!.split('|');
  if (before.includes('{')) return options.flatMap((option) => openBraces(before + option + after));
  const rest = openBraces(after);
  return options.flatMap((option) => rest.map((end) => before + option + end));
}

function expandVerbs(phrase: string, irregular: Record<string, string[]>): string[] {
  const verb = /~([a-z]+)/.exec(phrase);
  if (!verb) return [phrase];
  const [whole, lemma = ''] = verb;
  return verbForms(lemma, irregular).flatMap((form) => expandVerbs(phrase.replace(whole, form), irregular));
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

const GAP = /\s+\.\.\s+/;
const CAPITAL = /^\p{Lu}/u;
const LATIN = /^[\p{Script=Latin}\d]/u;

/** All phrases that a line of a phrase list stands for, each once. */
export function compilePhrases(
  source: string,
  options: Options,
  irregular: Record<string, string[]>,
  cache: PartCache,
): Phrase[] {
  return (
    combineParts(source, options, irregular, cache) ??
    [...new Set(expandPhrase(source, irregular))]
      .map((text) => compilePhrase(text, options))
      .filter((phrase) => phrase !== null)
  );
}

/**
 * A line with words between its parts may stand for thousands of phrases: the alternatives of each part are taken apart on
 * their own and then combined. Null where that is not the same as opening the line as a whole.
 */
function combineParts(
  source: string,
  options: Options,
  irregular: Record<string, string[]>,
  cache: PartCache,
): Phrase[] | null {
  if (options.kind === 'mention' || !source.includes('..')) return null;
  const lines = source.split(GAP);
  if (lines.some((line) => line.split('{').length !== line.split('}').length)) return null;
  let phrases: Array<Pick<Phrase, 'text' | 'parts'>> = [];
  for (const [at, line] of lines.entries()) {
    const opened: typeof phrases = [];
    for (const text of new Set(expandPhrase(line, irregular))) {
      const segments = compileShared(text, cache);
      if (segments.length === 0 || (at === 0 && /^[=*]/.test(text)) || GAP.test(text)) return null;
      opened.push({ text, parts: [segments] });
    }
    phrases =
      at === 0
        ? opened
        : phrases.flatMap((one) =>
            opened.map((two) => ({ text: `${one.text} .. ${two.text}`, parts: [...one.parts, two.parts[0]!] })),
          );
  }
  return phrases.map(({ text, parts }) => toPhrase(text, parts, options, null, false, false));
}

function compilePhrase(source: string, options: Options): Phrase | null {
  const exactMark = source.startsWith('=');
  const ending = source.startsWith('*');
  const text = exactMark || ending ? source.slice(1) : source;
  const name = options.kind === 'mention';
  const parts = (text.includes('..') ? text.split(GAP) : [text])
    .map((part) => compilePart(part, name))
    .filter((segments) => segments.length > 0);
  if (parts.length === 0) return null;
  const acronym =
    name &&
    /[A-Z]/.test(text) &&
    text === text.toUpperCase() &&
    LATIN.test(text) &&
    text.replace(/[^A-Z]/g, '').length >= 2;
  const cyrillicAcronym = name && /^[А-ЯЁ]{2,6}$/.test(text);
  const exact = exactMark || acronym || cyrillicAcronym ? text : null;
  return toPhrase(source, parts, options, exact, ending, name && /^[A-Za-z0-9]/.test(text));
}

/** Written out, since spreading the options costs more than all else that is done for a phrase. */
function toPhrase(
  text: string,
  parts: Phrase['parts'],
  { lang, target, kind, ambig }: Options,
  exact: string | null,
  ending: boolean,
  anyLanguage: boolean,
): Phrase {
  return { lang, target, kind, ambig, text, parts, exact, ending, anyLanguage };
}

function compileShared(part: string, cache: PartCache): readonly Segment[] {
  const known = cache.get(part);
  if (known) return known;
  const segments = compilePart(part, false);
  cache.set(part, segments);
  return segments;
}

function compilePart(part: string, name: boolean): readonly Segment[] {
  const out: Segment[] = [];
  for (const { text, tail } of splitPart(part, name)) {
    const units = foldUnits(text);
    if (units.length > 0) out.push({ units, tail, capital: name && CAPITAL.test(text) });
  }
  return out;
}

/** Words of a phrase as segments: a new segment begins wherever letters may be added to a word in its middle. */
function splitPart(part: string, name: boolean): Array<{ text: string; tail: Tail }> {
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
      if (isCyrillic(first) && name) {
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
