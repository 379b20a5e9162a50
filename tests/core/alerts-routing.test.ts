import { describe, expect, it, test } from 'vitest';
import { MAX_ATTEMPTS, MAX_THROTTLED_ATTEMPTS, nextAttempt } from '../../core/alerts/next-attempt.js';
import { matchRoutes, type Routable, type Route } from '../../core/alerts/routing.js';
import { watchedSeries } from '../../core/alerts/watched-series.js';
import type { Codebook } from '../../core/codebook/codebook.js';

const ALERT: Routable = {
  dyad: 'AAA-BBB',
  domain: 'economic',
  indicator: 'x.trade',
  severity: 'high',
  blocs: ['other', 'western'],
};
const to = (channel: string, match: Route['match'] = {}, more = false): Route => ({
  match,
  channels: [channel],
  continue: more,
});

test.each<{ name: string; routes: Route[]; alert?: Partial<Routable>; channels: string[]; matched: number[] }>([
  {
    name: 'the default route takes what no other takes',
    routes: [to('a', { dyad: ['CCC-DDD'] }), to('d')],
    channels: ['d'],
    matched: [1],
  },
  {
    name: 'the first match ends the search',
    routes: [to('a', { dyad: ['AAA-BBB'] }), to('d')],
    channels: ['a'],
    matched: [0],
  },
  {
    name: 'continue goes on',
    routes: [to('a', { severity: ['high'] }, true), to('d')],
    channels: ['a', 'd'],
    matched: [0, 1],
  },
  {
    name: 'a channel of two routes gets one message',
    routes: [to('a', {}, true), to('a')],
    channels: ['a'],
    matched: [0, 1],
  },
  {
    name: 'all conditions must hold',
    routes: [to('a', { dyad: ['AAA-BBB'], severity: ['low'] }), to('d')],
    channels: ['d'],
    matched: [1],
  },
  {
    name: 'one of several values is enough',
    routes: [to('a', { domain: ['military', 'economic'] })],
    channels: ['a'],
    matched: [0],
  },
  { name: 'one of several blocs is enough', routes: [to('a', { bloc: ['western'] })], channels: ['a'], matched: [0] },
  {
    name: 'an empty list of values is no condition',
    routes: [to('a', { indicator: [] })],
    channels: ['a'],
    matched: [0],
  },
  {
    name: 'an alert of a dyad has no indicator to match',
    routes: [to('a', { indicator: ['x.trade'] }), to('d')],
    alert: { indicator: null, domain: null },
    channels: ['d'],
    matched: [1],
  },
  { name: 'without routes there are no channels', routes: [], channels: [], matched: [] },
])('$name', ({ routes, alert, channels, matched }) => {
  expect(matchRoutes(routes, { ...ALERT, ...alert })).toEqual({ channels, routes: matched });
});

describe('the next attempt', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  test.each([
    { reason: 'timeout', attempts: 1, seconds: 5 },
    { reason: 'network', attempts: 2, seconds: 10 },
    { reason: 'server', attempts: 5, seconds: 80 },
    { reason: 'server', attempts: 11, seconds: 3600 },
    { reason: 'rate-limited', attempts: 1, retryAfterSeconds: 37, seconds: 37 },
    { reason: 'server', attempts: 3, retryAfterSeconds: 120, seconds: 120 },
    { reason: 'rate-limited', attempts: 50, retryAfterSeconds: 1, seconds: 1 },
    { reason: 'rate-limited', attempts: 1, retryAfterSeconds: 999_999, seconds: 86_400 },
  ] as const)('after $reason, attempt $attempts, Retry-After $retryAfterSeconds comes in $seconds s', (c) => {
    expect(nextAttempt(c, c.attempts, now)).toEqual({ kind: 'retry', at: new Date(now.getTime() + c.seconds * 1000) });
  });

  test.each([
    { reason: 'client', attempts: 1, why: 'another try would fail the same way' },
    { reason: 'auth', attempts: 1, why: 'another try would fail the same way' },
    { reason: 'invalid-config', attempts: 1, why: 'another try would fail the same way' },
    { reason: 'timeout', attempts: MAX_ATTEMPTS, why: 'given up after 32 attempts' },
    { reason: 'rate-limited', attempts: MAX_THROTTLED_ATTEMPTS, why: 'given up after 200 attempts' },
  ] as const)('there is none after $reason, attempt $attempts', ({ reason, attempts, why }) => {
    expect(nextAttempt({ reason }, attempts, now)).toEqual({ kind: 'give-up', why });
  });
});

describe('the series a rule looks at when a cell moved', () => {
  const codebook: Codebook = {
    version: 't',
    members: [],
    domains: [{ code: 'x', name: 'economic' }],
    indicators: [
      { id: 'x.trade', title: 'Trade', domain: 'economic', polarity: 1, direction: 'mutual', definition: '' },
      { id: 'x.quarrel', title: 'Quarrel', domain: 'economic', polarity: -1, direction: 'mutual', definition: '' },
    ],
    dyads: ['AAA-BBB'],
  };
  const cell = { indicator: 'x.trade', dyad: 'AAA-BBB' };

  it('is the part of the roll-up at the level of the rule, cooperation and friction apart', () => {
    const at = (level: 'indicator' | 'domain' | 'dyad' | 'all') => watchedSeries({}, level, cell, codebook);
    expect(at('indicator')).toEqual({ level: 'indicator', code: 'x.trade', dyad: 'AAA-BBB', polarity: 1 });
    expect(at('domain')).toEqual({ level: 'domain', code: 'economic', dyad: 'AAA-BBB', polarity: 1 });
    expect(at('dyad')).toEqual({ level: 'dyad', code: '', dyad: 'AAA-BBB', polarity: 1 });
    expect(at('all')).toEqual({ level: 'all', code: '', dyad: '', polarity: 1 });
    expect(watchedSeries({}, 'dyad', { ...cell, indicator: 'x.quarrel' }, codebook)?.polarity).toBe(-1);
  });

  test.each([{ dyad: ['CCC-DDD'] }, { domain: ['military'] }, { indicator: ['x.quarrel'] }, { polarity: -1 as const }])(
    'is none when the cell is out of the scope %o',
    (scope) => {
      expect(watchedSeries(scope, 'indicator', cell, codebook)).toBeNull();
    },
  );

  it('is none when the indicator left the codebook', () => {
    expect(watchedSeries({}, 'dyad', { ...cell, indicator: 'x.gone' }, codebook)).toBeNull();
  });
});
