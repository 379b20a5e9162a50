import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../runtime/database.js';
import {
  attachEmbeddedPostgres,
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../runtime/embedded-postgres.js';
import { isAlive } from '../../runtime/processes.js';
import { killTree, processesNaming, runScript } from './support/processes.js';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
let root: string;
let dataDir: string;
let started: EmbeddedPostgres[];

beforeEach(() => {
  // mkdtemp makes a directory that is closed to all other users, as a root HOME is: the server's user must get through.
  root = mkdtempSync(join(tmpdir(), 'axiswatch-pg-'));
  dataDir = join(root, 'data');
  started = [];
});

afterEach(async () => {
  for (const server of started) await server.stop();
  rmSync(root, { recursive: true, force: true });
});

async function start(options: { port?: number; waitMs?: number } = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, port: 0, log, waitMs: 0, ...options });
  started.push(server);
  return server;
}

async function ask<T>(url: string, query: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await query(sql);
  } finally {
    await sql.end();
  }
}

const remember = (url: string) => ask(url, (sql) => sql`create table kept as select 42 as answer`);
const recall = (url: string) => ask(url, async (sql) => (await sql`select answer from kept`)[0]?.answer);

describe('the embedded Postgres', () => {
  it('starts in a directory that is closed to the server user, and keeps its data over a restart', async () => {
    expect(statSync(root).mode & 0o077).toBe(0);
    const first = await start();
    await remember(first.url);
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start();
    expect(await recall(second.url)).toBe(42);
    expect(statSync(root).mode & 0o077).toBe(0);
  });

  it('keeps a random password to itself, listens on this machine only, and makes no socket file', async () => {
    const server = await start();
    const file = join(dataDir, 'postgres.password');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(new URL(server.url).password).toBe(readFileSync(file, 'utf8').trim());
    const shown = await ask(
      server.url,
      (sql) => sql`select current_setting('listen_addresses') as addresses,
      current_setting('unix_socket_directories') as sockets, current_setting('server_version_num')::int >= 180000 as current,
      current_setting('fsync') as fsync`,
    );
    expect([...shown]).toEqual([{ addresses: '127.0.0.1', sockets: '', current: true, fsync: 'on' }]);
    const wrong = server.url.replace(/:[^:@/]+@/, ':wrong@');
    await expect(ask(wrong, (sql) => sql`select 1`)).rejects.toMatchObject({ code: '28P01' });
  });

  it('ends with its parent, even when that is killed with -9', async () => {
    const holder = runScript('hold-postgres.ts', [dataDir]);
    const { pid } = JSON.parse(await holder.firstLine) as { pid: number };
    holder.child.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });

  it('starts again with its data after kill -9 of the whole tree', async () => {
    const holder = runScript('hold-postgres.ts', [dataDir]);
    const { url } = JSON.parse(await holder.firstLine) as { url: string };
    await remember(url);
    killTree(holder.child.pid!);
    await holder.exited;
    expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(true);
    const server = await start();
    expect(await recall(server.url)).toBe(42);
  });

  it('takes over from a server that an earlier run left behind', async () => {
    const holder = runScript('hold-postgres.ts', [dataDir]);
    const { url, pid } = JSON.parse(await holder.firstLine) as { url: string; pid: number };
    await remember(url);
    // Everything that would stop the server is killed, the server itself is not.
    for (const one of processesNaming('axiswatch-hold').filter(({ command }) => command.includes(dataDir)))
      process.kill(one.pid, 'SIGKILL');
    holder.child.kill('SIGKILL');
    await holder.exited;
    expect(isAlive(pid)).toBe(true);
    const server = await start();
    expect(isAlive(pid)).toBe(false);
    expect(await recall(server.url)).toBe(42);
  });

  it('is not fooled by a stale postmaster.pid whose number another program has by now', async () => {
    const first = await start();
    await first.stop();
    writeFileSync(join(dataDir, 'postgres/postmaster.pid'), `${process.ppid}\n${join(dataDir, 'postgres')}\n0\n5432\n`);
    expect(await attachEmbeddedPostgres(dataDir)).toBeNull();
    await expect(start()).resolves.toMatchObject({ pid: expect.any(Number) });
    expect(isAlive(process.ppid)).toBe(true);
  });

  it('makes a cluster whose making was cut off again', async () => {
    mkdirSync(join(dataDir, '.postgres-new-0badf00d', 'base'), { recursive: true });
    await start();
    expect(existsSync(join(dataDir, '.postgres-new-0badf00d'))).toBe(false);
  });

  it('serves one owner at a time and names it', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringMatching(/^The database in .* is in use by 'axiswatch' \(process \d+\): stop that first/),
    });
  });

  it('says which port is in use and which setting changes it', async () => {
    const other: Server = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    try {
      await expect(start({ port })).rejects.toMatchObject({
        reason: 'unavailable',
        message: `Port ${port} of 127.0.0.1 is in use by another program, so Postgres cannot start: set AXISWATCH_POSTGRES_PORT to a free port, or to 0 for any.`,
      });
    } finally {
      other.close();
    }
  });

  describe('refuses a directory that is not its own and leaves it as it was', () => {
    it.each([
      [
        'holds some other files',
        () => writeFileSync(join(dataDir, 'thesis.odt'), 'mine'),
        /holds 'thesis.odt', which axiswatch did not make/,
      ],
      [
        'is the cluster of another Postgres',
        () => writeFileSync(join(dataDir, 'PG_VERSION'), '15\n'),
        /holds 'PG_VERSION', which axiswatch did not make/,
      ],
      [
        'has a marker that is not ours',
        () => writeFileSync(join(dataDir, 'axiswatch.json'), '{"program":"else"}'),
        /axiswatch.json is not one that axiswatch wrote/,
      ],
    ])('that %s', async (_name, spoil, message) => {
      mkdirSync(dataDir);
      spoil();
      await expect(start()).rejects.toMatchObject({ reason: 'unavailable', message: expect.stringMatching(message) });
      expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
    });

    it('that is a file', async () => {
      writeFileSync(dataDir, '');
      await expect(start()).rejects.toMatchObject({
        message: expect.stringMatching(/cannot be used: it is no directory/),
      });
    });

    it('whose data belong to another major version', async () => {
      const server = await start();
      await server.stop();
      writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '16\n');
      await expect(start()).rejects.toMatchObject({
        message: expect.stringMatching(/belongs to Postgres 16, but this program brings Postgres 18/),
      });
    });
  });

  it('tells when the password of its data is gone', async () => {
    const server = await start();
    await server.stop();
    rmSync(join(dataDir, 'postgres.password'));
    await expect(start()).rejects.toMatchObject({
      message: expect.stringMatching(/The password file .* is gone: restore it/),
    });
  });
});

