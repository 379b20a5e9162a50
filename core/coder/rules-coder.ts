import type { CodebookData, Pattern } from '../codebook/data.js';
import { type Candidate, findCandidates } from './candidates.js';
import { calibrate, joinScores } from './confidence.js';
import { type Doc, readDocument } from './document.js';
import { isEvidenced, spanOf } from './evidence.js';
import type { Coder, CoderInput, EvidenceSpan, Label } from './label.js';
import { createLexer, LEXICON_PREFIX } from './lexer.js';
import { decideSeverity } from './severity.js';
import { decideStatus } from './status.js';

/** Changes whenever equal texts may get other labels from the same codebook. */
export const CODER_VERSION = '1.0.0';

/** A label that did not reach the threshold, for whoever tunes the patterns. */
export interface NearMiss {
  label: Label;
  score: number;
  notes: string[];
}

export interface RulesCoder extends Coder {
  /** Labels with everything that almost became one. */
  explain(input: CoderInput): { labels: Label[]; nearMisses: NearMiss[] };
}

interface Draft {
  candidates: Candidate[];
  score: number;
}

/**
 * The coder by rules over structure: one automaton pass finds names and concepts, patterns of the codebook join them to acts,
 * and only labels whose participants and act point to words of the item leave it. Deterministic, without network.
 */
export function createRulesCoder(source: CodebookData): RulesCoder {
  const data = withLexiconPatterns(source);
  const lexer = createLexer(data);
  const indicators = new Map(data.codebook.indicators.map((i) => [i.id, i]));
  const order = new Map(data.priority.map((id, i) => [id, i]));
  const isPublic = new Set(data.settings.public);

  const draft = (doc: Doc): Draft[] => {
    const drafts = new Map<string, Draft>();
    for (const candidate of findCandidates(doc, data)) {
      const key = `${candidate.pattern.indicator} ${candidate.party.members.map((m) => m.member).join('-')}`;
      const known = drafts.get(key);
      if (known) known.candidates.push(candidate);
      else drafts.set(key, { candidates: [candidate], score: 0 });
    }
    for (const one of drafts.values()) {
      one.candidates.sort((a, b) => b.score - a.score);
      one.score = joinScores(one.candidates.map((c) => c.score));
    }
    return [...drafts.values()];
  };

  const toLabel = (doc: Doc, input: CoderInput, { candidates, score }: Draft): Label => {
    const { pattern, act, party } = candidates[0]!;
    const indicator = indicators.get(pattern.indicator)!;
    const participants = party.members.map((m) => m.member!);
    const evidence: EvidenceSpan[] = [
      spanOf(input, 'act', act),
      ...party.members.map((m) => spanOf(input, m.member!, m)),
    ];
    return {
      indicator: indicator.id,
      participants,
      direction: directionOf(pattern, party.members, indicator.direction),
      status: decideStatus(doc, pattern, act, party, isPublic.has(indicator.id)),
      polarity: indicator.polarity,
      severity: decideSeverity(doc, pattern, act, data),
      confidence: calibrate(score, data.settings.calibration),
      flags: [...new Set([...pattern.flags, ...flagsOf(doc, party.members)])].sort(),
      rules: [...new Set(candidates.map((c) => c.pattern.id))].sort(),
      evidence,
    };
  };

  const explain = (input: CoderInput): { labels: Label[]; nearMisses: NearMiss[] } => {
    const doc = readDocument(lexer, data, input);
    if (!doc) return { labels: [], nearMisses: [] };
    const drafts = draft(doc);
    const strong = compete(
      drafts.filter((d) => d.score >= data.settings.threshold),
      data,
    );
    const labels = strong
      .map((d) => toLabel(doc, input, d))
      .filter((label) => isEvidenced(input, label))
      .sort(
        (a, b) =>
          (order.get(a.indicator) ?? 999) - (order.get(b.indicator) ?? 999) ||
          (a.participants.join() < b.participants.join() ? -1 : 1),
      );
    const nearMisses = drafts
      .filter((d) => !strong.includes(d) && d.score >= data.settings.nearMiss)
      .map((d) => ({ label: toLabel(doc, input, d), score: d.score, notes: d.candidates[0]!.notes }));
    return { labels, nearMisses };
  };

  return {
    name: 'rules',
    version: CODER_VERSION,
    codebookVersion: data.codebook.version,
    explain,
    code: (input) => explain(input).labels,
  };
}

