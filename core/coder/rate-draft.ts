import type { CodebookData } from '../codebook/data.js';
import { calibrate } from './confidence.js';
import type { Doc } from './document.js';
import { createFeatureList, type FeatureList } from './feature-list.js';
import { type Draft, visitItemFeatures, visitOwnFeatures } from './features.js';
import type { TellPart } from './name-parts.js';
import { isHopeless, joinLogits, type Net, openNet, outputOf, plainFamily, RUN_VALUE } from './net.js';
import { fullName, sigmoid } from './weights.js';
import type { FoundRuns, RunFinder } from './word-runs.js';

/** Probability of a draft by its own words, with what else was drafted of the item in sight. */
export type RateDraft = (doc: Doc, draft: Draft, drafts: readonly Draft[]) => number;

/** Rates by the fitted model: a plain sum of weights, and a net that sees what goes together. Without a model by the patterns' scores. */
export function createRateDraft(
  { model, settings }: CodebookData,
  conceptNames: readonly string[],
  tellPart: TellPart,
  finder: RunFinder,
): RateDraft {
  if (model === null) return (_doc, { score }) => calibrate(score, settings.calibration);
  const net = model.net === null ? null : openNet(model.net);
  const { numberOf, weights, rows } = numberFeatures(model.weights, net);
  const list = createFeatureList(numberOf, conceptNames);
  const rowsOfRuns = Int32Array.from(finder.names, (name) => net?.rows.get(name) ?? -1);
  const ofPlainRuns = new Float64Array(net?.width ?? 0);
  const ofMarkedRuns = createSums(net?.width ?? 0);
  const ofItem = new Float64Array(net?.width ?? 0);
  const units = new Float64Array(net?.width ?? 0);
  let item: readonly Draft[] | null = null;
  let side = NO_SIDE;
  return (doc, draft, drafts) => {
    list.count = 0;
    visitOwnFeatures(doc, draft, drafts, tellPart, list.visit);
    const own = list.count;
    visitItemFeatures(doc, draft, list.visit);
    let sum = 0;
    for (let i = 0; i < list.count; i++) sum += list.values[i]! * weights[list.numbers[i]!]!;
    if (net === null || isHopeless(sum)) return sigmoid(sum);
    // What the whole item holds goes into the net alike for all of its drafts.
    if (item !== drafts) {
      item = drafts;
      ofPlainRuns.fill(0);
      addRuns(net, rowsOfRuns, finder.plainOf(doc), ofPlainRuns);
      ofMarkedRuns.clear();
      side = NO_SIDE;
    }
    if (side !== draft.side) {
      side = draft.side;
      ofItem.set(ofPlainRuns);
      addRows(net, rows, list, own, list.count, ofItem);
    }
    units.set(ofItem);
    const marked = ofMarkedRuns.of(draft.members, (sums) =>
      addRuns(net, rowsOfRuns, finder.markedOf(doc, draft.members), sums),
    );
    for (let k = 0; k < units.length; k++) units[k]! += marked[k]!;
    addRows(net, rows, list, 0, own, units);
    return sigmoid(joinLogits(sum, outputOf(net, draft.indicator, units)));
  };
}

const NO_SIDE = -1;

/** Sums by set of members within one item, in memory that is used again for the next. */
function createSums(width: number) {
  const sets: Array<{ members: readonly string[]; sums: Float64Array }> = [];
  let count = 0;
  return {
    clear(): void {
      count = 0;
    },
    /** The sums of these members; `fill` puts them together when they are asked for the first time. */
    of(members: readonly string[], fill: (sums: Float64Array) => void): Float64Array {
      for (let i = 0; i < count; i++) {
        const set = sets[i]!;
        if (set.members.length === members.length && set.members.every((code, k) => code === members[k]))
          return set.sums;
      }
      if (count === sets.length) sets.push({ members, sums: new Float64Array(width) });
      const set = sets[count++]!;
      set.members = members;
      set.sums.fill(0);
      fill(set.sums);
      return set.sums;
    },
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

/** Adds the rows of the features from `from` to before `to` of a list to the units of the net. */
function addRows(
  net: Net,
  rows: readonly number[],
  { numbers, values }: FeatureList,
  from: number,
  to: number,
  units: Float64Array,
): void {
  let count = 0;
  for (let i = from; i < to; i++) {
    const row = rows[numbers[i]!]!;
    if (row >= 0) count = addRow(net, row, values[i]!, count, units);
  }
  addLeft(net, count, units);
}

function addRuns(net: Net, rows: Int32Array, { runs, count: found }: FoundRuns, units: Float64Array): void {
  let count = 0;
  for (let i = 0; i < found; i++) {
    const row = rows[runs[i]!]!;
    if (row >= 0) count = addRow(net, row, RUN_VALUE, count, units);
  }
  addLeft(net, count, units);
}

/** Rows that wait to be added, and what they are multiplied by: four at a time, so that each unit is read and written once for them. */
const at = new Int32Array(4);
const by = new Float64Array(4);

/** Adds a row when three wait already; returns how many wait then. */
function addRow(
  { width, bytes, scales }: Net,
  row: number,
  value: number,
  waiting: number,
  units: Float64Array,
): number {
  at[waiting] = row;
  by[waiting] = value * scales[row / width]!;
  if (waiting < 3) return waiting + 1;
  const [a, b, c, d] = [at[0]!, at[1]!, at[2]!, at[3]!];
  const [p, q, r, s] = [by[0]!, by[1]!, by[2]!, by[3]!];
  for (let k = 0; k < width; k++)
    units[k] = units[k]! + p * bytes[a + k]! + q * bytes[b + k]! + r * bytes[c + k]! + s * bytes[d + k]!;
  return 0;
}

function addLeft({ width, bytes }: Net, waiting: number, units: Float64Array): void {
  for (let i = 0; i < waiting; i++) for (let k = 0; k < width; k++) units[k]! += by[i]! * bytes[at[i]! + k]!;
}
