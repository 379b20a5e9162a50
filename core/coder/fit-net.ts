import type { NetData } from '../codebook/data.js';
import { seeded } from './figures.js';
import type { Example } from './fit.js';
import { OTHERS, packRow, plainName } from './net.js';

/** A training example of a draft of one indicator. */
export interface NetExample extends Example {
  indicator: string;
}

/** Nets that are fitted from different beginnings and stored as one: the mean of several is steadier than any. */
const NETS = 4;
const UNITS = 24;
const EPOCHS = 7;
/** Share of features left out at each step, so that no unit leans on a single one. */
const DROPPED = 0.4;
const RATE = 0.05;
const DECAY = 1e-4;
const OUTPUT_DECAY = 1e-3;
/** Features of fewer drafts are not learnt from. */
const LEAST_DRAFTS = 3;

/**
 * Fits nets with one hidden layer of rectified units and an output for each indicator, by stochastic gradient descent with steps
 * by feature (AdaGrad: Duchi, Hazan and Singer 2011) and dropout on the features (Srivastava et al. 2014). Deterministic for
 * equal input.
 */
export function fitNet(examples: readonly NetExample[]): NetData {
  const { names, rows } = indexFeatures(examples);
  const indicators = [...new Set(examples.map((e) => e.indicator))].sort();
  const numbers = new Map(indicators.map((id, i) => [id, i]));
  const drafts = examples.map((e, i) => ({
    ...rows[i]!,
    target: e.target,
    weight: e.weight,
    out: numbers.get(e.indicator)!,
  }));
  const nets = Array.from({ length: NETS }, (_, i) => fitOne(drafts, names.length, indicators.length, 7 + 101 * i));
  const join = (of: (net: Fitted) => Float64Array) => {
    const parts = nets.map(of);
    const out = new Float64Array(UNITS * NETS);
    for (const [i, part] of parts.entries()) out.set(part, i * UNITS);
    return out;
  };
  const mean = (of: (net: Fitted) => number) => nets.reduce((sum, net) => sum + of(net), 0) / NETS;
  /** Each net speaks with its share, so that their sum is the mean. */
  const output = (weightsOf: (net: Fitted, k: number) => number, biasOf: (net: Fitted) => number) =>
    packRow([...join((net) => Float64Array.from({ length: UNITS }, (_, k) => weightsOf(net, k) / NETS)), mean(biasOf)]);
  return {
    bias: packRow(join((net) => net.bias)),
    rows: Object.fromEntries(
      names.map((name, i) => [name, packRow(join((net) => net.weights.subarray(i * UNITS, (i + 1) * UNITS)))]),
    ),
    outputs: {
      [OTHERS]: output(
        (net, k) => net.shared[k]!,
        (net) => net.sharedBias,
      ),
      ...Object.fromEntries(
        indicators.map((id, i) => [
          id,
          output(
            (net, k) => net.shared[k]! + net.own[i * UNITS + k]!,
            (net) => net.sharedBias + net.ownBias[i]!,
          ),
        ]),
      ),
    },
  };
}

interface Row {
  at: Int32Array;
  value: Float64Array;
}

function indexFeatures(examples: readonly NetExample[]): { names: string[]; rows: Row[] } {
  const plain = examples.map(({ features }) =>
    [...features].map(([name, value]) => ({ name: plainName(name), value })),
  );
  const counts = new Map<string, number>();
  for (const list of plain) for (const { name } of list) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts.keys()].filter((name) => counts.get(name)! >= LEAST_DRAFTS).sort();
  const index = new Map(names.map((name, i) => [name, i]));
  const rows = plain.map((list) => {
    const known = list.filter(({ name }) => index.has(name));
    return {
      at: Int32Array.from(known, ({ name }) => index.get(name)!),
      value: Float64Array.from(known, ({ value }) => value),
    };
  });
  return { names, rows };
}

