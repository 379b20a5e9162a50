import {
  BREAK,
  changesScript,
  FOLDED,
  foldUnits,
  isArabic,
  isCyrillic,
  isHan,
  isHangul,
  isInnerQuote,
  isSpaced,
  isWordUnit,
  SEPARATOR,
  SKIP,
} from './fold.js';

/** What may follow the letters of a segment within its word. */
const TAIL = { none: 0, any: 1, inflection: 2, plural: 3, suffix: 4 } as const;
type Tail = (typeof TAIL)[keyof typeof TAIL];

interface Segment {
  units: number[];
  tail: Tail;
  /** Its first letter must be a capital. */
  capital: boolean;
  /** Words that may stand between this segment and the next; for scripts without spaces, four characters per word. */
  gap: number;
}

/** A phrase ready for matching: the automaton finds its first segment, `matchPhrase` checks the rest. */
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

const RU_ENDINGS = new Set(
  (
    'а я у ю ы и е о й ь ом ем ой ей ою ею ам ям ах ях ов ев ий ый ого его ому ему ая яя ое ее ые ие ых их ую юю ым им ' +
    'ами ями ыми ими ья ье ия ию ией иям иях иями ец ца цы цев ей ев ьи ью ьям ьях ьями ьев ьего ьему ьим ьих ьими'
  ).split(' '),
);
const FA_SUFFIXES = new Set('ی ها های هایی یی ای ان یان ش شان مان م تر ترین هاست'.split(' '));

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

/**
 * Checks a phrase whose first segment was found at `start` to `end` of `text`; returns the end of the whole phrase, or -1.
 */
export function matchPhrase(phrase: Phrase, text: string, start: number, end: number): number {
  if (phrase.exact !== null && text.slice(start, start + phrase.exact.length) !== phrase.exact) return -1;
  let at = end;
  for (let i = 0; i < phrase.segments.length; i++) {
    const segment = phrase.segments[i]!;
    const from = i === 0 ? start : at;
    if (i > 0) {
      at = findSegment(segment, phrase.segments[i - 1]!.gap, text, at);
      if (at < 0) return -1;
    }
    if (segment.capital && phrase.exact === null && !isCapital(text, from)) return -1;
    at = finishWord(segment, text, at, i < phrase.segments.length - 1);
    if (at < 0) return -1;
  }
  return at;
}

/** Does the first word at or after `from` begin with a capital? The words of a name follow each other. */
function isCapital(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && !isWordUnit(text.charCodeAt(at))) at++;
  const first = text[at] ?? '';
  return first === first.toUpperCase();
}

function finishWord(segment: Segment, text: string, end: number, inner: boolean): number {
  const lastUnit = segment.units.at(-1)!;
  if (isHan(lastUnit)) return end;
  let at = end;
  // A half-space ends a stem as well as a word.
  if (isHangul(lastUnit)) {
    if (!inner) return end;
    while (at < text.length && isHangul(text.charCodeAt(at))) at++;
    return at;
  }
  while (
    at < text.length &&
    isWordUnit(text.charCodeAt(at)) &&
    !isHan(text.charCodeAt(at)) &&
    !isHangul(text.charCodeAt(at))
  )
    at++;
  if (at === end) return end;
  const rest = text.slice(end, at).toLowerCase().replaceAll('ё', 'е');
  switch (segment.tail) {
    case TAIL.any:
      return at;
    case TAIL.inflection:
      return RU_ENDINGS.has(rest) ? at : -1;
    case TAIL.plural:
      return rest === 's' || rest === 'es' ? at : -1;
    case TAIL.suffix:
      return FA_SUFFIXES.has(rest) ? at : -1;
    default:
      return -1;
  }
}

/** Looks for the next segment after `from`, across at most `gap` words and never across the end of a sentence. */
function findSegment(segment: Segment, gap: number, text: string, from: number): number {
  const spaced = isSpaced(segment.units[0]!);
  const limit = Math.min(text.length, from + (spaced ? 60 : gap * 4 + 2));
  let words = 0;
  for (let at = from; at < limit; ) {
    const folded = FOLDED[text.charCodeAt(at)]!;
    if (folded === SKIP || folded === SEPARATOR) {
      at++;
      continue;
    }
    if (folded === BREAK) {
      if (gap === 0 || /[.!?。！？;；]/.test(text[at]!)) return -1;
      at++;
      continue;
    }
    const end = compareUnits(segment.units, text, at);
    if (end >= 0) return end;
    if (words >= gap * (spaced || isHangul(text.charCodeAt(at)) ? 1 : 4)) return -1;
    words++;
    if (spaced || isHangul(text.charCodeAt(at))) {
      while (at < text.length && (isWordUnit(text.charCodeAt(at)) || FOLDED[text.charCodeAt(at)] === SKIP)) at++;
    } else at++;
  }
  return -1;
}

function compareUnits(units: readonly number[], text: string, from: number): number {
  let at = from;
  for (let i = 0; i < units.length; i++) {
    const unit = units[i]!;
    if (unit === SEPARATOR || unit === BREAK) {
      let moved = false;
      while (at < text.length && FOLDED[text.charCodeAt(at)]! <= BREAK) {
        moved = true;
        at++;
      }
      if (!moved && !changesScript(text, at)) return -1;
      continue;
    }
    while (at < text.length && (FOLDED[text.charCodeAt(at)] === SKIP || isInnerQuote(text, at))) at++;
    if (at >= text.length || FOLDED[text.charCodeAt(at)] !== unit) return -1;
    at++;
  }
  return at;
}
