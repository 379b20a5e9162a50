import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../db/migrate.js';
import { startEmbeddedPostgres } from '../../runtime/embedded-postgres.js';
import { createLog } from '../../runtime/log.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Server to make databases on; `template_axiswatch` in it is migrated and empty. */
    postgresUrl: string;
  }
}

/** One real Postgres for the whole run, with a migrated template that each test file clones (see `database.ts`). */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'axiswatch-test-pg-'));
  const server = await startEmbeddedPostgres({
    dataDir: join(dir, 'data'),
    port: 0,
    log: createLog({ logLevel: 'warn' }, process.stderr),
    what: 'the test run',
    // Durability is not under test here; what is (crash tests) starts its own server.
    settings: { fsync: 'off', max_connections: '200' },
  });
  const postgresUrl = server.url.replace(/\/axiswatch$/, '/postgres');
  const admin = postgres(postgresUrl, { max: 1, onnotice: () => undefined });
  await admin.unsafe('create database template_axiswatch');
  await admin.end();
  await migrate(postgresUrl.replace(/\/postgres$/, '/template_axiswatch'));
  project.provide('postgresUrl', postgresUrl);
  return async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}
