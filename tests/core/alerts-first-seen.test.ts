import { describe, expect, it, test } from 'vitest';
import type { PastAlert } from '../../core/alerts/rule.js';
import { prepareRule } from '../../core/alerts/rule-kinds.js';
import { type SeriesSketch, seriesOf } from '../support/alert-series.js';

const NOW = new Date('2026-11-22T12:00:00Z');

function decide(sketch: SeriesSketch, past: PastAlert[] = [], params: Record<string, unknown> = {}) {
  const rule = prepareRule({ id: 'new', kind: 'first-seen', scope: {}, severity: 'high', params });
  return rule.decide(seriesOf(sketch), past, NOW);
}

it('a first ever story after enough covered days is raised with its counts and its reason', () => {
  expect(decide({ counts: { '2026-11-21': 1, '2026-11-22': 2 } })).toEqual({
    kind: 'raise',
    reason: 'first ever, on 2026-11-21: 398 covered days without one before it',
    raise: {
      episode: 'first-ever',
      symbol: '★',
      headline: 'first ever',
      measure: 'stories',
      value: 3,
      window: { start: '2026-11-21', end: '2026-11-22' },
      condition: 'none in all 398 covered days before (rule: at least 90)',
      families: ['north', 'south'],
    },
  });
});

it('a story after a long silence is first in N days, counted from the last one', () => {
  const decision = decide({ counts: { '2026-08-14': 1, '2026-11-22': 1 } });
  expect(decision).toMatchObject({
    kind: 'raise',
    raise: { episode: 'after:2026-08-14', headline: 'first in 100 days', value: 1 },
  });
});

test.each<{ name: string; sketch: SeriesSketch; past?: PastAlert[]; params?: object; reason: string }>([
  { name: 'an empty series', sketch: {}, reason: 'nothing counted in this series' },
  {
    name: 'a young installation: old news is not new',
    sketch: { counts: { '2026-11-22': 1 }, readSince: '2026-11-10' },
    reason: 'no earlier one, but only 12 covered days lie before 2026-11-22, the rule wants 90',
  },
  {
    name: 'a silence that was an outage',
    sketch: { counts: { '2026-08-01': 1, '2026-11-22': 1 }, unread: { from: '2026-08-10', to: '2026-11-01' } },
    reason: 'the last one was on 2026-08-01: only 28 covered days lie before 2026-11-22, the rule wants 90',
  },
  {
    name: 'half a panel: each day covers half a day',
    sketch: { counts: { '2026-07-15': 1, '2026-11-22': 1 }, feedsRead: 5 },
    reason: 'the last one was on 2026-07-15: only 64 covered days lie before 2026-11-22, the rule wants 90',
  },
  {
    name: 'an episode that was raised before',
    sketch: { counts: { '2026-11-20': 1, '2026-11-22': 4 } },
    past: [{ episode: 'first-ever', day: '2026-11-20' }],
    reason: 'already raised for 2026-11-20',
  },
  {
    name: 'a late item that opens the raised burst a day earlier',
    sketch: { counts: { '2026-06-01': 1, '2026-11-19': 1, '2026-11-20': 1 } },
    past: [{ episode: 'after:2026-05-30', day: '2026-11-20' }],
    reason: 'already raised for 2026-11-19',
  },
  {
    name: 'a first that arrives as history',
    sketch: { counts: { '2026-11-12': 1 } },
    reason: 'it happened on 2026-11-12, 10 days ago: too late to tell',
  },
  {
    name: 'one publisher family',
    sketch: { counts: { '2026-11-22': 3 }, families: { '2026-11-22': ['north'] } },
    reason: 'only north reports it; the rule wants two publisher families',
  },
  {
    name: 'reports that are denials',
    sketch: { counts: { '2026-11-22': 1 }, families: {} },
    params: { single_source: true, measure: 'items' },
    reason: 'every report of it is a denial',
  },
  {
    name: 'a story before the horizon: the silence is counted inside of it only',
    sketch: { counts: { '2026-11-22': 1 }, days: 60, lastBefore: '2026-09-20' },
    reason: 'the last one was on 2026-09-20: only 59 covered days lie before 2026-11-22, the rule wants 90',
  },
])('is quiet about $name', ({ sketch, past, params, reason }) => {
  expect(decide(sketch, past, { ...params })).toEqual({ kind: 'quiet', reason });
});

describe('the evidence floor', () => {
  it('waits for a second family and then raises the same episode from its first day', () => {
    const counts = { '2026-11-20': 1, '2026-11-22': 1 };
    expect(decide({ counts, families: { '2026-11-20': ['north'] } }).kind).toBe('quiet');
    const families = { '2026-11-20': ['north'], '2026-11-22': ['south'] };
    expect(decide({ counts, families })).toMatchObject({
      reason: 'first ever, reported late, on 2026-11-20: 397 covered days without one before it',
      raise: {
        headline: 'first ever, reported late',
        episode: 'first-ever',
        window: { start: '2026-11-20', end: '2026-11-22' },
        value: 2,
      },
    });
  });

  it('is one family where the rule says so', () => {
    const sketch = { counts: { '2026-11-22': 1 }, families: { '2026-11-22': ['north'] } };
    expect(decide(sketch, [], { single_source: true })).toMatchObject({ raise: { families: ['north'] } });
  });
});

it('a silence as long as the rule wants is enough, one day less is not', () => {
  const counts = { '2026-11-11': 1, '2026-11-22': 1 };
  expect(decide({ counts }, [], { quiet_days: 10 }).kind).toBe('raise');
  expect(decide({ counts }, [], { quiet_days: 11 }).kind).toBe('quiet');
});
