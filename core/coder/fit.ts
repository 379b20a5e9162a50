/** One training example: features of a draft and the share of its pairs that the gold has. */
export interface Example {
  features: ReadonlyMap<string, number>;
  target: number;
  weight: number;
}

/**
 * Logistic regression with ridge penalty, by accelerated gradient descent (Nesterov 1983) from zero: deterministic for equal
 * input. `penalty` gives the strength by feature, so that rare particular features are held closer to zero than general ones.
 */
export function fitLogistic(
  examples: readonly Example[],
  penalty: (name: string) => number,
  iterations = 200,
): Map<string, number> {
  const names = [...new Set(examples.flatMap((e) => [...e.features.keys()]))].sort();
  const index = new Map(names.map((name, i) => [name, i]));
  const rows = examples.map((e) => ({
    at: Int32Array.from([...e.features.keys()], (name) => index.get(name)!),
    value: Float64Array.from(e.features.values()),
    target: e.target,
    weight: e.weight,
  }));
  const strength = Float64Array.from(names, penalty);
  // The largest curvature of the loss bounds the step.
  const curvature = new Float64Array(names.length);
  for (const row of rows) {
    let norm = 0;
    for (const v of row.value) norm += Math.abs(v);
    row.at.forEach((j, k) => {
      curvature[j]! += 0.25 * row.weight * Math.abs(row.value[k]!) * norm;
    });
  }
  let weights = new Float64Array(names.length);
  const ahead = new Float64Array(names.length);
  const gradient = new Float64Array(names.length);
  for (let step = 1; step <= iterations; step++) {
    for (let j = 0; j < names.length; j++) gradient[j] = strength[j]! * ahead[j]!;
    for (const row of rows) {
      let sum = 0;
      for (let k = 0; k < row.at.length; k++) sum += row.value[k]! * ahead[row.at[k]!]!;
      const error = row.weight * (1 / (1 + Math.exp(-sum)) - row.target);
      for (let k = 0; k < row.at.length; k++) gradient[row.at[k]!]! += error * row.value[k]!;
    }
    const next = new Float64Array(names.length);
    const momentum = (step - 1) / (step + 2);
    for (let j = 0; j < names.length; j++) {
      next[j] = ahead[j]! - gradient[j]! / (curvature[j]! + strength[j]!);
      ahead[j] = next[j]! + momentum * (next[j]! - weights[j]!);
    }
    weights = next;
  }
  return new Map(names.map((name, j) => [name, weights[j]!]));
}