interface Fitted {
  weights: Float64Array;
  bias: Float64Array;
  shared: Float64Array;
  sharedBias: number;
  own: Float64Array;
  ownBias: Float64Array;
}

/** Weights with the sums of their squared gradients, by which AdaGrad shortens each step. */
class Stepped {
  readonly at: Float64Array;
  private readonly squares: Float64Array;

  constructor(length: number) {
    this.at = new Float64Array(length);
    this.squares = new Float64Array(length).fill(1e-2);
  }

  step(i: number, gradient: number): void {
    const squares = this.squares[i]! + gradient * gradient;
    this.squares[i] = squares;
    this.at[i]! -= (RATE * gradient) / Math.sqrt(squares);
  }

  /** A step for each number of a row, of the gradients that reach the units times `x`; the bulk of the work. */
  stepRow(first: number, gradients: Float64Array, x: number): void {
    const { at, squares } = this;
    for (let k = 0; k < gradients.length; k++) {
      const i = first + k;
      const gradient = gradients[k]! * x + DECAY * at[i]!;
      const sum = squares[i]! + gradient * gradient;
      squares[i] = sum;
      at[i]! -= (RATE * gradient) / Math.sqrt(sum);
    }
  }
}

function fitOne(
  drafts: ReadonlyArray<Row & { target: number; weight: number; out: number }>,
  features: number,
  indicators: number,
  seed: number,
): Fitted {
  const random = seeded(seed);
  const weights = new Stepped(features * UNITS);
  const bias = new Stepped(UNITS);
  const shared = new Stepped(UNITS);
  const sharedBias = new Stepped(1);
  const own = new Stepped(indicators * UNITS);
  const ownBias = new Stepped(indicators);
  for (let i = 0; i < weights.at.length; i++) weights.at[i] = (random() - 0.5) * 0.2;
  for (let k = 0; k < UNITS; k++) shared.at[k] = (random() - 0.5) * 0.5;
  const order = drafts.map((_, i) => i);
  const units = new Float64Array(UNITS);
  const back = new Float64Array(UNITS);
  const kept = new Int32Array(drafts.reduce((most, d) => Math.max(most, d.at.length), 0));
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(order, random);
    for (const n of order) {
      const { at, value, target, weight, out } = drafts[n]!;
      units.set(bias.at);
      let count = 0;
      for (let j = 0; j < at.length; j++) {
        if (random() < DROPPED) continue;
        kept[count++] = j;
        const row = at[j]! * UNITS;
        const x = value[j]! / (1 - DROPPED);
        for (let k = 0; k < UNITS; k++) units[k]! += weights.at[row + k]! * x;
      }
      const first = out * UNITS;
      let logit = sharedBias.at[0]! + ownBias.at[out]!;
      for (let k = 0; k < UNITS; k++) if (units[k]! > 0) logit += (shared.at[k]! + own.at[first + k]!) * units[k]!;
      const error = weight * (1 / (1 + Math.exp(-logit)) - target);
      sharedBias.step(0, error);
      ownBias.step(out, error);
      for (let k = 0; k < UNITS; k++) {
        const unit = units[k]!;
        back[k] = unit > 0 ? error * (shared.at[k]! + own.at[first + k]!) : 0;
        shared.step(k, error * Math.max(0, unit) + DECAY * shared.at[k]!);
        if (unit > 0) own.step(first + k, error * unit + OUTPUT_DECAY * own.at[first + k]!);
        bias.step(k, back[k]!);
      }
      for (let i = 0; i < count; i++) {
        const j = kept[i]!;
        weights.stepRow(at[j]! * UNITS, back, value[j]! / (1 - DROPPED));
      }
    }
  }
  return {
    weights: weights.at,
    bias: bias.at,
    shared: shared.at,
    sharedBias: sharedBias.at[0]!,
    own: own.at,
    ownBias: ownBias.at,
  };
}

function shuffle(list: number[], random: () => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
}
