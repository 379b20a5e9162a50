import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { pause, readStartMark } from './processes.js';

export interface LockOwner {
  pid: number;
  /** Start time of that process, so that a later process with the same id is not taken for it. */
  mark: string | null;
  /** What it does, in words for a person: `axiswatch up`. */
  what: string;
}

export interface ProcessLock {
  release(): void;
}

/**
 * Takes the lock file at `path` for this process. Returns the live owner instead when there is one. A lock whose process is gone
 * (killed, machine restarted) is taken over.
 */
export async function takeLock(path: string, what: string): Promise<ProcessLock | LockOwner> {
  const mine: LockOwner = { pid: process.pid, mark: await readStartMark(process.pid), what };
  const text = `${JSON.stringify(mine)}\n`;
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  for (;;) {
    writeFileSync(draft, text, { mode: 0o600 });
    try {
      linkSync(draft, path); // atomic, and fails when the lock exists
      return { release: () => releaseLock(path, text) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    const owner = await readLock(path);
    if (owner) return owner;
    // Stale. Two may see that at once: only one rename finds the file, the other goes round again.
    try {
      renameSync(path, draft);
      rmSync(draft, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Takes the lock, waiting up to `timeoutMs` for its owner; `onWait` is told once whom we wait for. Returns that owner in the end. */
export async function waitForLock(
  path: string,
  what: string,
  timeoutMs: number,
  onWait: (owner: LockOwner) => void,
): Promise<ProcessLock | LockOwner> {
  const deadline = Date.now() + timeoutMs;
  let told = false;
  for (;;) {
    const got = await takeLock(path, what);
    if ('release' in got || Date.now() > deadline) return got;
    if (!told) onWait(got);
    told = true;
    await pause(100);
  }
}

/** The live owner of a lock file, or null when it is free or its owner is gone. */
export async function readLock(path: string): Promise<LockOwner | null> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const owner = parseOwner(text);
  if (!owner) return null;
  const mark = await readStartMark(owner.pid);
  return mark !== null && mark === owner.mark ? owner : null;
}

function parseOwner(text: string): LockOwner | null {
  try {
    const value = JSON.parse(text) as LockOwner;
    return Number.isInteger(value.pid) ? value : null;
  } catch {
    return null; // half-written by a machine that lost power: nobody's
  }
}

function releaseLock(path: string, text: string): void {
  try {
    if (readFileSync(path, 'utf8') === text) rmSync(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
