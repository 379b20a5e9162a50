import { describe, expect, it } from 'vitest';
import { codebookFileSchema } from '../../config/codebook-schema.js';
import type { NetData } from '../../core/codebook/data.js';
import { fitNet, type NetExample } from '../../core/coder/fit-net.js';
import { joinLogits, netLogit, openNet, packRow, unpackRow } from '../../core/coder/net.js';
import { sigmoid, sumOf } from '../../core/coder/weights.js';
import { coder, data, input } from './support.js';

const example = (indicator: string, names: string[], target: number): NetExample => ({
  indicator,
  features: new Map([['bias', 1], ...names.map((name): [string, number] => [name, 1])]),
  runs: [[]],
  target,
  weight: 1,
});

/** Either word alone makes an act, both together make none: no sum of weights says that. */
const EITHER = Array.from({ length: 200 }, () => [
  example('a.one', ['c sends'], 1),
  example('a.one', ['c never'], 1),
  example('a.one', ['c sends', 'c never'], 0),
  example('a.one', [], 0),
]).flat();

/** What the schema says of a stored net. */
function problemsOf(net: NetData): string[] {
  const { error } = codebookFileSchema.safeParse({ model: { threshold: 0.4, weights: {}, net } });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`);
}

describe('a stored net', () => {
  const net: NetData = { bias: packRow([0, 1]), rows: { a: packRow([1, 2]) }, outputs: { '*': packRow([1, 1, 0]) } };

  it.each<[string, NetData, string[]]>([
    ['is taken', net, []],
    ['with a short row', { ...net, rows: { a: packRow([1]) } }, ['model.net.rows.a has 1 numbers, not 2']],
    [
      'with an output without bias',
      { ...net, outputs: { '*': packRow([1, 1]) } },
      ['model.net.outputs.* has 2 numbers, not 3'],
    ],
    ['without an output for others', { ...net, outputs: { x: packRow([1, 1, 0]) } }, ['model.net.outputs lacks "*"']],
  ])('%s', (_, given, problems) => {
    expect(problemsOf(given)).toEqual(problems);
  });
});

describe('the net', () => {
  it('learns what two words say together', () => {
    const net = openNet(fitNet(EITHER));
    const logit = (names: string[]) => netLogit(net, 'a.one', example('a.one', names, 0).features, []);
    expect(logit(['c sends'])).toBeGreaterThan(0);
    expect(logit(['c never'])).toBeGreaterThan(0);
    expect(logit(['c sends', 'c never'])).toBeLessThan(0);
    expect(logit([])).toBeLessThan(0);
  });

  it('is the same for equal input', () => {
    expect(fitNet(EITHER)).toEqual(fitNet(EITHER));
  });

  it('knows features of one indicator without it', () => {
    const examples = EITHER.map((e) => ({
      ...e,
      features: new Map([...e.features].map(([name, value]) => [name.replace(/^c /, 't a.one '), value])),
    }));
    const net = openNet(fitNet(examples));
    expect([...net.rows.keys()].sort()).toEqual(['bias', 't * never', 't * sends']);
    const logit = (name: string) => netLogit(net, 'a.one', new Map([[name, 1]]), []);
    expect(logit('t b.two sends')).toBe(logit('t a.one sends'));
  });

  it('rates a text in the coder as it does the features that are fitted on', () => {
    const { weights, net: stored } = data.model!;
    const net = openNet(stored!);
    const plain = new Map(Object.entries(weights));
    const title = 'China buys Iranian oil';
    const [label] = coder.code(input(title));
    const { features, runs, indicator } = coder.drafts(input(title)).find((d) => d.indicator === 'econ.energy')!;
    const logit = joinLogits(sumOf(features, plain), netLogit(net, indicator, features, runs));
    expect(label?.indicator).toBe('econ.energy');
    expect(label?.confidence).toBeCloseTo(sigmoid(logit), 3);
  });

  it('answers for an indicator that it has not seen', () => {
    const net = openNet(fitNet(EITHER));
    expect(Number.isFinite(netLogit(net, 'b.new', new Map([['c sends', 1]]), []))).toBe(true);
  });

  it('keeps packed numbers within half a step', () => {
    const row = [0, 1.27, -0.633, 0.004, -1.2];
    const back = unpackRow(packRow(row));
    for (const [k, value] of row.entries()) expect(Math.abs(back[k]! - value)).toBeLessThanOrEqual(0.0051);
    expect([...unpackRow(packRow([0, 0]))]).toEqual([0, 0]);
  });
});
