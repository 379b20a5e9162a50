import { SIMPLIFIED } from './han-variants.js';

/**
 * Folding of text for matching, one UTF-16 unit at a time so that positions stay those of the original and nothing is copied:
 * case, width, traditional characters, Latin accents, Russian yo, Persian and Arabic letter variants and digits, half-spaces and marks.
 */
/** Left out of the comparison: half-spaces, vowel marks, soft hyphens. */
export const SKIP = 0;
/** Between words: spaces, hyphens, quotation marks, apostrophes, middle dots. */
export const SEPARATOR = 1;
/** Between phrases: any other sign. A phrase never reaches across it. */
export const BREAK = 2;

const SKIPPED = /[\u0300-\u036f]|[\u064b-\u065f\u0670]|[\u0640\u200b-\u200f\u2060\ufeff\u00ad]/;
const SEPARATORS = /[\s\u00a0\-\u2010\u2011\u2012'’‘ʼ`´"“”„«»·・‧ㆍ_/\u2019]/;
/** Letters whose compatibility form is not what readers type. */
const VARIANTS: Record<string, string> = {
  ё: 'е',
  ي: 'ی',
  ى: 'ی',
  ئ: 'ی',
  ك: 'ک',
  ة: 'ه',
  ۀ: 'ه',
  أ: 'ا',
  إ: 'ا',
  آ: 'ا',
  ٱ: 'ا',
  ؤ: 'و',
  ß: 's',
  ø: 'o',
  ł: 'l',
  ı: 'i',
};

/** For every UTF-16 unit the folded unit, or one of SKIP, SEPARATOR, BREAK. Built once. */
export const FOLDED: Uint16Array = buildTable();

function buildTable(): Uint16Array {
  const table = new Uint16Array(65536);
  for (let unit = 0; unit < 65536; unit++) table[unit] = foldUnit(unit);
  return table;
}

function foldUnit(unit: number): number {
  // Han characters fold to their simplified forms, Hangul syllables to themselves; the rest is looked up by its properties.
  if (unit >= 0x4e00 && unit <= 0x9fff) return SIMPLIFIED.get(unit) ?? unit;
  if (unit >= 0xac00 && unit <= 0xd7a3) return unit;
  if (unit >= 0xd800 && unit <= 0xdfff) return BREAK;
  const char = String.fromCharCode(unit);
  if (SKIPPED.test(char)) return SKIP;
  if (SEPARATORS.test(char)) return SEPARATOR;
  const lower = char.normalize('NFKC').toLowerCase();
  const first = VARIANTS[lower[0] ?? ''] ?? lower[0] ?? '';
  const base = first.normalize('NFD')[0] ?? first;
  // й is и with a mark but a letter of its own.
  const folded = first === 'й' ? first : (VARIANTS[base] ?? base);
  if (/\p{Nd}/u.test(folded)) return 48 + digitValue(folded.charCodeAt(0));
  return /[\p{L}\p{N}]/u.test(folded) ? folded.charCodeAt(0) : BREAK;
}

/** Digits of any script come in runs of ten, the first of which is a multiple of two away from its predecessor. */
function digitValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 0x0660 && code <= 0x0669) return code - 0x0660;
  if (code >= 0x06f0 && code <= 0x06f9) return code - 0x06f0;
  return code % 10;
}

/** Folded units of a phrase or text, separators and breaks collapsed as the automaton sees them. */
export function foldUnits(text: string): number[] {
  const out: number[] = [];
  let last = SEPARATOR;
  for (let i = 0; i < text.length; i++) {
    const folded = FOLDED[text.charCodeAt(i)]!;
    if (folded === SKIP || isInnerQuote(text, i)) continue;
    if (changesScript(text, i)) out.push(SEPARATOR);
    if (folded === SEPARATOR) {
      // A break brings its own separator.
      if (last === SEPARATOR || last === BREAK) continue;
      out.push(SEPARATOR);
      last = SEPARATOR;
    } else if (folded === BREAK) {
      if (last !== BREAK) out.push(BREAK, SEPARATOR);
      last = BREAK;
    } else {
      // A break is followed by a separator already, so that words after it begin like any other.
      out.push(folded);
      last = folded;
    }
  }
  while (out.at(-1) === SEPARATOR) out.pop();
  return out;
}

/** Quotation marks, which emphasis puts around part of a word in scripts without spaces. */
const QUOTE = /["“”„«»‘’「」『』《》〈〉]/;

/** What a unit is for the places between words: 0 no letter, 1 of a script with spaces, 2 without, 3 a quotation mark. */
export const UNIT_CLASS: Uint8Array = buildClasses();

function buildClasses(): Uint8Array {
  const table = new Uint8Array(65536);
  for (let unit = 0; unit < 65536; unit++) {
    const folded = FOLDED[unit]!;
    if (folded > BREAK) table[unit] = isHan(folded) || isHangul(folded) ? 2 : 1;
    else if (QUOTE.test(String.fromCharCode(unit))) table[unit] = 3;
  }
  return table;
}

/** Does a word begin at `at` because the script changes there, without a space ("buy" in Han, then "S-400")? */
export function changesScript(text: string, at: number): boolean {
  if (at === 0) return false;
  const before = UNIT_CLASS[text.charCodeAt(at - 1)]!;
  const here = UNIT_CLASS[text.charCodeAt(at)]!;
  return (before === 1 && here === 2) || (before === 2 && here === 1);
}

/** Is `at` a quotation mark within a run of Han characters, where it parts no words? */
export function isInnerQuote(text: string, at: number): boolean {
  return (
    UNIT_CLASS[text.charCodeAt(at)] === 3 &&
    at > 0 &&
    at + 1 < text.length &&
    isHan(text.charCodeAt(at - 1)) &&
    isHan(text.charCodeAt(at + 1))
  );
}

export function isWordUnit(unit: number): boolean {
  return FOLDED[unit]! > BREAK;
}

/** Scripts in which words are written apart, so that a form must begin at the beginning of a word. */
export function isSpaced(unit: number): boolean {
  return UNIT_CLASS[unit] === 1;
}
export function isHan(unit: number): boolean {
  return (unit >= 0x3400 && unit <= 0x9fff) || (unit >= 0xf900 && unit <= 0xfaff);
}
export function isHangul(unit: number): boolean {
  return unit >= 0xac00 && unit <= 0xd7a3;
}
export function isCyrillic(unit: number): boolean {
  return unit >= 0x0400 && unit <= 0x052f;
}
export function isArabic(unit: number): boolean {
  return unit >= 0x0600 && unit <= 0x06ff;
}