describe('the database of a command', () => {
  const env = () => ({ databaseUrl: null, dataDir, postgresPort: 0 });

  it('is the external one when DATABASE_URL is set', async () => {
    const database = await openDatabase({ ...env(), databaseUrl: 'postgres://u:p@db/x' }, log);
    expect(database).toMatchObject({ url: 'postgres://u:p@db/x', kind: 'external' });
    await database.close();
    expect(existsSync(dataDir)).toBe(false);
  });

  it('is the running one, which then goes on running', async () => {
    const server = await start();
    const database = await openDatabase(env(), log);
    expect(database).toMatchObject({ url: server.url, kind: 'attached' });
    await database.close();
    expect(isAlive(server.pid)).toBe(true);
  });

  it('is started for the command when none runs, and stopped when the last command that joined has ended', async () => {
    const first = await openDatabase(env(), log);
    const second = await openDatabase(env(), log);
    expect([first.kind, second.kind]).toEqual(['started', 'attached']);
    const sql = postgres(second.url, { max: 1, onnotice: () => undefined });
    await sql`select 1`;
    const closed = first.close();
    expect(await sql`select 42 as answer`).toEqual([{ answer: 42 }]);
    await sql.end();
    await closed;
    expect(await attachEmbeddedPostgres(dataDir)).toBeNull();
    expect(processesNaming(dataDir)).toEqual([]);
  });
});
