import type { ChunkResult } from '../../activities/deps.js';
import type { Activities } from '../../activities/index.js';

export const NOTHING: ChunkResult = {
  polled: 0,
  unchanged: 0,
  failed: 0,
  added: 0,
  revised: 0,
  observations: 0,
  dirty: 0,
};

/** Activities that find three feeds due in two lanes and nothing new in them; a test changes what it is about. */
export function fakeActivities(change: Partial<Activities> = {}): Activities {
  return {
    listDueFeeds: async () => ({ runAt: '2026-07-01T12:00:00.000Z', due: 3, lanes: [[['a'], ['b']], [['c']]] }),
    pollChunk: async ({ feedIds }) => ({ ...NOTHING, polled: feedIds.length }),
    evaluateRules: async () => ({ deliveries: 0 }),
    watchFeeds: async () => ({ silentGroups: [], dirtyCells: 0, dueDeliveries: 0 }),
    listPendingChannels: async () => [],
    askSecondCoder: async () => ({ items: 0, asked: 0, labelled: 0, more: false, stopped: null }),
    decideOpinions: async () => ({ decided: 0, undecided: 0, dirty: 0, more: false }),
    deliverDue: async () => ({ sent: 0, failed: 0, retried: 0 }),
    recodeItems: async () => ({ state: 'done', items: 0 }),
    endRecoding: async () => true,
    ...change,
  };
}
