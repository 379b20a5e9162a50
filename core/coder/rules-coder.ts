import type { Status } from '../codebook/codebook.js';
import type { CodebookData, Model, Pattern, SuggestionsData } from '../codebook/data.js';
import { thresholdsOf } from '../codebook/thresholds.js';
import { barePattern, type Candidate, compilePatterns } from './candidates.js';
import { settle, visitChoice } from './choice.js';
import { directionOf } from './direction.js';
import { type Doc, readDocument } from './document.js';
import { draftLabels } from './drafts.js';
import { isEvidenced, spanOf } from './evidence.js';
import type { Visit } from './families.js';
import { type Draft, visitFeatures } from './features.js';
import type { Coder, CoderInput, EvidenceSpan, Label } from './label.js';
import { createLexer, LEXICON_PREFIX } from './lexer.js';
import { compileParts } from './name-parts.js';
import { createRateDraft } from './rate-draft.js';
import { compileNumbers, decideSeverity, type Severity, visitSeverity } from './severity.js';
import { decideStatus, visitStatus } from './status.js';
import { type Judged, strongEnough, surestOf } from './strong-enough.js';
import { createSuggest } from './suggest.js';
import { collectFeatures, createScorer, type Scorer, sigmoid } from './weights.js';
import { createRunFinder, isRun, markedRunsOf, plainRunsOf } from './word-runs.js';

/** Changes whenever equal texts may get other labels from the same codebook. */
export const CODER_VERSION = '1.4.0';

/** A label that did not reach the threshold, for whoever tunes the patterns. */
export interface NearMiss {
  label: Label;
  score: number;
  notes: string[];
}

export interface RulesCoder extends Coder {
  /** Labels with everything that almost became one. */
  explain(input: CoderInput): { labels: Label[]; nearMisses: NearMiss[] };
  /** Names of the concepts and plain runs of words of an item that names two members, null for others; for fitting. */
  words(input: CoderInput): string[] | null;
  /** Everything that patterns and words suggest, with the features that the model weighs; for fitting. */
  drafts(input: CoderInput): Array<{
    indicator: string;
    participants: string[];
    side: number;
    features: Map<string, number>;
    /** Plain runs of words of the item and marked ones of the participants: one list for all drafts that share it. */
    runs: ReadonlyArray<readonly string[]>;
    statusFeatures: Map<string, number>;
    severityFeatures: Map<string, number>;
  }>;
  /** Labels by confidences given from outside, by `indicator members`; for cross-validation. */
  labelsWith(input: CoderInput, confidenceOf: (key: string) => number): Label[];
}

/**
 * The coder by rules over structure: one automaton pass finds names and concepts, patterns of the codebook join them to acts,
 * and only labels whose participants and act point to words of the item leave it. Deterministic, without network.
 */
