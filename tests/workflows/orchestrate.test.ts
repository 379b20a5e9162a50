import { describe, expect, it } from 'vitest';
import type { ChunkResult } from '../../activities/deps.js';
import type { ChunkInput } from '../../activities/index.js';
import { type PollPorts, runPollGroup, runWatch, sumChunks, type WatchPorts } from '../../workflows/orchestrate.js';

const NOTHING: ChunkResult = { polled: 0, unchanged: 0, failed: 0, added: 0, revised: 0, observations: 0, dirty: 0 };
const RUN_AT = '2026-07-01T12:00:00.000Z';

/** Ports that write down what is asked of them, in order. */
function ports(lanes: string[][][], change: Partial<PollPorts> = {}) {
  const calls: string[] = [];
  const made: PollPorts = {
    async listDueFeeds(query) {
      calls.push(`list ${JSON.stringify(query)}`);
      return { runAt: RUN_AT, due: lanes.flat(2).length, lanes };
    },
    async pollChunk({ feedIds, runAt, force }) {
      calls.push(`poll ${feedIds.join(',')} ${runAt === RUN_AT} ${force}`);
      return { ...NOTHING, polled: feedIds.length };
    },
    async evaluateRules() {
      calls.push('rules');
      return { deliveries: 0 };
    },
    async startDelivery() {
      calls.push('deliver');
    },
    ...change,
  };
  return { calls, ports: made };
}

describe('runPollGroup', () => {
  it('with nothing due asks for nothing else', async () => {
    const { calls, ports: p } = ports([]);
    expect(await runPollGroup(p, { groupId: '900s-00' })).toEqual({ due: 0, chunks: 0, ...NOTHING, deliveries: 0 });
    expect(calls).toEqual(['list {"groupId":"900s-00"}']);
  });

  it('polls every chunk once, with the tick and the force it was given', async () => {
    const { calls, ports: p } = ports([[['a', 'b'], ['c']], [['d']]]);
    const result = await runPollGroup(p, { feedIds: ['a', 'b', 'c', 'd'], force: true });
    expect(calls.slice(1).sort()).toEqual(['poll a,b true true', 'poll c true true', 'poll d true true']);
    expect(result).toEqual({ due: 4, chunks: 3, ...NOTHING, polled: 4, deliveries: 0 });
  });

  it('never polls two chunks of a lane at once, and lanes beside each other', async () => {
    const running = new Set<string>();
    let most = 0;
    const pollChunk = async ({ feedIds }: ChunkInput) => {
      const lane = feedIds[0]!.charAt(0);
      expect(running.has(lane)).toBe(false);
      running.add(lane);
      most = Math.max(most, running.size);
      await new Promise(setImmediate);
      running.delete(lane);
      return { ...NOTHING, polled: 1, added: 2 };
    };
    const { ports: p } = ports(
      [
        [['a1'], ['a2'], ['a3']],
        [['b1'], ['b2']],
      ],
      { pollChunk },
    );
    const result = await runPollGroup(p, { groupId: '900s-00' });
    expect(most).toBe(2);
    // Counts of lanes that run at once all arrive.
    expect([result.polled, result.added]).toEqual([5, 10]);
  });

  it('evaluates rules after the last chunk when cells moved, and delivers when something waits', async () => {
    const { calls, ports: p } = ports([[['a']], [['b']]], {
      async pollChunk({ feedIds }) {
        return { ...NOTHING, polled: 1, dirty: feedIds[0] === 'a' ? 3 : 0 };
      },
    });
    await runPollGroup(p, {});
    expect(calls.slice(1)).toEqual(['rules']);
    const waiting = ports([[['a']]], {
      pollChunk: async () => ({ ...NOTHING, dirty: 1 }),
      evaluateRules: async () => ({ deliveries: 2 }),
    });
    expect((await runPollGroup(waiting.ports, {})).deliveries).toBe(2);
    expect(waiting.calls.slice(1)).toEqual(['deliver']);
  });

  it('lets the other lanes finish when a chunk fails for good, then fails with its error', async () => {
    const polled: string[] = [];
    const { calls, ports: p } = ports(
      [
        [['a'], ['a2']],
        [['b'], ['b2']],
      ],
      {
        async pollChunk({ feedIds }) {
          if (feedIds[0] === 'a') throw new Error('store is away');
          polled.push(...feedIds);
          return { ...NOTHING, dirty: 1 };
        },
      },
    );
    await expect(runPollGroup(p, {})).rejects.toThrow('store is away');
    expect(polled).toEqual(['b', 'b2']);
    expect(calls).not.toContain('rules');
  });
});

it('sumChunks adds every count', () => {
  const one = { polled: 1, unchanged: 2, failed: 3, added: 4, revised: 5, observations: 6, dirty: 7 };
  expect(sumChunks([one, one])).toEqual({
    polled: 2,
    unchanged: 4,
    failed: 6,
    added: 8,
    revised: 10,
    observations: 12,
    dirty: 14,
  });
  expect(sumChunks([])).toEqual(NOTHING);
});

describe('runWatch', () => {
  function watch(report: Awaited<ReturnType<WatchPorts['watchFeeds']>>, running: string[] = [], deliveries = 0) {
    const calls: string[] = [];
    const made: WatchPorts = {
      watchFeeds: async () => report,
      async rescueGroup(groupId) {
        calls.push(`rescue ${groupId}`);
        return !running.includes(groupId);
      },
      async evaluateRules() {
        calls.push('rules');
        return { deliveries };
      },
      async startDelivery() {
        calls.push('deliver');
      },
    };
    return { calls, ports: made };
  }

  it('does nothing when all is well', async () => {
    const { calls, ports: p } = watch({ silentGroups: [], dirtyCells: 0, dueDeliveries: 0 });
    await runWatch(p);
    expect(calls).toEqual([]);
  });

  it('polls silent groups out of turn and says which were not already on their way', async () => {
    const { calls, ports: p } = watch({ silentGroups: ['900s-00', '900s-01'], dirtyCells: 0, dueDeliveries: 0 }, [
      '900s-01',
    ]);
    expect((await runWatch(p)).rescued).toEqual(['900s-00']);
    expect(calls).toEqual(['rescue 900s-00', 'rescue 900s-01']);
  });

  it('evaluates what a broken run left dirty and delivers what that brings', async () => {
    const { calls, ports: p } = watch({ silentGroups: [], dirtyCells: 4, dueDeliveries: 0 }, [], 1);
    await runWatch(p);
    expect(calls).toEqual(['rules', 'deliver']);
  });

  it('drains an outbox that nobody drains', async () => {
    const { calls, ports: p } = watch({ silentGroups: [], dirtyCells: 0, dueDeliveries: 1 });
    await runWatch(p);
    expect(calls).toEqual(['deliver']);
  });
});
