import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { Failure } from '../core/errors.js';
import journal from './migrations/meta/_journal.json' with { type: 'json' };
import { databaseFailure, describeDatabase } from './reach.js';

const FOLDER = fileURLToPath(new URL('./migrations', import.meta.url));
/** Any constant will do; two processes that migrate at once must agree on it. */
const LOCK = 7_420_260_728;
const OLDEST_POSTGRES = 15;

export interface Migrated {
  /** Migrations that this call applied. */
  applied: number;
  /** Migrations of this program, all of them applied now. */
  total: number;
}

/**
 * Brings the database at `url` to this program's schema. Safe to run twice and by several processes at once. Throws {@link Failure}
 * `unavailable` with one sentence, without the password, when the database cannot be reached, is older than Postgres 15, or was
 * migrated by a newer program, in which case nothing is touched.
 */
export async function migrate(url: string): Promise<Migrated> {
  const client = postgres(url, {
    max: 1,
    fetch_types: false,
    connect_timeout: 10,
    onnotice: () => undefined,
    // Long enough for another process to finish a migration; a forgotten session must not hang every start.
    connection: { application_name: 'axiswatch migrate', lock_timeout: 300_000 },
  });
  try {
    await checkServer(client, url);
    // Concurrent drizzle migrations race on `create schema`; one session does the work, the others find it done.
    await client`select pg_advisory_lock(${LOCK})`;
    const before = await listApplied(client);
    refuseNewer(before, url);
    await applyMigrations(drizzle(client), { migrationsFolder: FOLDER });
    return { applied: journal.entries.length - before.length, total: journal.entries.length };
  } catch (error) {
    throw (error instanceof Failure ? error : databaseFailure(innermost(error), url)) ?? error;
  } finally {
    await client.end({ timeout: 5 });
  }
}

async function checkServer(client: postgres.Sql, url: string): Promise<void> {
  const [row] = await client<[{ number: number; version: string }]>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as version`;
  if (row.number < OLDEST_POSTGRES * 10_000)
    throw new Failure(
      'unavailable',
      `The database at ${describeDatabase(url)} is Postgres ${row.version}; axiswatch needs ${OLDEST_POSTGRES} or later.`,
    );
}

/** Times (`when` of the journal) of the migrations that the database has. */
async function listApplied(client: postgres.Sql): Promise<number[]> {
  const [known] = await client<
    [{ there: boolean }]
  >`select to_regclass('drizzle.__drizzle_migrations') is not null as there`;
  if (!known.there) return [];
  const rows = await client<Array<{ at: string }>>`select created_at::text as at from drizzle.__drizzle_migrations`;
  return rows.map((row) => Number(row.at));
}

function refuseNewer(applied: number[], url: string): void {
  const ours = new Set(journal.entries.map((entry) => entry.when));
  const foreign = applied.filter((at) => !ours.has(at));
  if (foreign.length === 0) return;
  throw new Failure(
    'unavailable',
    `The database at ${describeDatabase(url)} has ${foreign.length} migration${foreign.length === 1 ? '' : 's'} that this program does not know: a newer axiswatch wrote it. Update the program, or use another database.`,
  );
}

/** drizzle wraps what the driver throws. */
function innermost(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current;
}