export function createRulesCoder(source: CodebookData): RulesCoder {
  const data = withLexiconPatterns(source);
  const lexer = createLexer(data);
  const patterns = compilePatterns(data.patterns, data.settings, lexer.numbers);
  const indicators = new Map(data.codebook.indicators.map((i) => [i.id, i]));
  const order = new Map(data.priority.map((id, i) => [id, i]));
  const tellPart = compileParts(data.grammar);
  const largestNumber = compileNumbers(data.grammar);
  const finder = createRunFinder(runsOf(data.model));
  const suggest = createSuggest(data.model?.suggestions ?? NOTHING, lexer.conceptNames, finder);
  const rate = createRateDraft(data, lexer.conceptNames, tellPart, finder);
  const choice = createScorer({ label: data.model?.choice ?? {} });
  const hasChoice = Object.keys(data.model?.choice ?? {}).length > 0;
  const statuses = createScorer(data.model?.status ?? {}, lexer.conceptNames);
  const severities = createScorer(data.model?.severity ?? {}, lexer.conceptNames);
  const thresholds = thresholdsOf(data);
  const isPublic = new Set(data.settings.public);

  const visitStatusOf = (doc: Doc, draft: Draft, visit: Visit): Status => {
    const { pattern, act, party } = draft.candidates[0]!;
    const byRule = decideStatus(doc, pattern, act, party, isPublic.has(pattern.indicator));
    visitStatus(doc, pattern, act, party, byRule, visit);
    return byRule;
  };
  const visitSeverityOf = (doc: Doc, draft: Draft, visit: Visit): Severity => {
    const best = draft.candidates[0]!;
    const byRule = decideSeverity(doc, best.pattern, best.act, data);
    visitSeverity(doc, best, draft.candidates, byRule, largestNumber(doc), visit);
    return byRule;
  };
  /** The class whose weights speak loudest, or what the rules say when nothing was fitted. */
  const decide = <T>(scorer: Scorer, parse: (name: string) => T, visitAll: (visit: Visit) => T): T => {
    let byRule: T | undefined;
    const sums = scorer.run((visit) => {
      byRule = visitAll(visit);
    });
    if (sums.length === 0) return byRule as T;
    let best = 0;
    for (let k = 1; k < sums.length; k++) if (sums[k]! > sums[best]!) best = k;
    return parse(scorer.classes[best]!);
  };
  const statusOf = (doc: Doc, draft: Draft) =>
    decide(
      statuses,
      (name) => name as Status,
      (visit) => visitStatusOf(doc, draft, visit),
    );
  const severityOf = (doc: Doc, draft: Draft) =>
    decide(
      severities,
      (name) => Number(name) as Severity,
      (visit) => visitSeverityOf(doc, draft, visit),
    );

  const toLabel = (doc: Doc, input: CoderInput, draft: Draft, confidence: number): Label => {
    const { candidates } = draft;
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
      direction: directionOf(doc, pattern, party.members, indicator.direction, tellPart),
      status: statusOf(doc, draft),
      polarity: indicator.polarity,
      severity: severityOf(doc, draft),
      confidence,
      flags: flagsOf(doc, pattern, party.members),
      rules: [...new Set(candidates.map((c) => c.pattern.id))].sort(),
      evidence,
    };
  };

  // A fit holds millions of names of features at once, of which few are different.
  const names = new Map<string, string>();
  const intern = (name: string): string => {
    const known = names.get(name);
    if (known === undefined) names.set(name, name);
    return known ?? name;
  };
  const collect = (visitAll: (visit: Visit) => void) => collectFeatures(visitAll, lexer.conceptNames, intern);

  /**
   * Drafts with the probability that a careful human would give them, seen beside the other drafts. Those that `least` shuts out
   * anyway are not looked at closely.
   */
  const judge = (doc: Doc, least: number): Judged[] => {
    const drafts = draftLabels(doc, patterns, suggest);
    for (const draft of drafts) draft.probability = rate(doc, draft, drafts);
    if (!drafts.some((draft) => round(draft.probability) >= least)) return [];
    if (!hasChoice) return drafts.map((draft) => ({ draft, confidence: round(draft.probability) }));
    const confidences = settle(
      drafts,
      (i) => sigmoid(choice.run((visit) => visitChoice(drafts, i, visit))[0]!),
      least - HALF_A_STEP,
    );
    return drafts.map((draft, i) => ({ draft, confidence: round(confidences[i]!) }));
  };

  const finish = (doc: Doc, input: CoderInput, strong: Judged[]): Label[] =>
    strong
      .map((j) => toLabel(doc, input, j.draft, j.confidence))
      .filter((label) => isEvidenced(input, label))
      .sort(
        (a, b) =>
          (order.get(a.indicator) ?? 999) - (order.get(b.indicator) ?? 999) ||
          (a.participants.join() < b.participants.join() ? -1 : 1),
      );

  const explain = (input: CoderInput): { labels: Label[]; nearMisses: NearMiss[] } => {
    const doc = readDocument(lexer, data, input);
    if (!doc) return { labels: [], nearMisses: [] };
    const judged = judge(doc, Math.min(thresholds.series, data.settings.nearMiss));
    const strong = strongEnough(judged, thresholds);
    const surest = surestOf(judged);
    const nearMisses = judged
      .filter((j) => !strong.includes(j) && j.confidence >= data.settings.nearMiss)
      .map((j) => ({
        label: toLabel(doc, input, j.draft, j.confidence),
        score: j.draft.score,
        // Else it would look as if a label of this confidence counted at one time and not at another.
        notes: [...notesOf(j.draft.candidates[0]!), ...(surest(j.draft) < thresholds.first ? ['below first'] : [])],
      }));
    return { labels: finish(doc, input, strong), nearMisses };
  };

  return {
    name: 'rules',
    version: CODER_VERSION,
    codebookVersion: data.codebook.version,
    explain,
    code: (input) => {
      const doc = readDocument(lexer, data, input);
      return doc === null ? [] : finish(doc, input, strongEnough(judge(doc, thresholds.series), thresholds));
    },
    words: (input) => {
      const doc = readDocument(lexer, data, input);
      if (!doc) return null;
      return [...doc.hits.found.map((number) => lexer.conceptNames[number]!), ...plainRunsOf(doc)];
    },
    drafts: (input) => {
      const doc = readDocument(lexer, data, input);
      if (!doc) return [];
      const drafts = draftLabels(doc, patterns, suggest);
      const plain = plainRunsOf(doc);
      const marked = new Map(drafts.map(({ members }) => [members.join(), markedRunsOf(doc, members)]));
      return drafts.map((draft) => ({
        indicator: draft.indicator,
        participants: draft.members,
        side: draft.side,
        features: collect((visit) => visitFeatures(doc, draft, drafts, tellPart, visit)),
        runs: [plain, marked.get(draft.members.join())!],
        statusFeatures: collect((visit) => visitStatusOf(doc, draft, visit)),
        severityFeatures: collect((visit) => visitSeverityOf(doc, draft, visit)),
      }));
    },
    labelsWith: (input, confidenceOf) => {
      const doc = readDocument(lexer, data, input);
      if (!doc) return [];
      const judged = draftLabels(doc, patterns, suggest).map((draft) => ({
        draft,
        confidence: confidenceOf(`${draft.indicator} ${draft.members.join('-')}`),
      }));
      return finish(doc, input, strongEnough(judged, thresholds));
    },
  };
}

