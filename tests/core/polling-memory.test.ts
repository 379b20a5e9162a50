import { describe, expect, it } from 'vitest';
import { pollUrl, rememberRedirect, sightingsNeeded } from '../../core/polling/redirects.js';
import { rememberValidators, validatorsToSend } from '../../core/polling/validators.js';

const now = new Date('2026-07-10T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);

describe('validators', () => {
  const state = { etag: 'W/"a b"', lastModified: 'Tue, 01 Jul 2026 10:00:00 GMT', validatorsSince: null };

  it('row 1: are sent verbatim', () => {
    expect(validatorsToSend(state, now)).toEqual({ etag: 'W/"a b"', lastModified: 'Tue, 01 Jul 2026 10:00:00 GMT' });
  });

  it('row 1: a date that is no date is still sent as it came', () => {
    expect(validatorsToSend({ ...state, lastModified: 'yesterday' }, now).lastModified).toBe('yesterday');
  });

  it('row 4: are dropped after 304 for eight days', () => {
    expect(validatorsToSend({ ...state, validatorsSince: daysAgo(8) }, now).etag).toBe('W/"a b"');
    expect(validatorsToSend({ ...state, validatorsSince: daysAgo(8.1) }, now)).toEqual({
      etag: null,
      lastModified: null,
    });
  });

  it('row 4: a Last-Modified in the future is not sent', () => {
    const future = { ...state, lastModified: 'Tue, 19 Jan 2038 03:14:07 GMT' };
    expect(validatorsToSend(future, now)).toEqual({ etag: 'W/"a b"', lastModified: null });
  });

  it('row 2: a 200 replaces both and clears the one it lacks', () => {
    const answer = { kind: 'body' as const, etag: '"2"', lastModified: null };
    expect(rememberValidators({ ...state, validatorsSince: daysAgo(1) }, answer, now)).toEqual({
      etag: '"2"',
      lastModified: null,
      validatorsSince: null,
    });
  });

  it('row 2: a 304 replaces those it names and keeps the first day of the run', () => {
    const answer = { kind: 'not-modified' as const, etag: '"2"', lastModified: null };
    const first = rememberValidators(state, answer, now);
    expect(first).toEqual({ etag: '"2"', lastModified: state.lastModified, validatorsSince: now });
    expect(rememberValidators(first, answer, new Date('2026-07-11T00:00:00Z')).validatorsSince).toEqual(now);
  });
});

describe('row 14: permanent redirects', () => {
  const feed = { url: 'http://old.example/rss', everySeconds: 86_400 };
  const fresh = { movedTo: null, movedCount: 0, movedLastAt: null };
  const moved = { asked: feed.url, permanentUrl: 'https://new.example/rss' };
  const see = (times: number) => {
    let state: Parameters<typeof rememberRedirect>[1] = fresh;
    for (let i = 0; i < times; i++) state = rememberRedirect(feed, state, moved, daysAgo(times - 1 - i));
    return state;
  };

  it('are believed after six days without a break, 576 polls at most', () => {
    expect([900, 3600, 86_400, 30 * 86_400].map(sightingsNeeded)).toEqual([576, 144, 6, 5]);
  });

  it('are followed now and remembered only after repetition', () => {
    expect(pollUrl(feed, { ...see(5), consecutiveFailures: 0 })).toBe(feed.url);
    expect(pollUrl(feed, { ...see(6), consecutiveFailures: 0 })).toBe('https://new.example/rss');
  });

  it('start again when the target changes or a temporary answer comes between', () => {
    expect(
      rememberRedirect(feed, see(5), { asked: feed.url, permanentUrl: 'https://x.example/' }, now).movedCount,
    ).toBe(1);
    expect(rememberRedirect(feed, see(5), { asked: feed.url, permanentUrl: null }, now)).toEqual(fresh);
  });

  it('lapse after a pause', () => {
    const hourly = { ...feed, everySeconds: 3600 };
    const old = { movedTo: moved.permanentUrl, movedCount: 100, movedLastAt: daysAgo(3.1) };
    expect(rememberRedirect(hourly, old, moved, now).movedCount).toBe(1);
    expect(rememberRedirect(hourly, { ...old, movedLastAt: daysAgo(2.9) }, moved, now).movedCount).toBe(101);
  });

  it('stay remembered while the target answers by itself', () => {
    const direct = { asked: 'https://new.example/rss', permanentUrl: null };
    expect(rememberRedirect(feed, see(6), direct, now)).toEqual({ ...see(6), movedLastAt: now });
  });

  it('are given up for the configured address when the target keeps failing', () => {
    expect(pollUrl(feed, { ...see(6), consecutiveFailures: 3 })).toBe(feed.url);
  });
});
