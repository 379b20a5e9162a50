import { describe, expect, it, test } from 'vitest';
import { fixedShare } from '../../core/polling/host.js';
import {
  adaptiveSeconds,
  backoffSeconds,
  type CheckInput,
  hostHeldUntil,
  MAX_SUGGESTED_SECONDS,
  nextCheck,
} from '../../core/polling/next-check.js';

const at = new Date('2026-07-01T12:00:00Z');
const base: CheckInput = {
  feedId: 'example-world',
  everySeconds: 900,
  kind: 'polled',
  fault: null,
  consecutiveFailures: 0,
  freshSeconds: null,
  ttlSeconds: null,
  retryAfterSeconds: null,
};
const share = fixedShare('example-world');
const early = 900 * (0.1 + 0.05 * share);
const wait = (change: Partial<CheckInput>) => {
  const next = nextCheck({ ...base, ...change }, at);
  return next === null ? null : (next.getTime() - at.getTime()) / 1000;
};

describe('nextCheck', () => {
  const cases: Array<[string, Partial<CheckInput>, number]> = [
    ['row 7: the cadence, ready for a tick that comes a little early', {}, 900 - early],
    ['a 304 counts as success', { kind: 'not-modified' }, 900 - early],
    ['row 7: max-age beyond the cadence is honoured', { freshSeconds: 3600 }, 3600 - early],
    ['row 7: ttl beyond the cadence is honoured', { ttlSeconds: 7200 }, 7200 - early],
    ['row 7: the longer of max-age and ttl', { freshSeconds: 3600, ttlSeconds: 7200 }, 7200 - early],
    ['row 7: a max-age of 16 years is clamped', { freshSeconds: 16 * 31_536_000 }, MAX_SUGGESTED_SECONDS - early],
    ['row 8: a shorter ttl does not make the feed faster', { ttlSeconds: 60 }, 900 - early],
    ['row 9: a quiet feed is looked at four times less often, no slower', { weeklyItems: 0 }, 3600 - early],
    ['row 9: a busy feed keeps the cadence', { weeklyItems: 5000 }, 900 - early],
    [
      'row 12: one failure waits for the next tick',
      { kind: 'failed', fault: 'deadline', consecutiveFailures: 1 },
      900 - early,
    ],
    [
      'row 12: from the second failure feedbin 8^4',
      { kind: 'failed', consecutiveFailures: 2 },
      4096 * (1 + 0.1 * share),
    ],
    ['row 12: then n^4', { kind: 'failed', consecutiveFailures: 10 }, 10_000 * (1 + 0.1 * share)],
    ['row 12: never stops, a day at most', { kind: 'failed', consecutiveFailures: 5000 }, 86_400 * (1 + 0.1 * share)],
    [
      'row 12: a cadence longer than the back-off stays',
      { kind: 'failed', everySeconds: 7200, consecutiveFailures: 3 },
      7200 - 8 * early,
    ],
    [
      'row 13: no network here is no fault of the feed',
      { kind: 'failed', fault: 'offline', consecutiveFailures: 9 },
      900 - early,
    ],
    [
      'row 5: Retry-After',
      { kind: 'rate-limited', retryAfterSeconds: 7200, consecutiveFailures: 1 },
      7200 * (1 + 0.05 * share),
    ],
    [
      'row 5: Retry-After has a cap of 8 h',
      { kind: 'rate-limited', retryAfterSeconds: 1e9, consecutiveFailures: 1 },
      28_800 * (1 + 0.05 * share),
    ],
    [
      'row 5: a Retry-After shorter than the cadence keeps it',
      { kind: 'rate-limited', retryAfterSeconds: 5, consecutiveFailures: 1 },
      900 - early,
    ],
    [
      'row 5: none given, again and again, backs off',
      { kind: 'rate-limited', consecutiveFailures: 9 },
      6561 * (1 + 0.1 * share),
    ],
  ];
  test.each(cases)('%s', (_, change, expected) => {
    expect(wait(change)).toBeCloseTo(expected, 2);
  });

  it('row 15: a 410 mutes', () => {
    expect(wait({ kind: 'gone' })).toBeNull();
  });

  it('row 10: jitter is fixed by the id and never reaches the next tick', () => {
    for (let i = 0; i < 200; i++) {
      const seconds = wait({ feedId: `feed-${i}` })!;
      expect(seconds).toBe(wait({ feedId: `feed-${i}` }));
      expect(seconds).toBeGreaterThanOrEqual(765);
      expect(seconds).toBeLessThanOrEqual(810);
    }
  });

  it('row 10: the floor between two polls holds for every cadence of ten minutes and more', () => {
    expect(wait({ everySeconds: 600 })).toBeGreaterThanOrEqual(510);
    expect(wait({ everySeconds: 60 })).toBeGreaterThanOrEqual(51);
  });
});

it('backoffSeconds is feedbin from the second failure on', () => {
  expect([0, 1, 2, 8, 9, 17, 18, 23].map(backoffSeconds)).toEqual([0, 0, 4096, 4096, 6561, 83_521, 86_400, 86_400]);
});

it('adaptiveSeconds finds about one item a poll between the cadence and four times it', () => {
  expect([null, 0, 168, 84, 1000].map((weekly) => adaptiveSeconds(3600, weekly))).toEqual([
    3600, 14_400, 3600, 7200, 3600,
  ]);
});

it('row 6: a host is held for Retry-After, for ten minutes without a readable one', () => {
  expect(hostHeldUntil(120, at)).toEqual(new Date('2026-07-01T12:02:00Z'));
  expect(hostHeldUntil(null, at)).toEqual(new Date('2026-07-01T12:10:00Z'));
  expect(hostHeldUntil(Number.NaN, at)).toEqual(new Date('2026-07-01T12:10:00Z'));
  expect(hostHeldUntil(1e12, at)).toEqual(new Date('2026-07-01T20:00:00Z'));
});
