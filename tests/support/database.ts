import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A fresh, migrated, empty database of its own for a test file, cloned from the template in milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `t_${randomBytes(6).toString('hex')}`;
  const admin = postgres(server, { max: 1, onnotice: () => undefined });
  // Cloning takes a lock on the template: two files at once queue up on this advisory lock instead of failing.
  await admin`select pg_advisory_lock(7421)`;
  await admin.unsafe(`create database ${name} template template_axiswatch`);
  await admin`select pg_advisory_unlock(7421)`;
  await admin.end();
  return {
    url: server.replace(/\/postgres$/, `/${name}`),
    async drop() {
      const again = postgres(server, { max: 1, onnotice: () => undefined });
      await again.unsafe(`drop database if exists ${name} with (force)`);
      await again.end();
    },
  };
}
