import { accessSync, constants, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/errors.js';

const MARKER = 'axiswatch.json';
/** What may lie in a directory that we then make ours: parts of our own that can be there first, and what file systems put there. */
const HARMLESS = new Set([
  MARKER,
  'demo',
  'cache',
  'config',
  'lost+found',
  '.DS_Store',
  '.keep',
  '.gitkeep',
  'up.lock',
  'postgres.lock',
]);

/**
 * Makes `dataDir` ready for the embedded servers. An existing directory that is not ours is refused rather than written into.
 * Throws {@link Failure} `unavailable` with one sentence that says what to set.
 */
export function prepareDataDir(dataDir: string): void {
  const advice = 'Set AXISWATCH_DATA_DIR to an empty directory or to one that axiswatch made.';
  let entries: string[];
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    entries = readdirSync(dataDir);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const reason =
      code === 'EEXIST' || code === 'ENOTDIR'
        ? 'it is no directory'
        : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
          ? 'this user may not write there'
          : code;
    throw new Failure('unavailable', `The data directory ${dataDir} cannot be used: ${reason}. ${advice}`, {
      cause: error,
    });
  }
  const file = join(dataDir, MARKER);
  if (entries.includes(MARKER)) {
    if (readMarker(file)) return;
    throw new Failure('unavailable', `The file ${file} is not one that axiswatch wrote. ${advice}`);
  }
  const foreign = entries.find((name) => !HARMLESS.has(name) && !name.startsWith('.') && !/\.lock\.\d+\./.test(name));
  if (foreign)
    throw new Failure(
      'unavailable',
      `The data directory ${dataDir} holds '${foreign}', which axiswatch did not make. ${advice}`,
    );
  writeFileSync(file, `${JSON.stringify({ program: 'axiswatch', layout: 1 })}\n`, { mode: 0o600 });
}

function readMarker(file: string): boolean {
  try {
    const marker = JSON.parse(readFileSync(file, 'utf8')) as { program?: unknown; layout?: unknown };
    return marker.program === 'axiswatch' && marker.layout === 1;
  } catch {
    return false;
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
