import type { Log } from '../activities/deps.js';
import { type Env, readEnv } from '../config/env.js';
import type { Config } from '../config/types.js';
import type { CodebookData } from '../core/codebook/data.js';
import { CODER_VERSION } from '../core/coder/rules-coder.js';
import { Failure } from '../core/errors.js';
import { connectDatabase } from '../db/client.js';
import { migrate } from '../db/migrate.js';
import { databaseFailure } from '../db/reach.js';
import { loadClock } from '../db/settings.js';
import { checkDatabase } from '../db/status.js';
import packageJson from '../package.json' with { type: 'json' };
import { openDatabase } from '../runtime/database.js';
import { loadInstallation } from '../runtime/load-installation.js';
import { createLog } from '../runtime/log.js';
import type { AskContext } from '../server/api/context.js';
import type { Io } from './io.js';

export const VERSION: string = packageJson.version;
/** The coder that labels now, as answers name it. */
export const CODER = `rules ${CODER_VERSION}`;

export interface OpenContext extends AskContext {
  config: Config;
  /** What the coder needs of the codebook. */
  data: CodebookData;
  env: Env;
  log: Log;
}

/**
 * Runs a question against the installation's database: reads settings, configuration and codebook, joins the running embedded
 * server or starts it for the duration, and closes what it opened. With `demo`, the demo world's.
 */
export async function withContext<T>(io: Io, what: string, run: (context: OpenContext) => Promise<T>): Promise<T> {
  const env = readEnv(io.env);
  const { config, codebook, data } = loadInstallation(env.configDir);
  const log = createLog(env, io.err);
  const database = await openDatabase(env, log, what);
  const sql = connectDatabase(database.url, { max: 4, name: what });
  try {
    const { problem } = await checkDatabase(sql);
    if (problem && database.kind === 'external') throw new Failure('unavailable', problem);
    // An embedded server that was never used, or was used by an older version: nobody else could migrate it.
    if (problem) await migrate(database.url);
    const clock = await loadClock(sql);
    return await run({ sql, config, codebook, data, coderVersion: CODER, clock, version: VERSION, env, log });
  } catch (error) {
    throw databaseFailure(error, database.url) ?? error;
  } finally {
    await sql.end({ timeout: 5 });
    await database.close();
  }
}
