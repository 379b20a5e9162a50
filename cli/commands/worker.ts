import { once } from 'node:events';
import { Command } from 'commander';
import { readEnv } from '../../config/env.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { Failure } from '../../core/errors.js';
import { connectDatabase } from '../../db/client.js';
import { databaseFailure } from '../../db/reach.js';
import { checkDatabase } from '../../db/status.js';
import { loadInstallation } from '../../runtime/load-installation.js';
import { createLog } from '../../runtime/log.js';
import { type Polling, startPolling } from '../../runtime/polling.js';
import { openSecondCoder } from '../../runtime/second-coder.js';
import type { Io } from '../io.js';

/** `axiswatch worker`: polls, codes, evaluates and delivers, against an external Postgres and Temporal server. */
export function build(io: Io, exit: (code: number) => void): Command {
  return new Command('worker')
    .description(
      'Runs the workflows against an external Postgres (DATABASE_URL) and Temporal server (TEMPORAL_ADDRESS or a profile).',
    )
    .option('--prune', 'delete the schedules of poll groups that the configuration no longer has', false)
    .action(async ({ prune }: { prune: boolean }) => runWorker(io, exit, prune));
}

async function runWorker(io: Io, exit: (code: number) => void, prune: boolean): Promise<void> {
  const env = readEnv(io.env);
  const log = createLog(env, io.err);
  if (env.databaseUrl === null)
    throw new Failure(
      'invalid-config',
      'A worker needs DATABASE_URL: the Postgres that all parts share. For one machine, run axiswatch up.',
    );
  if (!env.temporalConfigured)
    throw new Failure(
      'invalid-config',
      'A worker needs TEMPORAL_ADDRESS or TEMPORAL_PROFILE: the Temporal server that all parts share. For one machine, run axiswatch up.',
    );
  const { config, codebook, data } = loadInstallation(env.configDir);
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'stopping: running polls may end');
    stop.abort(new Failure('unavailable', 'stopped before it was ready'));
  };
  const sql = connectDatabase(env.databaseUrl, { max: 20, name: 'axiswatch worker' });
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
  let polling: Polling | null = null;
  try {
    const { problem } = await checkDatabase(sql);
    if (problem) throw new Failure('unavailable', problem);
    const coder = createRulesCoder(data);
    const secondCoder = openSecondCoder(env, data);
    polling = await startPolling({
      config,
      codebook,
      coder,
      sql,
      env,
      log,
      secondCoder,
      prune,
      signal: stop.signal,
    });
    log.info({ temporal: polling.connection.address, namespace: polling.connection.namespace }, 'worker is ready');
    if (!stop.signal.aborted) await Promise.race([once(stop.signal, 'abort'), polling.worker.done]);
    // Ended by itself: whoever supervises us should know and start us again.
    if (!stop.signal.aborted) exit(1);
  } catch (error) {
    throw databaseFailure(error, env.databaseUrl) ?? error;
  } finally {
    await polling?.stop();
    await sql.end({ timeout: 5 });
    process.removeListener('SIGTERM', onSignal).removeListener('SIGINT', onSignal);
  }
}
