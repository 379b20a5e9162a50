import type { CodebookData } from '../codebook/data.js';
import { calibrate } from './confidence.js';
import type { Doc } from './document.js';
import { createFeatureList, type FeatureList } from './feature-list.js';
import { type Draft, visitItemFeatures, visitOwnFeatures } from './features.js';
import type { TellPart } from './name-parts.js';
import { isHopeless, joinLogits, type Net, openNet, outputOf, plainFamily } from './net.js';
import { fullName, sigmoid } from './weights.js';

/** Probability of a draft by its own words, with what else was drafted of the item in sight. */
export type RateDraft = (doc: Doc, draft: Draft, drafts: readonly Draft[]) => number;

/** Rates by the fitted model: a plain sum of weights, and a net that sees what goes together. Without a model by the patterns' scores. */
export function createRateDraft(
  { model, settings }: CodebookData,
  conceptNames: readonly string[],
  tellPart: TellPart,
): RateDraft {
  if (model === null) return (_doc, { score }) => calibrate(score, settings.calibration);
  const net = model.net === null ? null : openNet(model.net);
  const { numberOf, weights, rows } = numberFeatures(model.weights, net);
  const list = createFeatureList(numberOf, conceptNames);
  const ofItem = new Float64Array(net?.width ?? 0);
  const units = new Float64Array(net?.width ?? 0);
  let item: readonly Draft[] | null = null;
  let side = 0;
  return (doc, draft, drafts) => {
    list.count = 0;
    visitOwnFeatures(doc, draft, drafts, tellPart, list.visit);
    const own = list.count;
    visitItemFeatures(doc, draft, list.visit);
    let sum = 0;
    for (let i = 0; i < list.count; i++) sum += list.values[i]! * weights[list.numbers[i]!]!;
    if (net === null || isHopeless(sum)) return sigmoid(sum);
    // What the whole item holds goes into the net alike for all of its drafts.
    if (item !== drafts || side !== draft.side) {
      ofItem.fill(0);
      addRows(net, rows, list, own, list.count, ofItem);
      item = drafts;
      side = draft.side;
    }
    units.set(ofItem);
    addRows(net, rows, list, 0, own, units);
    return sigmoid(joinLogits(sum, outputOf(net, draft.indicator, units)));
  };
}

/** Numbers for the features that either model knows, given as they are met, with the plain weight and the row in the net of each. */
function numberFeatures(plain: Readonly<Record<string, number>>, net: Net | null) {
  const known = new Map<string, number>();
  const weights: number[] = [];
  const rows: number[] = [];
  const numberOf = (family: string, name: string): number => {
    const full = fullName(family, name);
    const number = known.get(full);
    if (number !== undefined) return number;
    const weight = plain[full];
    const row = net?.rows.get(fullName(plainFamily(family), name));
    if (weight === undefined && row === undefined) return -1;
    weights.push(weight ?? 0);
    rows.push(row ?? -1);
    known.set(full, weights.length - 1);
    return weights.length - 1;
  };
  return { numberOf, weights, rows };
}

/**
 * Adds the rows of the features from `from` to before `to` of a list to the units of the net, one after the other in each unit.
 * Four at a time: each unit is read and written once for them.
 */
function addRows(
  { width, bytes, scales }: Net,
  rows: readonly number[],
  { numbers, values }: FeatureList,
  from: number,
  to: number,
  units: Float64Array,
): void {
  const at = [0, 0, 0, 0];
  const by = [0, 0, 0, 0];
  let count = 0;
  for (let i = from; i < to; i++) {
    const row = rows[numbers[i]!]!;
    if (row >= 0) {
      at[count] = row;
      by[count++] = values[i]! * scales[row / width]!;
    }
    if (count < 4) continue;
    const [a, b, c, d] = at as [number, number, number, number];
    const [p, q, r, s] = by as [number, number, number, number];
    for (let k = 0; k < width; k++)
      units[k] = units[k]! + p * bytes[a + k]! + q * bytes[b + k]! + r * bytes[c + k]! + s * bytes[d + k]!;
    count = 0;
  }
  for (let i = 0; i < count; i++) for (let k = 0; k < width; k++) units[k]! += by[i]! * bytes[at[i]! + k]!;
}