/** Drops labels that another one makes superfluous: a pair inside a larger group, and what `prefer` rules say. */
function compete(drafts: Draft[], data: CodebookData): Draft[] {
  const codes = (d: Draft) => d.candidates[0]!.party.members.map((m) => m.member!);
  const id = (d: Draft) => d.candidates[0]!.pattern.indicator;
  let left = drafts.filter(
    (d) =>
      !drafts.some(
        (o) =>
          o !== d &&
          id(o) === id(d) &&
          codes(o).length > codes(d).length &&
          codes(d).every((c) => codes(o).includes(c)),
      ),
  );
  for (const rule of data.settings.prefer) {
    const [over, drop] = [globOf(rule.over), globOf(rule.drop)];
    left = left.filter((d) => {
      if (!drop(id(d))) return true;
      return !left.some(
        (o) =>
          o !== d &&
          over(id(o)) &&
          id(o) !== id(d) &&
          codes(d).some((c) => codes(o).includes(c)) &&
          (!rule.overlap || overlaps(o, d)) &&
          d.score < o.score + rule.margin,
      );
    });
  }
  return left;
}

const globOf = (pattern: string) => (id: string) =>
  pattern.split('|').some((p) => (p.endsWith('*') ? id.startsWith(p.slice(0, -1)) : id === p));

function overlaps(a: Draft, b: Draft): boolean {
  const [x, y] = [a.candidates[0]!.act, b.candidates[0]!.act];
  return x.sentence === y.sentence;
}

function directionOf(
  pattern: Pattern,
  members: Candidate['party']['members'],
  kind: 'directed' | 'mutual' | 'either',
): string | null {
  if (kind === 'mutual' || pattern.direction === '=') return 'mutual';
  if (members.length !== 2 || pattern.direction === null) return null;
  const [a, b] = [...members].sort((x, y) => x.field - y.field || x.start - y.start) as [
    (typeof members)[0],
    (typeof members)[0],
  ];
  return pattern.direction === '>' ? `${a.member}>${b.member}` : `${b.member}>${a.member}`;
}

function flagsOf(doc: Doc, members: Candidate['party']['members']): string[] {
  const flags: string[] = [];
  if (members.some((m) => m.kind === 'proxy')) flags.push('proxy');
  for (const [cue, flag] of Object.entries(FLAG_CUES)) if (doc.hits.has(cue)) flags.push(flag);
  return flags;
}

/** Concepts whose presence sets a flag; a codebook that lacks them sets none. */
const FLAG_CUES = {
  'first-of-kind': 'first-of-kind',
  retrospective: 'retrospective',
  'private-citizen': 'private-citizen',
  multilateral: 'multilateral',
  secret: 'secret',
  reversal: 'reversal',
} as const;

/** An indicator without patterns is coded by its lexicon: a verb and a noun of it, or two words, in one sentence. */
function withLexiconPatterns(data: CodebookData): CodebookData {
  const covered = new Set(data.patterns.map((p) => p.indicator));
  const own = Object.keys(data.lexicon)
    .filter((id) => !covered.has(id) && data.codebook.indicators.some((i) => i.id === id))
    .map(
      (id): Pattern => ({
        id: `lexicon:${id}`,
        indicator: id,
        all: [`${LEXICON_PREFIX}verb:${id}`, `${LEXICON_PREFIX}noun:${id}`],
        none: [],
        noneItem: [],
        scope: 'sentence',
        grouping: 'pair',
        near: 0,
        kinds: [],
        weight: 0.7,
        status: null,
        severity: null,
        direction: null,
        flags: [],
      }),
    );
  return { ...data, patterns: [...data.patterns, ...own] };
}
