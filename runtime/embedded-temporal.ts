import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Connection } from '@temporalio/client';
import type { Log } from '../activities/deps.js';
import { makeDirectory } from '../config/make-directory.js';
import { Failure } from '../core/errors.js';
import {
  findFreePort,
  type HeldProcess,
  holdProcess,
  isPortFree,
  pause,
  readStartMark,
  signalProcess,
  waitForEnd,
} from './processes.js';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const LOOK_EVERY_MS = 100;
/** Distinct lines that are told at their own level; repetitions and what comes after go to debug. */
const MAX_DISTINCT_LINES = 100;
const HEALTH_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';

export interface EmbeddedTemporalOptions {
  /** The `temporal` program, see `findTemporalCli`. */
  cliPath: string;
  dataDir: string;
  /** 0 takes a free one. */
  port: number;
  namespace: string;
  log: Log;
  /** Gives up a server that is on its way up, and stops it. */
  signal?: AbortSignal;
}

export interface EmbeddedTemporal {
  address: string;
  namespace: string;
  /** Temporal's own web pages, on this machine only. */
  uiUrl: string;
  pid: number;
  exited: Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts `temporal server start-dev` on 127.0.0.1 and waits until its health service says SERVING and the namespace is there. It dies
 * with this process, whatever ends it.
 *
 * Its SQLite file is disposable, since every truth is in Postgres and schedules are applied again at each start: a file that the
 * server cannot open (another version wrote it; it has no migrations) is set aside and a new one made.
 * Throws {@link Failure} `unavailable` with one sentence for a port in use and for a server that does not come up.
 */
export async function startEmbeddedTemporal(given: EmbeddedTemporalOptions): Promise<EmbeddedTemporal> {
  const options = { ...given, dataDir: resolve(given.dataDir) };
  makeDirectory(options.dataDir, 0o700);
  await stopLeftover(options);
  if (options.port !== 0 && !(await isPortFree(options.port)))
    throw new Failure(
      'unavailable',
      `Port ${options.port} of 127.0.0.1 is in use by another program, so the Temporal server cannot start: set AXISWATCH_TEMPORAL_PORT to a free port, or to 0 for any.`,
    );
  const file = join(options.dataDir, 'temporal.db');
  let said = '';
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const hadFile = statSync(file, { throwIfNoEntry: false }) !== undefined;
    const started = await startServer(options, file);
    if (typeof started !== 'string') return started;
    said = started;
    const isPortRace = options.port === 0 && /address already in use|^panic:/.test(said);
    if (!isPortRace && !hadFile) break;
    if (!isPortRace) setAside(file, options.log);
    options.log.warn({ said }, 'the Temporal server did not start, trying again');
  }
  throw new Failure('unavailable', `The Temporal server (${options.cliPath}) does not start: ${said}`);
}

/** The running server, or what it said when it did not come up. */
async function startServer(options: EmbeddedTemporalOptions, file: string): Promise<EmbeddedTemporal | string> {
  const port = options.port || (await findFreePort());
  const uiPort = await findFreePort();
  const lines: string[] = [];
  const held = await holdProcess(
    [
      options.cliPath,
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
      ...['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort), '--db-filename', file, '--namespace', options.namespace],
      // Without these each commit waits for the disk and a reader blocks the writer.
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      ...['--log-format', 'json', '--log-level', 'warn'],
    ],
    // A home of its own: the CLI would otherwise look for a user's Temporal profiles, which are not meant for this server.
    {
      stopSignal: 'TERM',
      graceMs: STOP_TIMEOUT_MS,
      lastSignal: 'SIGKILL',
      env: { HOME: options.dataDir },
      onLine: collapseLines(options.log, lines),
    },
  );
  writeFileSync(pidFileOf(options), JSON.stringify({ pid: held.pid, mark: await readStartMark(held.pid) }), {
    mode: 0o600,
  });
  const address = `127.0.0.1:${port}`;
  const isUp = await waitUntilServing(address, options.namespace, held, options.signal);
  if (!isUp) {
    await held.stop();
    options.signal?.throwIfAborted();
    return tellEnd(lines) || `it did not answer within ${START_TIMEOUT_MS / 1000} seconds and said nothing`;
  }
  return {
    address,
    namespace: options.namespace,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    pid: held.pid,
    exited: held.exited,
    async stop() {
      await held.stop();
      rmSync(pidFileOf(options), { force: true });
    },
  };
}

/** What matters of its last words: of a panic the reason, not the end of the stack that follows it. */
function tellEnd(lines: readonly string[]): string {
  const reason = lines.findLast((line) => /address already in use|^(panic|fatal error):/.test(line));
  return reason === undefined ? lines.slice(-3).join(' ') : reason.slice(0, 500);
}

/** False when the server ends, stays silent for too long, or `signal` gives it up. */
async function waitUntilServing(
  address: string,
  namespace: string,
  held: HeldProcess,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let ended = false;
  void held.exited.then(() => {
    ended = true;
  });
  while (!ended && !signal?.aborted && Date.now() < deadline) {
    if (await isServing(address, namespace)) return true;
    await pause(LOOK_EVERY_MS);
  }
  return false;
}

/** Whether a Temporal server at `address` serves now and has the namespace. */
export async function isServing(address: string, namespace: string): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({
      address,
      connectTimeout: 2_000,
      // gRPC would ask an HTTPS_PROXY for the way to this machine itself.
      channelArgs: { 'grpc.enable_http_proxy': 0 },
    });
    const health = await connection.healthService.check({ service: HEALTH_SERVICE });
    if (health.status !== 1) return false;
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch {
    return false; // not yet: the caller asks again until its deadline
  } finally {
    await connection?.close();
  }
}

