import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Failure } from '../core/errors.js';

const run = promisify(execFile);

/** What a server of ours sees of our environment: enough to find programs, nothing of our secrets or of PG*, GO* settings. */
export const CHILD_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * A server must not outlive us, not even when we are killed with -9: a shell holds it and reads a pipe of ours. The pipe ends with
 * this process however it ends, and the shell then sends the server its stop signal. The first line on fd 3 is the server's pid.
 * `trap :` and not `trap ''`: an ignored signal would be inherited by the server.
 */
const HOLDER = `
exec 4<&0
trap : TERM INT HUP
"$@" 3>&- 4<&- </dev/null & p=$!
echo $p >&3
exec 3>&-
( trap : TERM INT HUP; while read -r _; do :; done; kill -"$STOP_SIGNAL" $p ) <&4 >/dev/null 2>&1 & r=$!
exec 4<&-
wait $p; code=$?
while kill -0 $p 2>/dev/null; do wait $p; code=$?; done
kill -9 $r 2>/dev/null
exit $code`;

export interface HeldProcess {
  /** The server itself, not the shell that holds it. */
  pid: number;
  /** Resolves with the exit code when the server has ended, for whatever reason. */
  exited: Promise<number>;
  /** Asks the server to stop, waits `graceMs`, then kills it with `lastSignal`; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface HoldOptions {
  stopSignal: 'INT' | 'TERM';
  graceMs: number;
  lastSignal: 'SIGKILL' | 'SIGQUIT';
  uid?: number;
  gid?: number;
  env?: Record<string, string>;
  /** Every line the server writes, stdout and stderr alike. */
  onLine(line: string): void;
}

/** Starts a server that dies with this process. Rejects when it cannot be started at all. */
export async function holdProcess(command: string[], options: HoldOptions): Promise<HeldProcess> {
  if (process.platform === 'win32')
    throw new Failure(
      'unavailable',
      'The embedded servers run on Linux and macOS: on Windows use WSL, or set DATABASE_URL and TEMPORAL_ADDRESS.',
    );
  const holder = spawn('/bin/sh', ['-c', HOLDER, 'axiswatch-hold', ...command], {
    // A group of its own: Ctrl-C in a terminal must reach us alone, we stop the servers in order.
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...CHILD_ENV, ...options.env, STOP_SIGNAL: options.stopSignal },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid }),
  });
  for (const stream of [holder.stdout, holder.stderr])
    if (stream) createInterface({ input: stream }).on('line', options.onLine);
  // A server that is already gone makes the pipe fail when it is closed; `exited` tells that better.
  holder.stdin?.on('error', () => undefined);
  const exited = new Promise<number>((resolve) => holder.once('close', (code) => resolve(code ?? 1)));
  const pid = await firstNumber(holder.stdio[3] as NodeJS.ReadableStream, holder);
  return {
    pid,
    exited,
    async stop() {
      holder.stdin?.end();
      const timer = setTimeout(() => signalProcess(pid, options.lastSignal), options.graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function firstNumber(stream: NodeJS.ReadableStream, holder: NodeJS.EventEmitter): Promise<number> {
  return new Promise((resolve, reject) => {
    holder.once('error', reject);
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(Number(text.trim()));
    });
    stream.once('end', () => reject(new Error('the shell that holds a server ended before it started one')));
  });
}

/** True while a process with this id exists, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Sends a signal; false when the process is gone already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until a process that is not our child is gone; false when it still lives after `timeoutMs`. */
export async function waitForEnd(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await pause(25);
  }
  return true;
}

/** Pause between two looks at something that sends no event. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Tells this life of a process id from a later one: ids are used again, start times are not. Null when there is no such process.
 * Linux counts clock ticks since boot; elsewhere `ps` gives the time of day.
 */
export async function readStartMark(pid: number): Promise<string | null> {
  if (!isAlive(pid)) return null;
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
    } catch (error) {
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }
  }
  const listed = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => null);
  return listed ? listed.stdout.trim() || null : null;
}

/** Command line of a process, or null when it is gone or hidden from us. */
export async function readCommandLine(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      return null; // gone, or hidden by another user: both mean that we cannot tell
    }
  }
  const listed = await run('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => null);
  return listed ? listed.stdout.trim() || null : null;
}

/** A port of `host` that nobody listens on now. */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** True when nobody listens on this port of this machine. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
