import { join } from 'node:path';
import type { Clock, Log } from '../activities/deps.js';
import type { Env } from '../config/env.js';
import { createRulesCoder } from '../core/coder/rules-coder.js';
import { Failure } from '../core/errors.js';
import { connectDatabase } from '../db/client.js';
import { migrate } from '../db/migrate.js';
import { removeSetting, writeSetting } from '../db/settings.js';
import packageJson from '../package.json' with { type: 'json' };
import { isLoopback } from '../server/access.js';
import { startServer } from '../server/app.js';
import { prepareDataDir } from './data-dir.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { startEmbeddedTemporal } from './embedded-temporal.js';
import { findTemporalCli } from './find-temporal.js';
import { loadInstallation } from './load-installation.js';
import { startPolling } from './polling.js';
import { takeLock } from './process-lock.js';
import { isPortFree, pause, signalProcess } from './processes.js';
import { createReadiness } from './readiness.js';
import { openSecondCoder } from './second-coder.js';
import { supervise } from './supervise.js';
import type { World } from './world.js';

/** Where commands of other processes find the embedded Temporal server, in the table of settings. */
const TEMPORAL_SETTING = 'temporal';
const NAMESPACE = 'default';
/** Whoever pressed Ctrl-C waits; what a cancelled poll left undone is done at the next start. */
const GRACE_MS = 5_000;
const LOOK_EVERY_MS = 100;

export interface UpOptions {
  env: Env;
  log: Log;
  /** Brings other sources and another clock than the live ones; asked once the data directory is ours. */
  openWorld?: () => Promise<World>;
  /** Who we are in messages to others that want the same directory. */
  what?: string;
  /** Ends the start early; `up` then closes what it opened and rejects. */
  signal: AbortSignal;
}

export interface RunningSystem {
  url: string;
  /** Resolves once `/readyz` answers 200. */
  ready: Promise<void>;
  /** Rejects, never resolves, when a part is lost for good. */
  failed: Promise<never>;
  /** Stops every part in the order in which they need each other. */
  stop(): Promise<void>;
  /** Kills the embedded servers; both recover from that at the next start. */
  kill(): void;
}

/**
 * Everything on one machine: database, migrations, sources, Temporal, schedules, worker, HTTP server. Whatever is configured as
 * external is used instead of an embedded server. Throws {@link Failure} with one sentence when a part cannot start, after closing
 * those that did.
 */
