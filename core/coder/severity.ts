import type { CodebookData, Grammar, Pattern } from '../codebook/data.js';
import type { Candidate } from './candidates.js';
import type { Hit } from './concept-hits.js';
import type { Doc } from './document.js';
import { placesIn, type Visit } from './features.js';

export type Severity = 1 | 2 | 3 | 4 | 5;

/** Where the text gives nothing to judge by. */
const DEFAULT: Severity = 2;

/**
 * Severity of an act: what its pattern says, raised or lowered by the cue concepts `severity-up-1`, `severity-down-1` and
 * `severity-N` of the codebook in the sentence of the act, and by large numbers beside it.
 */
export function decideSeverity(doc: Doc, pattern: Pattern, act: Hit, data: CodebookData): Severity {
  let level: number = pattern.severity ?? data.settings.severity[pattern.indicator] ?? DEFAULT;
  const has = (name: string) => (doc.hits.get(name) ?? []).some((h) => h.sentence === act.sentence);
  for (let n = 5; n >= 1; n--) {
    if (has(`${pattern.indicator.split('.')[1]}-severity-${n}`)) {
      level = n;
      break;
    }
  }
  if (has('first-of-kind') && level < 4) level += 1;
  if (has('ceremony')) level -= 1;
  return Math.max(1, Math.min(5, level)) as Severity;
}

/** Families of one indicator, put together once. */
const families = new Map<string, { concept: string; size: string; pattern: string; role: string }>();

function familiesOf(indicator: string) {
  let known = families.get(indicator);
  if (known === undefined) {
    known = {
      concept: `c ${indicator}`,
      size: `size ${indicator}`,
      pattern: `pattern ${indicator}`,
      role: `role ${indicator}`,
    };
    families.set(indicator, known);
  }
  return known;
}

/** What the fitted weights look at to grade an act: its indicator, the words and numbers beside it, the rank of who takes part. */
export function visitSeverity(
  doc: Doc,
  best: Candidate,
  candidates: readonly Candidate[],
  byRule: Severity,
  largest: number,
  visit: Visit,
): void {
  const { pattern, act, party } = best;
  const own = familiesOf(pattern.indicator);
  visit('bias', '', 1);
  visit('rule', String(byRule), 1);
  visit('indicator', pattern.indicator, 1);
  const seen = new Set<string>();
  for (const c of candidates) {
    if (seen.has(c.pattern.id)) continue;
    seen.add(c.pattern.id);
    visit('pattern', c.pattern.id, 0.5);
  }
  const roles = new Set(party.members.map((m) => m.entry.id.slice(m.entry.id.lastIndexOf('.') + 1)));
  for (const role of roles) visit(own.role, role, 0.7);
  visit('members', String(party.members.length), 0.7);
  if (act.field === 0) visit('title', '', 0.7);
  const size = largest <= 0 ? 'none' : String(Math.min(10, Math.floor(Math.log10(largest))));
  visit('size', size, 0.7);
  visit(own.size, size, 0.7);
  const { title, inSentence } = placesIn(doc, act.sentence);
  visit.concepts('t', title, 0.5);
  visit.concepts('c', inSentence, 0.7);
  visit.concepts(own.concept, inSentence, 0.7);
}

/** Finds the largest number of a text. */
export type LargestNumber = (doc: Doc) => number;

/**
 * Numbers with their words of scale ("1.2 million", "12만", "5 тыс."). Years and what follows a letter or a hyphen ("Su-35") are
 * no quantities. Zero when there is none.
 */
export function compileNumbers(grammar: Grammar): LargestNumber {
  return (doc) => {
    const scales = grammar.scales[doc.lang] ?? {};
    let largest = 0;
    for (const field of doc.fields)
      for (const match of field.matchAll(NUMBER)) {
        const digits = westernDigits(match[1]!);
        const value = Number(digits.replace(/[,٬\s](?=\d{3})/g, '').replace(/[,٫]/, '.'));
        if (!Number.isFinite(value)) continue;
        const word = match[2]?.toLowerCase() ?? '';
        const scale = scales[word] ?? scales[word[0] ?? ''] ?? 1;
        if (scale === 1 && value >= 1900 && value < 2100 && Number.isInteger(value)) continue;
        largest = Math.max(largest, value * scale);
      }
    return largest;
  };
}

const NUMBER =
  /(?<![\p{Script=Latin}\p{Script=Cyrillic}\p{N}\-–.])([\d٠-٩۰-۹]{1,3}(?:[,٬ ][\d٠-٩۰-۹]{3})+|[\d٠-٩۰-۹]+(?:[.,٫][\d٠-٩۰-۹]+)?)\s?([\p{L}]+)?/gu;

const westernDigits = (text: string) =>
  text.replace(/[٠-٩۰-۹]/g, (c) => String(c.codePointAt(0)! - (c >= '۰' ? 0x6f0 : 0x660)));
