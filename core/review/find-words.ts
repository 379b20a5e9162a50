import type { CoderInput, EvidenceSpan } from '../coder/label.js';

const FIELDS = ['title', 'summary'] as const;

/** A text with its quotation marks, dashes, spaces and case made alike, unit by unit: places in it are places in the text. */
export function likened(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text[i]!;
    const lower = unit.toLowerCase();
    const same = lower.length === 1 ? lower : unit;
    if (/\s/u.test(same)) out += ' ';
    else if (/[\u2018\u2019\u02bc`\u00b4]/.test(same)) out += "'";
    else if (/[\u201c\u201d\u201e\u00ab\u00bb]/.test(same)) out += '"';
    else if (/[\u2010-\u2015\u2212]/.test(same)) out += '-';
    else out += same;
  }
  return out;
}

const isLetter = (unit: string | undefined) => unit !== undefined && /[\p{L}\p{N}]/u.test(unit);
/** Writing that sets no spaces between words, where any place may begin one. */
const isSpaceless = (unit: string | undefined) =>
  unit !== undefined && /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(unit);

/** Whether words that stand here neither begin nor end within a word: "Iran" is no word of "Iranshahr". */
export function standsAlone(text: string, start: number, end: number): boolean {
  const cuts = (a: string | undefined, b: string | undefined) =>
    isLetter(a) && isLetter(b) && !isSpaceless(a) && !isSpaceless(b);
  return !cuts(text[start - 1], text[start]) && !cuts(text[end - 1], text[end]);
}

/**
 * Where words stand in an item, title first: exactly as given if they do, else with other quotation marks, dashes or case; as whole
 * words if they do anywhere. Null when they are not there.
 */
export function findWords(
  input: Pick<CoderInput, 'title' | 'summary'>,
  target: string,
  words: string,
): EvidenceSpan | null {
  const exact = words.trim();
  if (!/[\p{L}\p{N}]/u.test(exact)) return null;
  for (const alone of [true, false])
    for (const fold of [(text: string) => text, likened])
      for (const field of FIELDS) {
        const text = fold(input[field]);
        const wanted = fold(exact);
        for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
          const end = at + wanted.length;
          if (alone && !standsAlone(input[field], at, end)) continue;
          return { for: target, field, start: at, end, text: input[field].slice(at, end) };
        }
      }
  return null;
}

/** Spans of an earlier text in this one: at their place if the words still stand there, else where they stand now, else dropped. */
export function refitSpans(
  input: Pick<CoderInput, 'title' | 'summary'>,
  spans: readonly EvidenceSpan[],
): EvidenceSpan[] {
  return spans.flatMap((span) => {
    if (input[span.field].slice(span.start, span.end) === span.text) return [span];
    const found = findWords(input, span.for, span.text);
    if (found === null) return [];
    return [span.implied ? { ...found, implied: true as const } : found];
  });
}
