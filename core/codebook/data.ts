import type { Codebook, Member, Status } from './codebook.js';

/** Surface forms by language (ISO 639-1). Which languages exist is data, never code. */
export type Forms = Record<string, string[]>;

export interface MemberData extends Member {
  /** Group of outlets that speak from this member's home. */
  bloc: string | null;
}

/** A line of the gazetteer: a group of names of one member, of an outsider, a body, an instrument. */
export interface GazetteerEntry {
  id: string;
  /** Null for what is no member: outsiders, bodies, group names, masks. */
  member: string | null;
  kind: string;
  forms: Forms;
  /** Forms that count only beside an unambiguous form of the same member, or with one of `context` in the item. */
  ambig: string[];
  /** Term of office as ISO dates or their beginnings; the names count within it only. */
  from: string | null;
  until: string | null;
  /** Forms that may stand alone when a text holds any of these concepts. */
  context: string[];
}

export interface LexiconTerms {
  verbs: Forms;
  nouns: Forms;
}

/** How the participants of a pattern are grouped when a text names three or more. */
export type Grouping = 'pair' | 'joint' | 'directed' | 'star';

export interface Pattern {
  id: string;
  indicator: string;
  /** Each group names alternatives (`a|b`); one hit of every group within the scope makes the pattern fire. */
  all: string[];
  /** Concepts that forbid the pattern within the scope, and within the item. */
  none: string[];
  noneItem: string[];
  scope: 'clause' | 'sentence' | 'item';
  grouping: Grouping;
  /** Largest distance in characters between the hits of the groups; 0 is unlimited. */
  near: number;
  /** Kinds of mentions of which two different members must be present in the scope, e.g. leaders. */
  kinds: string[];
  /** Probability that the pattern is right when two members are linked to it in one sentence. */
  weight: number;
  status: Status | null;
  severity: number | null;
  /** `>` first participant to second, `<` second to first, `=` mutual. */
  direction: '>' | '<' | '=' | null;
  flags: string[];
}

/** A factor on a label when a cue concept stands near its act: hypotheticals, history, sport, opinion. */
export interface Damper {
  id: string;
  cue: string;
  /** Concepts beside which the cue does not damp. */
  unless: string[];
  scope: 'clause' | 'sentence' | 'title' | 'item';
  /** Smallest number of hits of the cue. */
  least: number;
  factor: number;
  /** Indicators it does not touch. */
  except: string[];
}

export interface CoderSettings {
  /** Labels below this score are not given. */
  threshold: number;
  /** Least confidence by use; what is left out follows from the others (`thresholdsOf`). */
  thresholds?: { series?: number; first?: number; alert?: number; review?: number } | undefined;
  /** Labels between this and the threshold are shown as near misses. */
  nearMiss: number;
  /** Factors on a pattern's weight by how the members are joined to the act. */
  links: Record<string, number>;
  dampers: Damper[];
  /** Severity of an act of which the text says no more, by indicator; else 2. */
  severity: Record<string, number>;
  /** Indicators whose acts happen in public: a report of them is no allegation. */
  public: string[];
  /** Logistic calibration of the score: confidence = 1 / (1 + exp(-(a + b * logit(score)))). */
  calibration: { intercept: number; slope: number };
}

/** Small words that tell the part of a name in its clause, and words of number; by language. */
export interface Grammar {
  /** Part, then the words right before a name that show it. */
  before: Record<string, Record<string, string[]>>;
  /** The same for the character before, and for what is attached behind a name. */
  beforeAttached: Record<string, Record<string, string[]>>;
  afterAttached: Record<string, Record<string, string[]>>;
  /** Words between a preposition and its name. */
  skipped: Record<string, string[]>;
  possessive: Record<string, string[]>;
  /** What a word of number multiplies by. */
  scales: Record<string, Record<string, number>>;
}

/** A net with one hidden layer, each row packed: a scale, then one byte a number; see `core/coder/net.ts`. */
export interface NetData {
  bias: string;
  /** Weights to the hidden units, by feature. */
  rows: Record<string, string>;
  /** Weights from the hidden units and a bias, by indicator. */
  outputs: Record<string, string>;
}

/** Weights of the words of an item by indicator, packed like those of a net; see `core/coder/suggest.ts`. */
export interface SuggestionsData {
  /** The indicators in the order of the numbers in each row. */
  indicators: string[];
  bias: string;
  /** By concept, or run of words. */
  rows: Record<string, string>;
}

/** Weights fitted on labelled items; without them the patterns' own weights decide. */
export interface Model {
  /** Least probability of a label that is given. */
  threshold: number;
  /** What its words suggest of an item beside what patterns find; null for nothing. */
  suggestions: SuggestionsData | null;
  weights: Record<string, number>;
  /** What rates each draft together with the sum of `weights`; null leaves it to them. */
  net: NetData | null;
  /** Weights that choose among the drafts of an item, beside the probability that `weights` give each. */
  choice: Record<string, number>;
  /** Weights that tell the statuses apart, by status. */
  status: Record<string, Record<string, number>>;
  /** Weights that grade an act, by severity. */
  severity: Record<string, Record<string, number>>;
}

export interface Guidance {
  include: string[];
  exclude: string[];
  boundary: string[];
}

/** Everything the rules coder is built from. */
export interface CodebookData {
  codebook: Codebook;
  members: MemberData[];
  gazetteer: GazetteerEntry[];
  lexicon: Record<string, LexiconTerms>;
  cues: Record<string, Forms>;
  concepts: Record<string, Forms>;
  /** Concepts whose hits are dropped where a hit of the key covers them. */
  masks: Record<string, string[]>;
  patterns: Pattern[];
  priority: string[];
  /** Forms of English verbs that rules of spelling do not give. */
  irregularVerbs: Record<string, string[]>;
  rules: Array<{ id: string; rule: string }>;
  severity: Record<string, Record<string, string>>;
  /** What an indicator takes in, leaves out, and how it is told from its neighbours, in words; by indicator. */
  guidance: Record<string, Guidance>;
  weights: Record<string, unknown>;
  settings: CoderSettings;
  grammar: Grammar;
  model: Model | null;
}
