import type { CodebookData } from '../codebook/data.js';
import type { ConceptHits } from './concept-hits.js';
import type { CoderInput } from './label.js';
import { IMPLIED_BIT, type Lexer } from './lexer.js';
import { type Mention, selectMentions, settleAmbiguous, settleImplied, surelyNamed } from './mentions.js';
import { detectLanguage, type Sentence, sentenceAt, splitSentences } from './sentences.js';
import { siftMembers } from './sieve.js';
import { findPhrases, type Matches } from './vocabulary.js';

/** One item, read: its sentences, who is named in it and which concepts it holds. Its hits hold until the next is read. */
export interface Doc {
  fields: readonly [string, string];
  lang: string;
  sentences: Sentence[];
  mentions: Mention[];
  /** Mentions of members that count, in reading order. */
  members: Mention[];
  hits: ConceptHits;
  /** Concepts from this number on are words of the lexicon, or tell how an act is meant. */
  firstOfLexicon: number;
  conceptNames: readonly string[];
  /** Member at home in the outlet's country, who is meant by "our country". */
  home: string | null;
  /** Group of the outlet. */
  bloc: string | null;
}

/**
 * Reads one item, or returns null as soon as it is sure that fewer than two members can be found in it: first by the letters
 * of names alone, then by the names that stand up to a look at the text, then by those that are chosen among them. Nothing is
 * allocated before the last of these.
 */
export function readDocument(lexer: Lexer, data: CodebookData, input: CoderInput): Doc | null {
  const { title, summary } = input;
  const home = homeOf(data, input);
  // Two different members, or one and "our country" in an outlet of another; elsewhere those words mean nobody.
  const wanted = home === null ? ~IMPLIED_BIT : ~0;
  const { sieve } = lexer;
  const inTitle = siftMembers(sieve, title, 0, wanted);
  if (!areTwo(inTitle & wanted) && !areTwo(siftMembers(sieve, summary, inTitle, wanted) & wanted)) return null;
  const lang = input.language?.slice(0, 2).toLowerCase() || detectLanguage(title, summary);
  const { titleNames, summaryNames, concepts: found } = lexer.found;
  findPhrases(lexer.names, title, lang, titleNames);
  findPhrases(lexer.names, summary, lang, summaryNames);
  const named = bitsOf(lexer, titleNames) | bitsOf(lexer, summaryNames);
  const meant = home !== null && (named & IMPLIED_BIT) !== 0 ? lexer.memberBits.get(home)! : 0;
  if (!areTwo((named & ~IMPLIED_BIT) | meant)) return null;
  const sure = surelyNamed(lexer, titleNames, summaryNames);
  const { publishedAt } = input;
  const mentions = selectMentions(lexer, titleNames, 0, title, publishedAt, sure);
  for (const mention of selectMentions(lexer, summaryNames, 1, summary, publishedAt, sure)) mentions.push(mention);
  if (!mayHoldTwo(mentions, home)) return null;
  const sentences = splitSentences(title, summary);
  for (const mention of mentions) mention.sentence = sentenceAt(sentences, mention.field, mention.start);
  const { hits } = lexer;
  const concepts = lexer.concepts.get(lang);
  hits.clear(concepts?.texts ?? []);
  if (concepts !== undefined) {
    addHits(hits, findPhrases(concepts, title, lang, found), 0, sentences);
    addHits(hits, findPhrases(concepts, summary, lang, found), 1, sentences);
  }
  hits.applyMasks(lexer.masks);
  const settled = settleAmbiguous(settleImplied(mentions, home, title, summary), hits);
  const members = settled.filter((m) => m.member !== null);
  if (!members.some((m) => m.member !== members[0]!.member)) return null;
  for (const { entry, field, start, end, sentence } of settled)
    for (const kind of lexer.kindsOf.get(entry)!) hits.addNamed(kind, field, start, end, sentence);
  return {
    fields: [title, summary],
    lang,
    sentences,
    mentions: settled,
    members,
    hits,
    firstOfLexicon: lexer.firstOfLexicon,
    conceptNames: lexer.conceptNames,
    home,
    bloc: input.bloc,
  };
}

const areTwo = (bits: number): boolean => (bits & (bits - 1)) !== 0;

function bitsOf(lexer: Lexer, { count, target }: Matches): number {
  let bits = 0;
  for (let i = 0; i < count; i++) bits |= lexer.entryBits[target[i]!]!;
  return bits;
}

function addHits(hits: ConceptHits, found: Matches, field: 0 | 1, sentences: readonly Sentence[]): void {
  const { phrase, target, start, end } = found;
  for (let i = 0; i < found.count; i++)
    hits.add(target[i]!, phrase[i]!, field, start[i]!, end[i]!, sentenceAt(sentences, field, start[i]!));
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

function homeOf(data: CodebookData, { country, bloc }: CoderInput): string | null {
  if (country === null && bloc === null) return null;
  for (const member of data.members)
    if ((country !== null && member.country === country) || (bloc !== null && member.bloc === bloc)) return member.code;
  return null;
}
