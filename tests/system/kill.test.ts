import { expect, inject, it } from 'vitest';
import { planKills, runChaos, seededRandom } from '../support/chaos.js';
import { REPLAY_FEEDS } from '../support/replay-corpus.js';

const ROUNDS = 8;
const KILLS = 9;

it('loses nothing and stores nothing twice when worker, Postgres and Temporal are killed during the replay', {
  timeout: 600_000,
}, async () => {
  const cliPath = inject('temporalCliPath');
  const undisturbed = await runChaos({ rounds: ROUNDS, kills: [], cliPath });
  const kills = planKills(KILLS, ROUNDS, seededRandom(20_260_701));
  const disturbed = await runChaos({ rounds: ROUNDS, kills, cliPath });
  expect(disturbed.killed).toEqual({ worker: 3, postgres: 3, temporal: 3 });
  expect(disturbed.versions).toEqual(undisturbed.versions);
  expect(disturbed.content).toEqual(undisturbed.content);
  expect(disturbed.mismatches).toBe(0);
  for (const feed of REPLAY_FEEDS) expect(Object.keys(undisturbed.versions[feed] ?? {}).length).toBeGreaterThan(10);
});
