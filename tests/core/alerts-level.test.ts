import { expect, it, test } from 'vitest';
import type { PastAlert } from '../../core/alerts/rule.js';
import { prepareRule } from '../../core/alerts/rule-kinds.js';
import { type SeriesSketch, seriesOf } from '../support/alert-series.js';

const NOW = new Date('2026-11-22T12:00:00Z');

/** At least 5 stories in 3 days; over below 3. */
function decide(sketch: SeriesSketch, past: PastAlert[] = [], params: Record<string, unknown> = {}) {
  const rule = prepareRule({
    id: 'much',
    kind: 'level',
    scope: {},
    severity: 'medium',
    params: { window_days: 3, threshold: 5, clear_below: 3, ...params },
  });
  return rule.decide(seriesOf(sketch), past, NOW);
}

it('a window at the threshold is raised with its counts and its reason', () => {
  expect(decide({ counts: { '2026-11-20': 2, '2026-11-22': 3 } })).toEqual({
    kind: 'raise',
    reason: '5 stories in 3 days: at least 5 stories in 3 days',
    raise: {
      episode: 'from:2026-11-22',
      symbol: '▲',
      headline: '5 or more in 3 days',
      measure: 'stories',
      value: 5,
      window: { start: '2026-11-20', end: '2026-11-22' },
      condition: 'at least 5 stories in 3 days',
      families: ['north', 'south'],
    },
  });
});

test.each<{ name: string; sketch: SeriesSketch; past?: PastAlert[]; reason: string }>([
  {
    name: 'a window below the threshold',
    sketch: { counts: { '2026-11-19': 3, '2026-11-22': 4 } },
    reason: '4 stories in 3 days, the rule wants 5',
  },
  {
    name: 'an episode that dances around the threshold without falling below the lower one',
    sketch: { counts: { '2026-11-16': 5, '2026-11-19': 4, '2026-11-22': 5 } },
    past: [{ episode: 'from:2026-11-16', day: '2026-11-16' }],
    reason: '5 stories in 3 days: still above since the alert of 2026-11-16, not yet below 3',
  },
  {
    name: 'an episode whose first days were superseded after the alert',
    sketch: { counts: { '2026-11-18': 4, '2026-11-21': 5 } },
    past: [{ episode: 'from:2026-11-18', day: '2026-11-18' }],
    reason: '5 stories in 3 days: still above since the alert of 2026-11-18, not yet below 3',
  },
  {
    name: 'an outage within an episode: nothing was read, so nothing was over',
    sketch: { counts: { '2026-11-12': 5, '2026-11-22': 5 }, unread: { from: '2026-11-13', to: '2026-11-21' } },
    past: [{ episode: 'from:2026-11-12', day: '2026-11-12' }],
    reason: '5 stories in 3 days: still above since the alert of 2026-11-12, not yet below 3',
  },
  {
    name: 'a day on which nothing was read',
    sketch: { counts: { '2026-11-21': 9 }, unread: { from: '2026-11-22', to: '2026-11-22' } },
    reason: 'nothing was read today: no decision without coverage',
  },
  {
    name: 'one publisher family',
    sketch: { counts: { '2026-11-22': 5 }, families: { '2026-11-10': ['south'], '2026-11-22': ['north'] } },
    reason: 'only north reports it; the rule wants two publisher families',
  },
])('is quiet about $name', ({ sketch, past, reason }) => {
  expect(decide(sketch, past)).toEqual({ kind: 'quiet', reason });
});

it('a new episode begins after a covered window below the lower threshold', () => {
  const past = [{ episode: 'from:2026-11-12', day: '2026-11-12' }];
  expect(decide({ counts: { '2026-11-12': 5, '2026-11-22': 5 } }, past)).toMatchObject({
    kind: 'raise',
    raise: { episode: 'from:2026-11-22' },
  });
});

it('deciding twice on the same facts names the same episode, so a replay finds its alert', () => {
  const sketch = { counts: { '2026-11-20': 5, '2026-11-21': 1, '2026-11-22': 1 } };
  const [first, second] = [decide(sketch), decide(sketch)];
  expect(first).toEqual(second);
  expect(first).toMatchObject({ raise: { episode: 'from:2026-11-20' } });
});

it('counts items where the rule says so, and half of the threshold ends an episode by default', () => {
  const counts = { '2026-11-22': 3 }; // 6 items
  const rule = { measure: 'items', threshold: 6, clear_below: undefined };
  expect(decide({ counts }, [], rule)).toMatchObject({ raise: { value: 6, measure: 'items' } });
});

it('a clear threshold above the threshold is a mistake of the rule, told with its name and field', () => {
  expect(() => decide({}, [], { clear_below: 9 })).toThrow('rule much: clear_below: must not be above threshold');
  expect(() => prepareRule({ id: 'x', kind: 'levl', scope: {}, severity: 'low', params: {} })).toThrow(
    'rule x: unknown kind "levl" (known: first-seen, level)',
  );
});
