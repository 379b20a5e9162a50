import { accessSync, constants, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../config/make-directory.js';
import { Failure } from '../core/errors.js';

const MARKER = 'axiswatch.json';
/** What may lie in a directory that we then make ours: parts of our own that can be there first, and what file systems put there. */
const HARMLESS = new Set(['demo', 'cache', 'config', 'lost+found', 'up.lock', 'postgres.lock']);
const ADVICE = 'Set AXISWATCH_DATA_DIR to an empty directory or to one that axiswatch made.';

/**
 * What is at `dataDir`: nothing yet, a directory that may become ours, or one that is. Changes nothing. Throws {@link Failure}
 * `unavailable` with one sentence that says what to set when it is somebody else's or closed to us.
 */
export function inspectDataDir(dataDir: string): 'missing' | 'new' | 'ours' {
  let entries: string[];
  try {
    entries = readdirSync(dataDir);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw unusable(dataDir, error);
  }
  if (entries.includes(MARKER)) {
    if (isMarker(join(dataDir, MARKER))) return 'ours';
    throw new Failure('unavailable', `The file ${join(dataDir, MARKER)} is not one that axiswatch wrote. ${ADVICE}`);
  }
  const foreign = entries.find((name) => !HARMLESS.has(name) && !name.startsWith('.') && !/\.lock\.\d+\./.test(name));
  if (foreign === undefined) return 'new';
  throw new Failure(
    'unavailable',
    `The data directory ${dataDir} holds '${foreign}', which axiswatch did not make. ${ADVICE}`,
  );
}

/** Makes `dataDir` ready for the embedded servers, closed to other users. Throws as {@link inspectDataDir} does. */
export function prepareDataDir(dataDir: string): void {
  try {
    makeDirectory(dataDir, 0o700);
  } catch (error) {
    throw unusable(dataDir, error);
  }
  if (inspectDataDir(dataDir) === 'ours') return;
  writeFileSync(join(dataDir, MARKER), `${JSON.stringify({ program: 'axiswatch', layout: 1 })}\n`, { mode: 0o600 });
}

/** The {@link Failure} for an error of the file system at or below `dataDir`. */
export function unusable(dataDir: string, error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const reason =
    code === 'EEXIST' || code === 'ENOTDIR'
      ? 'it is no directory'
      : code === 'EACCES' || code === 'EPERM'
        ? 'it belongs to another user'
        : code === 'EROFS'
          ? 'it is read-only'
          : code === 'ENOENT'
            ? 'nothing can be made there'
            : code;
  return new Failure('unavailable', `The data directory ${dataDir} cannot be used: ${reason}. ${ADVICE}`, {
    cause: error,
  });
}

function isMarker(file: string): boolean {
  try {
    const marker = JSON.parse(readFileSync(file, 'utf8')) as { program?: unknown; layout?: unknown };
    return marker.program === 'axiswatch' && marker.layout === 1;
  } catch {
    return false; // whatever it is, it is not the line we write
  }
}

/** The first directory of `path` (itself included) that `uid`/`gid` may not pass through, or null when all are open to it. */
export function findClosedDirectory(path: string, uid: number, gid: number): string | null {
  const parts = path.split('/').filter(Boolean);
  for (let i = 0; i <= parts.length; i += 1) {
    const directory = `/${parts.slice(0, i).join('/')}`;
    const { mode, uid: owner, gid: group } = statSync(directory);
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return directory;
  }
  return null;
}
