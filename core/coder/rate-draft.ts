import type { CodebookData } from '../codebook/data.js';
import { calibrate } from './confidence.js';
import type { Doc } from './document.js';
import { type Draft, visitFeatures, visitItemFeatures, visitOwnFeatures } from './features.js';
import type { TellPart } from './name-parts.js';
import { isHopeless, joinLogits, openNet, outputOf, plainFamily } from './net.js';
import { createAdder, createScorer, sigmoid } from './weights.js';

/** Probability of a draft by its own words, with what else was drafted of the item in sight. */
export type RateDraft = (doc: Doc, draft: Draft, drafts: readonly Draft[]) => number;

/** Rates by the fitted model: a plain sum of weights, and a net that sees what goes together. Without a model by the patterns' scores. */
export function createRateDraft(
  { model, settings }: CodebookData,
  conceptNames: readonly string[],
  tellPart: TellPart,
): RateDraft {
  if (model === null) return (_doc, { score }) => calibrate(score, settings.calibration);
  const plain = createScorer({ label: model.weights }, conceptNames);
  const sumOf: RateDraft = (doc, draft, drafts) =>
    plain.run((visit) => visitFeatures(doc, draft, drafts, tellPart, visit))[0]!;
  if (model.net === null) return (doc, draft, drafts) => sigmoid(sumOf(doc, draft, drafts));
  const net = openNet(model.net);
  const hidden = createAdder(net, conceptNames, plainFamily);
  const ofItem = new Float64Array(net.width);
  let item: readonly Draft[] | null = null;
  let side = 0;
  return (doc, draft, drafts) => {
    const sum = sumOf(doc, draft, drafts);
    if (isHopeless(sum)) return sigmoid(sum);
    if (item !== drafts || side !== draft.side) {
      ofItem.set(hidden.run((visit) => visitItemFeatures(doc, draft, visit)));
      item = drafts;
      side = draft.side;
    }
    const units = hidden.run((visit) => visitOwnFeatures(doc, draft, drafts, tellPart, visit), ofItem);
    return sigmoid(joinLogits(sum, outputOf(net, draft.indicator, units)));
  };
}
