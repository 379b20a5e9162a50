import type { Polarity, Status } from '../codebook/codebook.js';

/** What a coder reads: one item as its feed gave it, with what is known of its outlet. */
export interface CoderInput {
  title: string;
  summary: string;
  /** ISO 639-1, declared by the feed or its source; null when unknown (the coder then detects it). */
  language: string | null;
  source: string | null;
  /** ISO 3166 alpha-2 of the outlet's country. */
  country: string | null;
  bloc: string | null;
  /** Day the item counts on; terms of office are resolved by it. */
  publishedAt: Date | null;
}

/** Where the words are: UTF-16 units of the original field. `for` is `act` or a member code. */
export interface EvidenceSpan {
  for: string;
  field: 'title' | 'summary';
  start: number;
  end: number;
  text: string;
  /** The home country of a state outlet, meant but not named ("our country"). */
  implied?: true;
}

/** What a coder says of one item. Participants are sorted member codes, two to four. */
export interface Label {
  indicator: string;
  participants: string[];
  /** `A>B` for supplier or helper to receiver, `mutual`, or null when the text does not tell. */
  direction: string | null;
  status: Status;
  polarity: Polarity;
  severity: 1 | 2 | 3 | 4 | 5;
  /** Probability that a careful human coder would give this label, 0 to 1. */
  confidence: number;
  flags: string[];
  /** Ids of the rules that fired, for `code` and `explain`. */
  rules: string[];
  evidence: EvidenceSpan[];
}

/** Anything that reads an item and returns labels. Must be deterministic for equal version and codebook. */
export interface Coder {
  /** `rules`, `llm` or `human`. */
  name: string;
  version: string;
  codebookVersion: string;
  code(input: CoderInput): Label[];
}
