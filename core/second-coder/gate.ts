import type { CodebookData } from '../codebook/data.js';
import { type Doc, readDocument } from '../coder/document.js';
import { isEvidenced } from '../coder/evidence.js';
import type { CoderInput, EvidenceSpan, Label } from '../coder/label.js';
import { createLexer } from '../coder/lexer.js';
import type { Mention } from '../coder/mentions.js';
import { likened, standsAlone } from '../review/find-words.js';
import type { AnsweredLabel, SecondAnswer } from './answer.js';

/** Why a label of the second coder was thrown away. */
export const DROP_REASONS = [
  'unknown-indicator',
  'unknown-member',
  'too-few-participants',
  'participant-not-in-text',
  'participant-not-named',
  'act-not-in-text',
  'act-is-a-name',
  'given-twice',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export interface GatedAnswer {
  labels: Label[];
  dropped: Partial<Record<DropReason, number>>;
}

/** What the gazetteer finds in an item in which at least two members are named. */
export interface NamedItem {
  input: CoderInput;
  home: string | null;
  mentions: readonly Mention[];
}

export interface Gate {
  /** Null when the item does not name two members: whatever anybody says of it, no label could pass. */
  readNames(input: CoderInput): NamedItem | null;
  /** Keeps the labels whose words are in the item and name whom they should; counts the others. */
  check(item: NamedItem, answer: SecondAnswer): GatedAnswer;
}

/** The gate between a second coder and everything that is stored. It trusts nothing of an answer but places in the text. */
export function createGate(data: CodebookData): Gate {
  const lexer = createLexer(data);
  return {
    readNames(input) {
      const doc: Doc | null = readDocument(lexer, data, input);
      return doc && { input, home: doc.home, mentions: doc.members };
    },
    check: (item, answer) => checkAnswer(data, item, answer),
  };
}

function checkAnswer(data: CodebookData, item: NamedItem, answer: SecondAnswer): GatedAnswer {
  const gated: GatedAnswer = { labels: [], dropped: {} };
  const seen = new Set<string>();
  for (const given of answer.labels) {
    const checked = checkLabel(data, item, given, seen);
    if (typeof checked === 'string') gated.dropped[checked] = (gated.dropped[checked] ?? 0) + 1;
    else gated.labels.push(checked);
  }
  return gated;
}

function checkLabel(
  { codebook }: CodebookData,
  item: NamedItem,
  given: AnsweredLabel,
  seen: Set<string>,
): Label | DropReason {
  const indicator = codebook.indicators.find(({ id }) => id === given.indicator);
  if (!indicator) return 'unknown-indicator';
  const codes = new Set(codebook.members.map(({ code }) => code));
  if (given.participants.some(({ member }) => !codes.has(member))) return 'unknown-member';
  const participants = [...new Set(given.participants.map(({ member }) => member))].sort();
  if (participants.length < 2) return 'too-few-participants';
  const evidence: EvidenceSpan[] = [];
  for (const { member, quote } of given.participants) {
    const places = locate(item.input, quote);
    if (places.length === 0) return 'participant-not-in-text';
    const span = nameSpan(item, member, places);
    if (!span) return 'participant-not-named';
    if (!evidence.some((known) => known.for === member && known.field === span.field && known.start === span.start))
      evidence.push(span);
  }
  const acts = locate(item.input, given.act);
  if (acts.length === 0) return 'act-not-in-text';
  const act = acts.find((place) => saysMoreThanNames(item, place));
  if (!act) return 'act-is-a-name';
  const key = `${indicator.id} ${participants.join('-')}`;
  if (seen.has(key)) return 'given-twice';
  const label: Label = {
    indicator: indicator.id,
    participants,
    direction: readDirection(given.direction ?? null, indicator.direction, participants),
    status: given.status,
    polarity: indicator.polarity,
    severity: given.severity,
    confidence: given.confidence,
    flags: [],
    rules: [],
    evidence: [spanAt(item.input, 'act', act), ...evidence],
  };
  // The gate of all coders has the last word.
  if (!isEvidenced(item.input, label)) return 'act-not-in-text';
  seen.add(key);
  return label;
}

interface Place {
  field: 0 | 1;
  start: number;
  end: number;
}

const FIELDS = ['title', 'summary'] as const;
const MAX_PLACES = 50;

/** Every place of a quote in title and summary. Only signs that models set otherwise (quotation marks, spaces, case) may differ. */
function locate(input: CoderInput, quote: string): Place[] {
  const wanted = likened(quote.trim());
  if (!/[\p{L}\p{N}]/u.test(wanted)) return [];
  const places: Place[] = [];
  for (const field of [0, 1] as const) {
    const text = likened(input[FIELDS[field]]);
    for (let at = text.indexOf(wanted); at >= 0 && places.length < MAX_PLACES; at = text.indexOf(wanted, at + 1))
      if (standsAlone(text, at, at + wanted.length)) places.push({ field, start: at, end: at + wanted.length });
  }
  return places;
}

/** Where within the quote the gazetteer finds this very member; the name itself is the evidence, not what was quoted around it. */
function nameSpan(item: NamedItem, member: string, places: readonly Place[]): EvidenceSpan | null {
  for (const place of places)
    for (const mention of item.mentions) {
      if (mention.member !== member || mention.field !== place.field) continue;
      const isInside = place.start <= mention.start && mention.end <= place.end;
      const isPart = mention.start <= place.start && place.end <= mention.end;
      if (!isInside && !isPart) continue;
      const span = spanAt(item.input, member, isInside ? mention : place);
      return mention.implied ? { ...span, implied: true } : span;
    }
  return null;
}

/** An act needs a word of its own: "Russia" or "Moscow, Beijing" alone says nothing that was done. */
function saysMoreThanNames({ input, mentions }: NamedItem, { field, start, end }: Place): boolean {
  const text = input[FIELDS[field]];
  let rest = '';
  for (let at = start; at < end; at++)
    rest += mentions.some((m) => m.field === field && m.start <= at && at < m.end) ? ' ' : text[at];
  return /\p{L}{2}|[\p{Script=Han}\p{Script=Hangul}]/u.test(rest);
}

function spanAt(input: CoderInput, target: string, { field, start, end }: Place | Mention): EvidenceSpan {
  const name = FIELDS[field];
  return { for: target, field: name, start, end, text: input[name].slice(start, end) };
}

/** A direction that does not run between two participants is none. */
function readDirection(
  given: string | null,
  kind: 'directed' | 'mutual' | 'either',
  participants: readonly string[],
): string | null {
  if (kind === 'mutual' || given === 'mutual') return kind === 'directed' ? null : 'mutual';
  const [from, to, ...more] = (given ?? '').split('>').map((code) => code.trim());
  const isPair =
    more.length === 0 && from !== to && participants.includes(from ?? '') && participants.includes(to ?? '');
  return isPair ? `${from}>${to}` : null;
}