export async function up(options: UpOptions): Promise<RunningSystem> {
  const parts = new Parts(options.log);
  try {
    return await start(options, parts);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function start(options: UpOptions, parts: Parts): Promise<RunningSystem> {
  const { env, log, openWorld, what = 'axiswatch up', signal } = options;
  await lockDataDir(env, what, parts);
  await checkAddress(env);
  const world = await openWorld?.();
  let closing: Promise<void> | undefined;
  // Named twice, closed once: with the database, in which it keeps its clock, or alone when we never got so far.
  const closeWorld = async () => (closing ??= world?.close());
  parts.add('world', closeWorld);
  if (world) log.info({}, world.banner);
  const clock: Clock = world?.clock ?? { now: () => new Date() };
  const { codebook, data, config: written } = loadInstallation(env.configDir);
  const config = world?.config ?? written;

  const databaseUrl = await openStore(env, log, what, parts);
  signal.throwIfAborted();
  const migrated = await migrate(databaseUrl);
  log.info(migrated, migrated.applied > 0 ? 'the database was migrated' : 'the database is up to date');
  const sql = connectDatabase(databaseUrl, { name: what });
  parts.add('database connections', () => sql.end({ timeout: 5 }));
  await world?.open(sql);
  parts.add('world', closeWorld);
  signal.throwIfAborted();

  const temporal = env.temporalConfigured ? undefined : await openTemporal(env, log, signal, parts);
  signal.throwIfAborted();
  if (temporal) {
    await writeSetting(sql, TEMPORAL_SETTING, temporal);
    parts.add('Temporal address', () => removeSetting(sql, TEMPORAL_SETTING));
  }
  const coder = createRulesCoder(data);
  // The embedded server is ours alone; on a shared one a schedule that we no longer want is left for a person to judge.
  const prune = temporal !== undefined;
  const { tickSeconds } = world ?? {};
  const polling = await startPolling({
    config,
    codebook,
    coder,
    sql,
    env,
    log,
    clock,
    secondCoder: world ? null : openSecondCoder(env, data),
    temporal,
    prune,
    tickSeconds,
    graceMs: GRACE_MS,
    signal,
  });
  parts.add('worker', () => polling.stop());
  signal.throwIfAborted();

  const readiness = createReadiness(polling.connection, polling.worker);
  const server = await startServer({
    sql,
    config,
    codebook,
    data,
    coderVersion: `${coder.name} ${coder.version}`,
    version: packageJson.version,
    clock,
    env,
    log,
    readiness,
    banner: world?.banner ?? null,
  });
  parts.add('HTTP server', () => server.close());
  const failed = Promise.race([...parts.failures, lost(polling.worker.done)]);
  failed.catch(() => undefined); // raced on by the caller
  const ready = untilReady(server.url, signal, log);
  ready.catch(() => undefined); // so is this: a stop before we are ready ends it
  return {
    url: server.url,
    ready,
    failed,
    stop: () => parts.close(),
    kill: () => parts.kill(),
  };
}

/** What is open, in the order it was opened; closed in the opposite one. */
class Parts {
  readonly failures: Array<Promise<never>> = [];
  readonly #open: Array<{ name: string; close: () => Promise<unknown> }> = [];
  readonly #kills: Array<() => void> = [];
  #closing: Promise<void> | null = null;

  constructor(private readonly log: Log) {}

  add(name: string, close: () => Promise<unknown>): void {
    this.#open.push({ name, close });
  }

  addKill(kill: () => void): void {
    this.#kills.push(kill);
  }

  /** A part that cannot be closed must not keep the others open. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const part of this.#open.reverse()) {
        try {
          this.log.debug({ part: part.name }, 'closing');
          await part.close();
        } catch (error) {
          this.log.warn({ part: part.name, error }, 'could not be closed cleanly');
        }
      }
    })();
    return this.#closing;
  }

  kill(): void {
    for (const kill of this.#kills) kill();
  }
}

async function lockDataDir(env: Env, what: string, parts: Parts): Promise<void> {
  if (env.databaseUrl && env.temporalConfigured) return;
  prepareDataDir(env.dataDir);
  const lock = await takeLock(join(env.dataDir, 'up.lock'), what);
  if (!('release' in lock))
    throw new Failure(
      'unavailable',
      `The data directory ${env.dataDir} is in use by '${lock.what}' (process ${lock.pid}): stop that first, or set AXISWATCH_DATA_DIR to another directory.`,
    );
  parts.add('data directory', async () => lock.release());
}

/** Found out now and not after a Temporal server was built for minutes. */
async function checkAddress({ host, port, apiToken }: Env): Promise<void> {
  if (!isLoopback(host) && apiToken === null)
    throw new Failure(
      'invalid-config',
      `AXISWATCH_HOST is ${host}, which others can reach: set AXISWATCH_API_TOKEN, or keep 127.0.0.1.`,
    );
  if (port === 0 || (await isPortFree(port, host))) return;
  throw new Failure(
    'unavailable',
    `Port ${port} of ${host} is in use: stop what listens there, or set AXISWATCH_PORT to a free port (0 takes any).`,
  );
}

async function openStore(env: Env, log: Log, what: string, parts: Parts): Promise<string> {
  if (env.databaseUrl) return env.databaseUrl;
  const begin = (port: number) => startEmbeddedPostgres({ dataDir: env.dataDir, port, log, what });
  const first = await begin(env.postgresPort);
  const kept = supervise('Postgres', first, () => begin(first.port), log);
  parts.add('Postgres', () => kept.stop());
  parts.addKill(() => signalProcess(kept.current().pid, 'SIGQUIT'));
  parts.failures.push(kept.failed);
  log.info({ port: first.port }, 'Postgres is running');
  return first.url;
}

async function openTemporal(
  env: Env,
  log: Log,
  signal: AbortSignal,
  parts: Parts,
): Promise<{ address: string; namespace: string }> {
  const cliPath = await findTemporalCli(env, log, { signal });
  const begin = (port: number) =>
    startEmbeddedTemporal({ cliPath, dataDir: env.dataDir, port, namespace: NAMESPACE, log });
  const first = await begin(env.temporalPort);
  const kept = supervise('Temporal', first, () => begin(Number(first.address.split(':')[1])), log);
  parts.add('Temporal', () => kept.stop());
  parts.addKill(() => signalProcess(kept.current().pid, 'SIGKILL'));
  parts.failures.push(kept.failed);
  log.info({ address: first.address, ui: first.uiUrl }, 'Temporal is running');
  return { address: first.address, namespace: first.namespace };
}

/** A worker that ends although nobody stopped it is a failure, with or without an error of its own. */
async function lost(done: Promise<void>): Promise<never> {
  try {
    await done;
  } catch (error) {
    throw new Failure('unavailable', 'The worker ended by itself; the log says why.', { cause: error });
  }
  throw new Failure('unavailable', 'The worker ended by itself.');
}

async function untilReady(url: string, signal: AbortSignal, log: Log): Promise<void> {
  let told = '';
  for (;;) {
    signal.throwIfAborted();
    const response = await fetch(`${url}/readyz`, { signal });
    const text = await response.text();
    if (response.status === 200) return;
    if (text !== told) log.info({ readyz: text }, 'not ready yet');
    told = text;
    await pause(LOOK_EVERY_MS);
  }
}