const NOTHING: SuggestionsData = { indicators: [], bias: '0 ', rows: {} };

/** All runs of words that a model knows. */
function runsOf(model: Model | null): string[] {
  const names = [model?.net?.rows, model?.suggestions?.rows].flatMap((rows) => Object.keys(rows ?? {}));
  return [...new Set(names.filter(isRun))];
}

/** The link and the dampers that changed the score. */
const notesOf = ({ party, dampers }: Candidate): string[] => [party.link, ...dampers];

const round = (value: number) => Math.round(value * 1000) / 1000;
/** What rounding adds at most. */
const HALF_A_STEP = 0.0005;

function flagsOf(doc: Doc, pattern: Pattern, members: Candidate['party']['members']): string[] {
  const flags = new Set(pattern.flags);
  if (members.some((m) => m.kind === 'proxy')) flags.add('proxy');
  for (const flag of FLAG_CUES) if (doc.hits.has(flag)) flags.add(flag);
  return [...flags].sort();
}

/** Concepts whose presence sets a flag of their name; a codebook that lacks them sets none. */
const FLAG_CUES = ['first-of-kind', 'retrospective', 'private-citizen', 'multilateral', 'secret', 'reversal', 'hk'];

/** An indicator without patterns is coded by its lexicon: a verb and a noun of it, or two words, in one sentence. */
function withLexiconPatterns(data: CodebookData): CodebookData {
  const covered = new Set(data.patterns.map((p) => p.indicator));
  const own = Object.keys(data.lexicon)
    .filter((id) => !covered.has(id) && data.codebook.indicators.some((i) => i.id === id))
    .map((id) => ({
      ...barePattern(`lexicon:${id}`, id),
      all: [`${LEXICON_PREFIX}verb:${id}`, `${LEXICON_PREFIX}noun:${id}`],
      weight: 0.7,
    }));
  return { ...data, patterns: [...data.patterns, ...own] };
}
