import type { CodebookData } from '../codebook/data.js';
import { createHits } from './automaton.js';
import type { CoderInput } from './label.js';
import { IMPLIED_BIT, type Lexer, memberBitsOf, scanText, verifyHits } from './lexer.js';
import { type Mention, selectMentions, settleAmbiguous, settleImplied, surelyNamed } from './mentions.js';
import { detectLanguage, type Sentence, splitSentences } from './sentences.js';

/** A concept found in the text. */
export interface Hit {
  field: 0 | 1;
  start: number;
  end: number;
  sentence: number;
  /** The phrase of the codebook that was found. */
  phrase: string;
}

/** One item, read: its sentences, who is named in it and which concepts it holds. */
export interface Doc {
  fields: readonly [string, string];
  lang: string;
  sentences: Sentence[];
  mentions: Mention[];
  /** Mentions of members that count, in reading order. */
  members: Mention[];
  hits: Map<string, Hit[]>;
  /** Member at home in the outlet's country, who is meant by "our country". */
  home: string | null;
  /** Group of the outlet. */
  bloc: string | null;
}

const titleHits = createHits();
const summaryHits = createHits();

/** Reads one item, or returns null as soon as it is sure that fewer than two members can be found in it. */
export function readDocument(lexer: Lexer, data: CodebookData, input: CoderInput): Doc | null {
  const { title, summary } = input;
  scanText(lexer.names, title, titleHits);
  scanText(lexer.names, summary, summaryHits);
  const home = homeOf(data, input);
  const found = memberBitsOf(lexer.names, titleHits) | memberBitsOf(lexer.names, summaryHits);
  // Two different members, or one and "our country" in an outlet of another; elsewhere those words mean nobody.
  const bits = home === null ? found & ~IMPLIED_BIT : found;
  if ((bits & (bits - 1)) === 0) return null;
  const lang = input.language?.slice(0, 2).toLowerCase() || detectLanguage(`${title} ${summary}`);
  const day = input.publishedAt?.toISOString().slice(0, 10) ?? '';
  const titleNames = verifyHits(lexer.names, title, lang, titleHits);
  const summaryNames = verifyHits(lexer.names, summary, lang, summaryHits);
  const sure = surelyNamed(lexer, titleNames, summaryNames);
  const mentions = [
    ...selectMentions(lexer, titleNames, 0, title, day, sure),
    ...selectMentions(lexer, summaryNames, 1, summary, day, sure),
  ];
  if (!mayHoldTwo(mentions, home)) return null;
  const inTitle = verifyHits(lexer.concepts, title, lang, scanText(lexer.concepts, title, titleHits));
  const inSummary = verifyHits(lexer.concepts, summary, lang, scanText(lexer.concepts, summary, summaryHits));
  const fields = [input.title, input.summary] as const;
  const sentences = splitSentences(input.title, input.summary);
  const sentenceAt = (field: 0 | 1, position: number) => {
    const at = sentences.findIndex((s) => s.field === field && position >= s.start && position < s.end);
    return at < 0 ? 0 : at;
  };
  for (const mention of mentions) mention.sentence = sentenceAt(mention.field, mention.start);
  const hits = new Map<string, Hit[]>();
  for (const [field, list] of [inTitle, inSummary].entries()) {
    for (const { phrase, start, end } of list) {
      const name = lexer.conceptNames[phrase.target]!;
      const hit: Hit = {
        field: field as 0 | 1,
        start,
        end,
        sentence: sentenceAt(field as 0 | 1, start),
        phrase: phrase.text,
      };
      const known = hits.get(name);
      if (known) addLongest(known, hit);
      else hits.set(name, [hit]);
    }
  }
  applyMasks(data.masks, hits);
  const settled = settleAmbiguous(settleImplied(mentions, home, [title, summary]), new Set(hits.keys()));
  const members = settled.filter((m) => m.member !== null);
  if (new Set(members.map((m) => m.member)).size < 2) return null;
  return { fields, lang, sentences, mentions: settled, members, hits, home, bloc: input.bloc };
}

/** Could two members come of these mentions, whatever becomes of the ambiguous ones? */
function mayHoldTwo(mentions: readonly Mention[], home: string | null): boolean {
  let first: string | null = null;
  for (const { member, implied } of mentions) {
    const code = implied ? home : member;
    if (code === null) continue;
    if (first === null) first = code;
    else if (first !== code) return true;
  }
  return false;
}

function homeOf(data: CodebookData, input: CoderInput): string | null {
  const found = data.members.find(
    (m) => (input.country !== null && m.country === input.country) || (input.bloc !== null && m.bloc === input.bloc),
  );
  return found?.code ?? null;
}

/** Overlapping hits of one concept are one; the longest stays. */
function addLongest(hits: Hit[], hit: Hit): void {
  const clash = hits.findIndex((h) => h.field === hit.field && h.start < hit.end && hit.start < h.end);
  if (clash < 0) hits.push(hit);
  else if (hit.end - hit.start > hits[clash]!.end - hits[clash]!.start) hits[clash] = hit;
}

function applyMasks(masks: Record<string, string[]>, hits: Map<string, Hit[]>): void {
  for (const [name, masked] of Object.entries(masks)) {
    const covers = hits.get(name);
    if (!covers) continue;
    for (const other of masked) {
      const list = hits.get(other);
      if (!list) continue;
      const left = list.filter((h) => !covers.some((c) => c.field === h.field && c.start < h.end && h.start < c.end));
      if (left.length > 0) hits.set(other, left);
      else hits.delete(other);
    }
  }
}
