import type { Log } from '../activities/deps.js';
import { Failure } from '../core/errors.js';
import { attachEmbeddedPostgres, lockFileOf, startEmbeddedPostgres } from './embedded-postgres.js';
import { readLock } from './process-lock.js';
import { pause } from './processes.js';

/** How long a command waits for a database that another command is just starting or stopping. */
const WAIT_MS = 60_000;

export interface OpenDatabase {
  url: string;
  /** Where it came from: a command that only attached must not stop it. */
  kind: 'external' | 'attached' | 'started';
  close(): Promise<void>;
}

/**
 * The database for one command: `DATABASE_URL` when set; else the embedded server of the data directory, which is joined when it
 * runs (under `up`, say) and otherwise started for the command's duration. `close` stops only what this call started, and only after
 * other commands that joined in the meantime have ended their sessions.
 */
export async function openDatabase(
  env: { databaseUrl: string | null; dataDir: string; postgresPort: number },
  log: Log,
  what = 'an axiswatch command',
): Promise<OpenDatabase> {
  if (env.databaseUrl) return { url: env.databaseUrl, kind: 'external', close: async () => undefined };
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const running = await attachEmbeddedPostgres(env.dataDir);
    if (running) return { url: running.url, kind: 'attached', close: async () => undefined };
    const owner = await readLock(lockFileOf(env.dataDir));
    if (!owner) break;
    if (Date.now() > deadline)
      throw new Failure(
        'unavailable',
        `The database in ${env.dataDir} belongs to '${owner.what}' (process ${owner.pid}) and did not answer within ${WAIT_MS / 1000} seconds.`,
      );
    await pause(100);
  }
  const server = await startEmbeddedPostgres({ dataDir: env.dataDir, port: env.postgresPort, log, what });
  return { url: server.url, kind: 'started', close: () => server.stop({ whenIdle: true }) };
}
