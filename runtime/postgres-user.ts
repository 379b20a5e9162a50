import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../core/errors.js';
import { findClosedDirectory } from './data-dir.js';
import { CHILD_ENV } from './processes.js';

const execute = promisify(execFile);
/** System tools, found wherever the caller's PATH points. */
const run = (program: string, words: string[]) => execute(program, words, { env: CHILD_ENV });

/** How to start a program as the user that owns the cluster. */
export interface Launcher {
  /** Words before the program, e.g. `setpriv ...`. */
  prefix: string[];
  /** For `spawn`, when the shell itself can change the user. */
  uid?: number;
  gid?: number;
  /** Who must own the cluster's files; null when that is us. */
  owner: { uid: number; gid: number } | null;
}

/**
 * Postgres refuses to run as root. An ordinary user runs it as itself; root runs it as the owner of the existing cluster, else as
 * `postgres`, which is made when the machine has none.
 *
 * The directories above the cluster and the binaries may be closed to that user: a root HOME or anything `mktemp -d` made is 0700.
 * We never loosen them. Instead `setpriv` gives the server one capability, to pass through and read (`dac_read_search`; where a
 * container withholds it, `dac_override`), and `no_setuid_fixup`, because Postgres looks for its binaries with access(2), which
 * ignores capabilities of a non-root user without it. Only root can get here, and only when a directory really is closed.
 */
export async function chooseLauncher(clusterDir: string, binary: string): Promise<Launcher> {
  if (process.getuid?.() !== 0) return { prefix: [], owner: null };
  const owner = existingOwner(clusterDir) ?? (await postgresUser());
  const closed =
    findClosedDirectory(dirname(clusterDir), owner.uid, owner.gid) ??
    findClosedDirectory(dirname(binary), owner.uid, owner.gid);
  if (closed === null) return { prefix: [], uid: owner.uid, gid: owner.gid, owner };
  const capability = heldCapability();
  const prefix = [
    'setpriv',
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    '--securebits=+no_setuid_fixup',
  ];
  const works =
    capability !== null &&
    (await run(prefix[0]!, [...prefix.slice(1), binary, '--version']).then(
      () => true,
      () => false,
    ));
  if (works) return { prefix, owner };
  throw new Failure(
    'unavailable',
    `Postgres does not run as root, and ${closed} is closed to the user it would run as. Start axiswatch as an ordinary user, or set AXISWATCH_DATA_DIR to a directory under /var/lib and keep the program under /opt, or set DATABASE_URL to a Postgres server.`,
  );
}

/** Owner of a cluster that is there already; root cannot have made one, so its ownership tells nothing. */
function existingOwner(clusterDir: string): { uid: number; gid: number } | null {
  const found = statSync(clusterDir, { throwIfNoEntry: false });
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : null;
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const found = await lookUp('postgres');
  if (found) return found;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  } catch (error) {
    throw new Failure(
      'unavailable',
      "Postgres does not run as root, and the user 'postgres' could not be made with useradd. Make that user, start axiswatch as an ordinary user, or set DATABASE_URL to a Postgres server.",
      { cause: error },
    );
  }
  const made = await lookUp('postgres');
  if (made) return made;
  throw new Failure(
    'unavailable',
    "The user 'postgres' was made but cannot be found: start axiswatch as an ordinary user.",
  );
}

async function lookUp(name: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null; // `id` fails for one reason only: no such user
  }
}

/** Linux capability that lets a program pass closed directories, as far as we have it ourselves; bits from capability.h. */
function heldCapability(): 'dac_read_search' | 'dac_override' | null {
  try {
    const line = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
    const held = BigInt(`0x${line?.[1] ?? '0'}`);
    if (held & (1n << 2n)) return 'dac_read_search';
    return held & (1n << 1n) ? 'dac_override' : null;
  } catch {
    return null; // no /proc: not Linux, no capabilities
  }
}
