import { describe, expect, it } from 'vitest';
import { listDueFeeds } from '../../activities/plan-polls.js';
import { type WatchDeps, watchFeeds } from '../../activities/watch-feeds.js';
import { SILENT } from '../support/poll-deps.js';

const NOW = new Date('2026-07-01T12:00:00Z');
const WALL = new Date('2030-01-01T00:00:00Z');

describe('watchFeeds', () => {
  function deps(silent: string[], paused: string[]) {
    const asked: unknown[] = [];
    const made: WatchDeps = {
      clock: { now: () => NOW },
      wallClock: { now: () => WALL },
      log: SILENT,
      listSilentGroups: async () => silent.map((groupId) => ({ groupId, overdueSeconds: 4000, feeds: 1 })),
      async listPausedGroups() {
        asked.push('paused');
        return paused;
      },
      async countLeftovers(query) {
        asked.push(query);
        return { dirtyCells: 2, dueDeliveries: 1 };
      },
    };
    return { asked, made };
  }

  it('reports silent groups, but not those that an operator paused', async () => {
    const { made } = deps(['900s-00', '900s-01'], ['900s-01', '3600s-00']);
    expect(await watchFeeds(made)).toEqual({ silentGroups: ['900s-00'], dirtyCells: 2, dueDeliveries: 1 });
  });

  it('asks for pauses only when a group is silent, and leaves what is younger than two minutes to whoever has it', async () => {
    const { asked, made } = deps([], []);
    await watchFeeds(made);
    expect(asked).toEqual([
      { markedBefore: new Date('2026-07-01T11:58:00Z'), dueBefore: new Date('2029-12-31T23:58:00Z') },
    ]);
  });
});

it('listDueFeeds plans by the clock, in chunks that keep a host together', async () => {
  const asked: unknown[] = [];
  const deps = {
    clock: { now: () => NOW },
    async listDueFeeds(query: object) {
      asked.push(query);
      return ['a', 'b', 'a'].map((host, i) => ({ id: `feed-${i}`, host }));
    },
  };
  expect(await listDueFeeds(deps, { groupId: '900s-00', chunkSize: 2, lanes: 2 })).toEqual({
    runAt: NOW.toISOString(),
    due: 3,
    lanes: [[['feed-0', 'feed-2']], [['feed-1']]],
  });
  expect(asked).toEqual([{ groupId: '900s-00', now: NOW }]);
});
