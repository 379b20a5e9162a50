import { readEnv } from '../config/env.js';
import { findTemporalCli } from '../runtime/find-temporal.js';
import { createLog } from '../runtime/log.js';
import { planKills, runChaos, seededRandom } from '../tests/support/chaos.js';
import { REPLAY_FEEDS, ROUNDS, trueVersions } from '../tests/support/replay-corpus.js';

// Kills the worker, Postgres and Temporal with -9 at random moments of the replay of real newspaper feeds, and compares the
// final tables with the truth and with an undisturbed run. Arguments: number of kills (50), seed (1). Prints JSON.
const kills = Number(process.argv[2] ?? 50);
const seed = Number(process.argv[3] ?? 1);

async function main(): Promise<void> {
  const env = readEnv(process.env);
  const log = createLog({ logLevel: 'info' }, process.stderr);
  const cliPath = await findTemporalCli(env, log);
  const onProgress = (message: string) => log.info({}, message);
  const undisturbed = await runChaos({ rounds: ROUNDS, kills: [], cliPath, onProgress });
  const began = Date.now();
  const plan = planKills(kills, ROUNDS, seededRandom(seed));
  const disturbed = await runChaos({ rounds: ROUNDS, kills: plan, cliPath, onProgress });
  const truth = Object.fromEntries(REPLAY_FEEDS.map((feed) => [feed, trueVersions(feed)]));
  const count = (versions: Record<string, Record<string, number>>) =>
    Object.values(versions).reduce((sum, feed) => sum + Object.keys(feed).length, 0);
  const equalsTruth = same(disturbed.versions, truth);
  const equalsUndisturbed = same(disturbed.content, undisturbed.content);
  const report = {
    seed,
    planned: kills,
    killed: disturbed.killed,
    rounds: ROUNDS,
    failedRuns: disturbed.failedRuns,
    seconds: Math.round((Date.now() - began) / 1000),
    items: { truth: count(truth), stored: count(disturbed.versions) },
    equalsTruth,
    equalsUndisturbed,
    rollUpMismatches: disturbed.mismatches,
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (!equalsTruth || !equalsUndisturbed || disturbed.mismatches > 0) process.exitCode = 1;
}

/** Equal whatever the order of the keys of objects. */
function same(a: unknown, b: unknown): boolean {
  const sorted = (_: string, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value;
  return JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
}

await main();
