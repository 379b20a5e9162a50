import { describe, expect, it } from 'vitest';
import { familyOf } from '../../core/coder/families.js';
import { fitNet, type NetExample } from '../../core/coder/fit-net.js';
import { netLogit, openNet, outputOf, packRow, plainFamily, unpackRow } from '../../core/coder/net.js';
import { createAdder } from '../../core/coder/weights.js';

const example = (indicator: string, names: string[], target: number): NetExample => ({
  indicator,
  features: new Map([['bias', 1], ...names.map((name): [string, number] => [name, 1])]),
  target,
  weight: 1,
});

/** Either word alone makes an act, both together make none: no sum of weights says that. */
const EITHER = Array.from({ length: 40 }, () => [
  example('a.one', ['c sends'], 1),
  example('a.one', ['c never'], 1),
  example('a.one', ['c sends', 'c never'], 0),
  example('a.one', [], 0),
]).flat();

describe('the net', () => {
  it('learns what two words say together', () => {
    const net = openNet(fitNet(EITHER));
    const logit = (names: string[]) => netLogit(net, 'a.one', example('a.one', names, 0).features);
    expect(logit(['c sends'])).toBeGreaterThan(0);
    expect(logit(['c never'])).toBeGreaterThan(0);
    expect(logit(['c sends', 'c never'])).toBeLessThan(0);
    expect(logit([])).toBeLessThan(0);
  });

  it('is the same for equal input', () => {
    expect(fitNet(EITHER)).toEqual(fitNet(EITHER));
  });

  it('adds up features of an item as it does those of a training example', () => {
    const examples = EITHER.map((e) => ({
      ...e,
      features: new Map([...e.features].map(([name, value]) => [name.replace(/^c /, 't a.one '), value])),
    }));
    const net = openNet(fitNet(examples));
    expect([...net.rows.keys()].sort()).toEqual(['bias', 't * never', 't * sends']);
    const adder = createAdder(net, ['never', 'sends'], plainFamily);
    const sums = adder.run((visit) => {
      visit(familyOf('bias'), '', 1);
      visit.concepts(familyOf('t a.one'), { count: 1, numbers: Int32Array.of(1) }, 1);
    });
    const features = new Map([
      ['bias', 1],
      ['t a.one sends', 1],
    ]);
    expect(outputOf(net, 'a.one', sums)).toBeCloseTo(netLogit(net, 'a.one', features), 10);
  });

  it('answers for an indicator that it has not seen', () => {
    const net = openNet(fitNet(EITHER));
    expect(Number.isFinite(netLogit(net, 'b.new', new Map([['c sends', 1]])))).toBe(true);
  });

  it('keeps packed numbers within half a step', () => {
    const row = [0, 1.27, -0.633, 0.004, -1.2];
    const back = unpackRow(packRow(row));
    for (const [k, value] of row.entries()) expect(Math.abs(back[k]! - value)).toBeLessThanOrEqual(0.0051);
    expect([...unpackRow(packRow([0, 0]))]).toEqual([0, 0]);
  });
});
