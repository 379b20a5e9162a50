import type { CodebookData, Grammar, Pattern } from '../codebook/data.js';
import type { Candidate } from './candidates.js';
import type { Hit } from './concept-hits.js';
import { westernDigits } from './digits.js';
import type { Doc } from './document.js';
import { type Family, familiesOf, familyOf, type Visit } from './families.js';
import { placesIn } from './features.js';
import { rolesOf } from './setting.js';

export type Severity = 1 | 2 | 3 | 4 | 5;

/** Where the text gives nothing to judge by. */
const DEFAULT: Severity = 2;

/**
 * Severity of an act: what its pattern says, raised or lowered by the cue concepts `severity-up-1`, `severity-down-1` and
 * `severity-N` of the codebook in the sentence of the act, and by large numbers beside it.
 */
export function decideSeverity(doc: Doc, pattern: Pattern, act: Hit, data: CodebookData): Severity {
  let level: number = pattern.severity ?? data.settings.severity[pattern.indicator] ?? DEFAULT;
  level = anchorOf(doc, pattern.indicator, act) ?? level;
  if (doc.hits.standsHere('first-of-kind', act.sentence) && level < 4) level += 1;
  if (doc.hits.standsHere('ceremony', act.sentence)) level -= 1;
  return Math.max(1, Math.min(5, level)) as Severity;
}

/** Words of ceremony and of small size go before those of scale, then the gravest first. */
const ANCHORS = [1, 2, 5, 4, 3] as const;

/** The level of an indicator whose cue concepts stand in the sentence of the act. */
function anchorOf(doc: Doc, indicator: string, act: Hit): Severity | null {
  const at = ownOf(indicator).cues.findIndex((name) => doc.hits.standsHere(name, act.sentence));
  return ANCHORS[at] ?? null;
}

/** Words of number in the sentence of the act, the largest first. */
const SIZES = ['size-thousands', 'size-hundreds', 'size-dozens', 'size-few', 'size-rising'] as const;

const sizeHere = (doc: Doc, act: Hit) => SIZES.find((name) => doc.hits.standsHere(name, act.sentence)) ?? null;

/** Names of one indicator, put together once: families of features, and cue concepts in the order of `ANCHORS`. */
const families = new Map<string, { concept: Family; size: Family; sizeHere: Family; role: Family; cues: string[] }>();

function ownOf(indicator: string) {
  let known = families.get(indicator);
  if (known === undefined) {
    known = {
      concept: familyOf(`c ${indicator}`),
      size: familyOf(`size ${indicator}`),
      sizeHere: familyOf(`size-here ${indicator}`),
      role: familyOf(`role ${indicator}`),
      cues: ANCHORS.map((level) => `${indicator.split('.')[1]}-severity-${level}`),
    };
    families.set(indicator, known);
  }
  return known;
}

const OF = familiesOf(
  'bias',
  'rule',
  'indicator',
  'pattern',
  'members',
  'title',
  'size',
  'size-here',
  'anchor',
  't',
  'c',
);

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
  const own = ownOf(pattern.indicator);
  visit(OF.bias, '', 1);
  visit(OF.rule, String(byRule), 1);
  visit(OF.indicator, pattern.indicator, 1);
  candidates.forEach(({ pattern: { id } }, i) => {
    if (candidates.findIndex((other) => other.pattern.id === id) === i) visit(OF.pattern, id, 0.5);
  });
  for (const role of rolesOf(party)) visit(own.role, role, 0.7);
  visit(OF.members, String(party.members.length), 0.7);
  if (act.field === 0) visit(OF.title, '', 0.7);
  const size = largest <= 0 ? 'none' : String(Math.min(10, Math.floor(Math.log10(largest))));
  visit(OF.size, size, 0.7);
  visit(own.size, size, 0.7);
  const here = sizeHere(doc, act);
  if (here !== null) {
    visit(OF['size-here'], here, 1);
    visit(own.sizeHere, here, 1);
  }
  const anchor = anchorOf(doc, pattern.indicator, act);
  if (anchor !== null) visit(OF.anchor, String(anchor), 1);
  const { title, inSentence } = placesIn(doc, act.sentence);
  visit.concepts(OF.t, title, 0.5);
  visit.concepts(OF.c, inSentence, 0.7);
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
      for (let match = nextNumber(field, 0); match !== null; match = nextNumber(field, NUMBER.lastIndex)) {
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

/** The next number from `from` on. It is looked for where a digit stands, since the expression looks behind each place it is tried. */
function nextNumber(text: string, from: number): RegExpExecArray | null {
  for (let at = from; at < text.length; at++) {
    if (!isDigit(text.charCodeAt(at))) continue;
    NUMBER.lastIndex = at;
    const match = NUMBER.exec(text);
    if (match !== null) return match;
  }
  return null;
}

const isDigit = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x660 && unit <= 0x669) || (unit >= 0x6f0 && unit <= 0x6f9);

const NUMBER =
  /(?<![\p{Script=Latin}\p{Script=Cyrillic}\p{N}\-–.])([\d٠-٩۰-۹]{1,3}(?:[,٬ ][\d٠-٩۰-۹]{3})+|[\d٠-٩۰-۹]+(?:[.,٫][\d٠-٩۰-۹]+)?)\s?([\p{L}]+)?/uy;
