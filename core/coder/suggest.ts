import type { SuggestionsData } from '../codebook/data.js';
import type { Hit } from './concept-hits.js';
import type { Doc } from './document.js';
import { FOLDED, isHan, isHangul } from './fold.js';
import { unpackRow } from './net.js';
import { sentenceAt } from './sentences.js';
import { sigmoid } from './weights.js';
import type { RunFinder } from './word-runs.js';

/** An indicator that the words of an item suggest. */
export interface Suggestion {
  indicator: string;
  /** Share of the labelled items with such words that have it, whoever the members are. */
  probability: number;
  /** The word, or run of words, that speaks loudest for it. */
  act: Hit;
}

/** Indicators that the words of an item suggest, the likeliest first, save those that are known already. */
export type Suggest = (doc: Doc, isKnown: (indicator: string) => boolean) => Suggestion[];

/** Less likely ones are noise, and each costs a draft: at most so many in an item. */
const LEAST = 0.05;
const MOST = 3;

/**
 * Patterns find what their authors thought of. Which indicators the other words of an item suggest is a sum of weights over its
 * concepts and plain runs of words, fitted on labelled items (`fit-suggestions.ts`). A suggestion is a draft like those of the
 * patterns, to be rated as they are.
 */
export function createSuggest(data: SuggestionsData, conceptNames: readonly string[], finder: RunFinder): Suggest {
  const { indicators } = data;
  const width = indicators.length;
  const names = Object.keys(data.rows);
  const first = new Map(names.map((name, i) => [name, i * width]));
  const weights = new Float64Array(names.length * width);
  for (const [i, name] of names.entries()) weights.set(unpackRow(data.rows[name]!), i * width);
  const bias = unpackRow(data.bias);
  const rowsOfConcepts = Int32Array.from(conceptNames, (name) => first.get(name) ?? NONE);
  const rowsOfRuns = Int32Array.from(finder.names, (name) => first.get(name) ?? NONE);
  const sums = new Float64Array(width);
  const add = (row: number): void => {
    if (row >= 0) for (let k = 0; k < width; k++) sums[k]! += weights[row + k]!;
  };

  /** The concept or run that weighs most for an indicator and can show an act; a name cannot. */
  const actOf = (doc: Doc, indicator: number): Hit | null => {
    const { found } = doc.hits;
    const plain = finder.plainOf(doc);
    let most = 0;
    let act: Hit | null = null;
    for (const concept of found) {
      const row = rowsOfConcepts[concept]!;
      if (row < 0 || weights[row + indicator]! <= most) continue;
      const hit = doc.hits.of(concept).find(({ field, start, end }) => canShowAct(doc, field, start, end));
      if (hit === undefined) continue;
      most = weights[row + indicator]!;
      act = hit;
    }
    let best = NONE;
    for (let i = 0; i < plain.count; i++) {
      const row = rowsOfRuns[plain.runs[i]!]!;
      if (row < 0 || weights[row + indicator]! <= most) continue;
      const [field, start, end] = [plain.fields[i]! as 0 | 1, plain.starts[i]!, plain.ends[i]!];
      if (!canShowAct(doc, field, start, end)) continue;
      most = weights[row + indicator]!;
      best = i;
    }
    if (best < 0) return act;
    const field = plain.fields[best]! as 0 | 1;
    const [start, end] = [plain.starts[best]!, plain.ends[best]!];
    const phrase = doc.fields[field].slice(start, end);
    return { field, start, end, sentence: sentenceAt(doc.sentences, field, start), phrase };
  };

  return (doc, isKnown) => {
    if (width === 0) return [];
    sums.set(bias);
    for (const concept of doc.hits.found) add(rowsOfConcepts[concept]!);
    const plain = finder.plainOf(doc);
    for (let i = 0; i < plain.count; i++) add(rowsOfRuns[plain.runs[i]!]!);
    const out: Suggestion[] = [];
    for (let count = 0; count < MOST; count++) {
      let best = NONE;
      for (let k = 0; k < width; k++)
        if (sums[k]! > LEAST_SUM && (best < 0 || sums[k]! > sums[best]!) && !isKnown(indicators[k]!)) best = k;
      if (best < 0) break;
      const act = actOf(doc, best);
      if (act !== null) out.push({ indicator: indicators[best]!, probability: sigmoid(sums[best]!), act });
      sums[best] = Number.NEGATIVE_INFINITY;
    }
    return out;
  };
}

const NONE = -1;
const LEAST_SUM = Math.log(LEAST / (1 - LEAST));

/** Of words as short as "in" or "and" nobody would believe that they show an act. */
const LEAST_LETTERS = 4;
/** Of characters and syllables. */
const LEAST_WIDE = 2;

function canShowAct({ fields, mentions }: Doc, field: 0 | 1, start: number, end: number): boolean {
  const first = FOLDED[fields[field].charCodeAt(start)]!;
  if (end - start < (isHan(first) || isHangul(first) ? LEAST_WIDE : LEAST_LETTERS)) return false;
  return !mentions.some((m) => m.field === field && m.start < end && start < m.end);
}