function pidFileOf(options: { dataDir: string }): string {
  return join(options.dataDir, 'temporal.pid');
}

/** Two servers on one SQLite file would spoil it: one that an earlier run left (its holder killed too) is ended first. */
async function stopLeftover(options: EmbeddedTemporalOptions): Promise<void> {
  const left = readPidFile(pidFileOf(options));
  if (!left || left.mark === null || (await readStartMark(left.pid)) !== left.mark) return;
  options.log.info({ pid: left.pid }, 'stopping the Temporal server that an earlier run left behind');
  signalProcess(left.pid, 'SIGTERM');
  if (await waitForEnd(left.pid, STOP_TIMEOUT_MS)) return;
  signalProcess(left.pid, 'SIGKILL');
  await waitForEnd(left.pid, STOP_TIMEOUT_MS);
}

function readPidFile(file: string): { pid: number; mark: string | null } | null {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as { pid?: unknown; mark?: unknown };
    return typeof value.pid === 'number' && typeof value.mark === 'string'
      ? { pid: value.pid, mark: value.mark }
      : null;
  } catch {
    return null; // none, or cut off when the machine lost power
  }
}

/** Keeps the last file that was set aside, for a person to look at, and no more. */
function setAside(file: string, log: Log): void {
  const aside = `${file}.broken`;
  for (const end of ['', '-wal', '-shm']) {
    rmSync(`${aside}${end}`, { force: true });
    if (statSync(`${file}${end}`, { throwIfNoEntry: false })) renameSync(`${file}${end}`, `${aside}${end}`);
  }
  log.warn(
    { file: aside },
    "Temporal's own file could not be used and was set aside; schedules are made again from the configuration",
  );
}

/** A server that waits for its database repeats itself many times a second: each distinct message is told once. */
function collapseLines(log: Log, lines: string[]): (line: string) => void {
  const seen = new Set<string>();
  return (line) => {
    const entry = parseLine(line);
    lines.push(entry.error ? `${entry.message}: ${entry.error}` : entry.message);
    if (lines.length > 20) lines.shift();
    const isNew = !seen.has(entry.message) && seen.size < MAX_DISTINCT_LINES;
    seen.add(entry.message);
    if (isNew && (entry.level === 'error' || entry.level === 'fatal'))
      log.warn({ error: entry.error }, `Temporal: ${entry.message}`);
    else log.debug({ error: entry.error }, `Temporal: ${entry.message}`);
  };
}

function parseLine(line: string): { level: string; message: string; error?: string } {
  try {
    const { level, msg, error } = JSON.parse(line) as { level?: string; msg?: string; error?: unknown };
    return { level: level ?? 'info', message: msg ?? line, ...(error === undefined ? {} : { error: String(error) }) };
  } catch {
    return { level: 'info', message: line }; // plain words, such as the CLI's own banner and errors
  }
}
