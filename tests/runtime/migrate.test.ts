import { createServer, type Server } from 'node:net';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { migrate } from '../../db/migrate.js';
import journal from '../../db/migrations/meta/_journal.json' with { type: 'json' };
import { describeDatabase } from '../../db/reach.js';

let admin: postgres.Sql;
let name: string;
let url: string;
let counter = 0;

beforeEach(async () => {
  admin = postgres(inject('postgresUrl'), { max: 1, onnotice: () => undefined });
  counter += 1;
  name = `migrate_${process.pid}_${counter}`;
  await admin.unsafe(`create database ${name}`);
  url = inject('postgresUrl').replace(/\/postgres$/, `/${name}`);
});

afterEach(async () => {
  await admin.unsafe(`drop database if exists ${name} with (force)`);
  await admin.end();
});

async function ask<T>(query: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await query(sql);
  } finally {
    await sql.end();
  }
}

const total = journal.entries.length;

describe('migrating a database', () => {
  it('applies everything once', async () => {
    expect(await migrate(url)).toEqual({ applied: total, total });
    expect(await migrate(url)).toEqual({ applied: 0, total });
  });

  it('is safe for four processes at once', async () => {
    const done = await Promise.all([migrate(url), migrate(url), migrate(url), migrate(url)]);
    expect(done.map((one) => one.applied).sort()).toEqual([0, 0, 0, total]);
    const [row] = await ask((sql) => sql`select count(*)::int as rows from drizzle.__drizzle_migrations`);
    expect(row).toEqual({ rows: total });
  });

  it('refuses a database that a newer program wrote, and touches nothing in it', async () => {
    await migrate(url);
    await ask(
      (sql) => sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)`,
    );
    await expect(migrate(url)).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringMatching(
        /has 1 migration that this program does not know: a newer axiswatch wrote it\. Update the program/,
      ),
    });
    const [row] = await ask((sql) => sql`select count(*)::int as rows from drizzle.__drizzle_migrations`);
    expect(row).toEqual({ rows: total + 1 });
  });

  it.each([
    ['that is not there', () => url.replace(name, 'no_such_database'), /does not have that database: create it first/],
    ['whose password is wrong', () => url.replace(/:[^:@/]+@/, ':s3cret@'), /refuses the password/],
    [
      'where nothing listens',
      () => 'postgres://watch:s3cret@127.0.0.1:9/x',
      /127\.0\.0\.1:9\/x as watch refuses connections/,
    ],
    [
      'whose host does not exist',
      () => 'postgres://watch:s3cret@db.invalid/x',
      /db\.invalid:5432\/x as watch cannot be found/,
    ],
  ])('says in one sentence, without the password, what is wrong with a database %s', async (_name, target, message) => {
    const failure = migrate(target());
    await expect(failure).rejects.toMatchObject({ reason: 'unavailable', message: expect.stringMatching(message) });
    expect(await failure.catch((error: Error) => error.message)).not.toMatch(/s3cret|\n/);
  });

  it('refuses a server that is too old', async () => {
    const old = await serveOldPostgres();
    try {
      const { port } = old.address() as { port: number };
      await expect(migrate(`postgres://watch:s3cret@127.0.0.1:${port}/x`)).rejects.toMatchObject({
        reason: 'unavailable',
        message: `The database at 127.0.0.1:${port}/x as watch is Postgres 14.11; axiswatch needs 15 or later.`,
      });
    } finally {
      old.close();
    }
  });
});

describe('naming a database', () => {
  it.each([
    ['postgres://watch:s3cret@db.example:6543/news', 'db.example:6543/news as watch'],
    ['postgres://db.example/news', 'db.example:5432/news'],
    ['postgresql://watch@db.example', 'db.example:5432/watch as watch'],
    ['not an address', 'the address in DATABASE_URL'],
  ])('%s is %s', (given, expected) => {
    expect(describeDatabase(given)).toBe(expected);
  });
});

/**
 * Answers the wire protocol as a Postgres 14 would, as far as the first question goes: no old server is to be had here. Message layouts
 * are those of the manual's chapter "Message Formats".
 */
function serveOldPostgres(): Promise<Server> {
  const message = (type: string, ...parts: Array<Buffer | string | number>) => {
    const body = Buffer.concat(parts.map(encode));
    const head = Buffer.alloc(5);
    head.write(type, 0);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const encode = (part: Buffer | string | number) => {
    if (typeof part === 'string') return Buffer.from(`${part}\0`);
    if (typeof part !== 'number') return part;
    const bytes = Buffer.alloc(2);
    bytes.writeInt16BE(part);
    return bytes;
  };
  const int32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const column = (title: string, type: number) => [title, int32(0), 0, int32(type), -1, int32(-1), 0];
  const value = (text: string) => [int32(text.length), Buffer.from(text)];
  const server = createServer((socket) => {
    let isGreeted = false;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (!isGreeted) {
        isGreeted = true;
        socket.write(Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))]));
        return;
      }
      const asked = data.toString('latin1');
      const columns = [2, ...column('number', 23), ...column('version', 25)].flat();
      const described = Buffer.concat([message('t', 0), message('T', ...columns)]);
      const row = Buffer.concat([message('D', 2, ...value('140011'), ...value('14.11')), message('C', 'SELECT 1')]);
      const parts = [
        ...(asked.includes('server_version_num') ? [message('1'), described] : []),
        ...(/B[\s\S]{4}/.test(asked) && asked.includes('E\0\0\0') ? [message('2'), row] : []),
        message('Z', Buffer.from('I')),
      ];
      socket.write(Buffer.concat(parts));
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
