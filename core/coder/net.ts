import type { NetData } from '../codebook/data.js';

/** Families of features that belong to one indicator. */
const OF_INDICATOR = /^(t|s|role|reading|persons-of|beside|weak-beside) \S+\.\S+/;
const WITHOUT_INDICATOR = '$1 *';
/** Output of indicators that the net has not seen. */
export const OTHERS = '*';

const plain = new Map<string, string>();

/**
 * A family of features that belongs to one indicator (`t econ.energy`: concepts in the headline of a draft of energy) without it
 * (`t *`): the hidden units learn by themselves which indicators share what.
 */
export function plainFamily(family: string): string {
  let known = plain.get(family);
  if (known === undefined) {
    known = family.replace(OF_INDICATOR, WITHOUT_INDICATOR);
    plain.set(family, known);
  }
  return known;
}

/** The same for a full name of a feature. */
export const plainName = plainFamily;

/** A net taken from its stored form: one hidden layer, an output for each indicator. */
export interface Net {
  width: number;
  /** Where the weights of a feature begin in `bytes`. */
  rows: ReadonlyMap<string, number>;
  /** Weights in steps of the scale of their row, as stored: an eighth as large as numbers, and read as often as text is. */
  bytes: Int8Array;
  scales: Float64Array;
  bias: Float64Array;
  outputs: ReadonlyMap<string, { bias: number; weights: Float64Array }>;
}

/** What a run of words counts, beside the concepts of the codebook. */
export const RUN_VALUE = 0.5;

export function openNet(data: NetData): Net {
  const bias = unpackRow(data.bias);
  const width = bias.length;
  const names = Object.keys(data.rows);
  const bytes = new Int8Array(names.length * width);
  const scales = new Float64Array(names.length);
  const rows = new Map<string, number>();
  names.forEach((name, i) => {
    rows.set(name, i * width);
    const packed = data.rows[name]!;
    bytes.set(bytesOf(packed), i * width);
    scales[i] = scaleOf(packed);
  });
  const outputs = new Map(
    Object.entries(data.outputs).map(([indicator, packed]) => {
      const row = unpackRow(packed);
      return [indicator, { bias: row[width]!, weights: row.subarray(0, width) }];
    }),
  );
  return { width, rows, bytes, scales, bias, outputs };
}

/** What the net says of a draft, as a logit, when `sums` holds the weights of its features added up. */
export function outputOf({ width, bias, outputs }: Net, indicator: string, sums: Float64Array): number {
  const out = outputs.get(indicator) ?? outputs.get(OTHERS)!;
  let logit = out.bias;
  for (let k = 0; k < width; k++) {
    const unit = bias[k]! + sums[k]!;
    if (unit > 0) logit += out.weights[k]! * unit;
  }
  return logit;
}

/** The same from features under their full names and the runs of words, for fitting. */
export function netLogit(
  net: Net,
  indicator: string,
  features: ReadonlyMap<string, number>,
  runs: ReadonlyArray<readonly string[]>,
): number {
  const { width, rows, bytes, scales } = net;
  const sums = new Float64Array(width);
  const add = (name: string, value: number) => {
    const row = rows.get(name);
    if (row === undefined) return;
    const step = value * scales[row / width]!;
    for (let k = 0; k < width; k++) sums[k]! += step * bytes[row + k]!;
  };
  for (const [name, value] of features) add(plainName(name), value);
  for (const name of runs.flat()) add(name, RUN_VALUE);
  return outputOf(net, indicator, sums);
}

/** Weight of the plain sum of weights in the rating of a draft; the net has the rest. */
const PLAIN_SHARE = 0.1;

/** Logit of a draft from both: their errors differ, so that a little of the plain sum steadies the net. */
export const joinLogits = (sum: number, net: number) => PLAIN_SHARE * sum + (1 - PLAIN_SHARE) * net;

/** Below this sum of weights the net is not asked, since it costs most: of 28,217 drafts that it would let through 26 lay below. */
const HOPELESS = -3.5;

export const isHopeless = (sum: number) => sum < HOPELESS;

const STEPS = 127;

/** Numbers in one byte each, with their scale before them: rounding by half a step changes no label that is not a toss-up. */
export function packRow(row: ArrayLike<number>): string {
  let most = 0;
  for (let k = 0; k < row.length; k++) most = Math.max(most, Math.abs(row[k]!));
  const scale = Number((most / STEPS).toPrecision(4));
  const bytes = new Int8Array(row.length);
  if (scale > 0) for (let k = 0; k < row.length; k++) bytes[k] = Math.round(row[k]! / scale);
  return `${scale} ${Buffer.from(bytes.buffer).toString('base64')}`;
}

const scaleOf = (packed: string): number => Number(packed.slice(0, packed.indexOf(' ')));

function bytesOf(packed: string): Int8Array {
  const bytes = Buffer.from(packed.slice(packed.indexOf(' ') + 1), 'base64');
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function unpackRow(packed: string): Float64Array {
  const scale = scaleOf(packed);
  const bytes = bytesOf(packed);
  const row = new Float64Array(bytes.length);
  for (let k = 0; k < row.length; k++) row[k] = bytes[k]! * scale;
  return row;
}
