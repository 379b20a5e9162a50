import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { makeTestConfig, type TestFeed } from './support/make-config.js';
import { killTree, type Program, processesNaming, processTree, runAxiswatch } from './support/processes.js';

let root: string;
let cliPath: string;
let cacheDir: string;
let dataDir: string;
let feed: TestFeed;
let programs: Program[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'axiswatch-up-'));
  cacheDir = join(root, 'cache');
  feed = await makeTestConfig(join(root, 'config'));
  cliPath = inject('temporalCliPath');
});

afterAll(async () => {
  await feed.close();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  dataDir = mkdtempSync(join(root, 'data-'));
  programs = [];
});

afterEach(() => {
  for (const program of programs) killTree(program.child.pid!);
});

function settings(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: root,
    TEMPORAL_CLI_PATH: cliPath,
    AXISWATCH_DATA_DIR: dataDir,
    AXISWATCH_CACHE_DIR: cacheDir,
    AXISWATCH_CONFIG_DIR: feed.configDir,
    AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1',
    AXISWATCH_PORT: '0',
    ...more,
  };
}

function run(args: string[], more: NodeJS.ProcessEnv = {}): Program {
  const program = runAxiswatch(args, settings(more));
  programs.push(program);
  return program;
}

async function startUp(more: NodeJS.ProcessEnv = {}): Promise<Program & { url: string }> {
  const program = run(['up'], more);
  const line = await program.firstLine;
  expect(line).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+$/);
  return { ...program, url: line.slice('ready '.length) };
}

async function read<T = unknown>(url: string, path: string): Promise<{ status: number; body: T }> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: (await response.json()) as T };
}

/** Items in the database, asked as anybody would. */
async function items(url: string): Promise<object[]> {
  return (await read<{ items: object[] }>(url, '/api/v1/items')).body.items;
}

describe('axiswatch up', () => {
  it('runs the whole path, stops on SIGTERM without leaving a process, and goes on where it was', async () => {
    const first = await startUp();
    expect(await read(first.url, '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
    expect(await read(first.url, '/healthz')).toMatchObject({ status: 200 });
    await expect.poll(async () => (await items(first.url)).length, { timeout: 60_000 }).toBe(1);
    const [item] = await items(first.url);
    const tree = processTree(first.child.pid!);
    expect(tree.length).toBeGreaterThan(4);
    first.child.kill('SIGTERM');
    expect(await first.exited).toEqual({ code: 0, signal: null });
    expect(processesNaming(dataDir)).toEqual([]);
    // The TypeScript loader's helper ends when it notices that we did.
    await expect.poll(() => tree.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 10_000 }).toEqual([]);

    const second = await startUp();
    expect(await items(second.url)).toEqual([item]);
    second.child.kill('SIGINT');
    expect(await second.exited).toEqual({ code: 0, signal: null });
    expect(processesNaming(dataDir)).toEqual([]);
  });

  it('starts again with its data after kill -9 of the whole tree', async () => {
    const first = await startUp();
    await expect.poll(async () => (await items(first.url)).length, { timeout: 60_000 }).toBe(1);
    const before = await items(first.url);
    killTree(first.child.pid!);
    await first.exited;
    const second = await startUp();
    expect(await items(second.url)).toEqual(before);
  });

  it('takes its servers with it when only it is killed with -9', async () => {
    const program = await startUp();
    program.child.kill('SIGKILL');
    await program.exited;
    await expect.poll(() => processesNaming(dataDir), { timeout: 30_000 }).toEqual([]);
  });

  it('starts a server again that was killed, and is ready again', async () => {
    const program = await startUp();
    for (const name of ['/postgres -D', 'server start-dev']) {
      // The server, not the shell that holds it.
      const [server] = processesNaming(dataDir).filter(
        ({ command }) => command.includes(name) && !command.startsWith('/bin/sh'),
      );
      process.kill(server!.pid, 'SIGKILL');
      await expect
        .poll(() => program.errors(), { timeout: 30_000 })
        .toMatch(new RegExp(`the ${name.includes('postgres') ? 'Postgres' : 'Temporal'} server is back`));
      await expect.poll(async () => (await read(program.url, '/readyz')).status, { timeout: 30_000 }).toBe(200);
    }
  });

  it('stops at once on a second signal, also while a server does not end, and leaves nothing running', async () => {
    const program = await startUp();
    const [temporal] = processesNaming(dataDir).filter(({ command }) => command.startsWith(cliPath));
    process.kill(temporal!.pid, 'SIGSTOP'); // deaf to SIGTERM: an orderly stop would wait for it
    program.child.kill('SIGINT');
    await expect.poll(() => program.errors()).toMatch(/a second signal stops without waiting/);
    // One that follows within a second is the same wish, told twice by the terminal and by npm.
    await vi.waitFor(
      () => {
        program.child.kill('SIGINT');
        expect(program.errors()).toMatch(/stopping at once/);
      },
      { timeout: 10_000, interval: 300 },
    );
    expect((await program.exited).code).toBe(1);
    await expect.poll(() => processesNaming(dataDir), { timeout: 30_000 }).toEqual([]);
  });

  it('stops when it is told so while it is still starting', async () => {
    const program = run(['up']);
    await expect.poll(() => program.errors(), { timeout: 60_000 }).toMatch(/Postgres is running/);
    program.child.kill('SIGTERM');
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(processesNaming(dataDir)).toEqual([]);
  });
});

describe('axiswatch up says in one sentence what keeps it from starting', () => {
  /** The one line on stderr that is no log line. */
  const sentence = (program: Program) =>
    program
      .errors()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{'));

  it('another one on the same data directory', async () => {
    const first = await startUp();
    const second = run(['up']);
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(sentence(second)).toEqual([
      `The data directory ${dataDir} is in use by 'axiswatch up' (process ${first.child.pid}): stop that first, or set AXISWATCH_DATA_DIR to another directory.`,
    ]);
    expect((await read(first.url, '/readyz')).status).toBe(200);
  });

  it.each(['AXISWATCH_PORT', 'AXISWATCH_POSTGRES_PORT', 'AXISWATCH_TEMPORAL_PORT'])(
    'a port in use (%s)',
    async (name) => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as { port: number };
      try {
        const program = run(['up'], { [name]: String(port) });
        expect(await program.exited).toEqual({ code: 1, signal: null });
        expect(sentence(program)).toEqual([
          expect.stringMatching(new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is in use.*set ${name} to a free port`)),
        ]);
        expect(processesNaming(dataDir)).toEqual([]);
      } finally {
        other.close();
      }
    },
  );

  it('a foreign data directory', async () => {
    writeFileSync(join(dataDir, 'PG_VERSION'), '15\n');
    const program = run(['up']);
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(sentence(program)).toEqual([expect.stringMatching(/holds 'PG_VERSION', which axiswatch did not make/)]);
  });

  it('a missing component, with all choices', async () => {
    const program = run(['up'], {
      TEMPORAL_CLI_PATH: '',
      AXISWATCH_CACHE_DIR: join(root, 'empty-cache'),
      AXISWATCH_TEMPORAL_DOWNLOAD_URL: 'http://127.0.0.1:9',
      PATH: join(process.execPath, '..', 'nothing-here'),
    });
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(sentence(program)[0]).toMatch(/^The Temporal CLI, which runs the embedded Temporal server, is missing\./);
    expect(
      sentence(program)
        .slice(1)
        .every((line) => /^Choose one:|^ {2}- /.test(line)),
    ).toBe(true);
    expect(processesNaming(dataDir)).toEqual([]);
  });

  it('wrong settings, all of them, with exit code 2', async () => {
    const program = run(['up'], { AXISWATCH_PORT: 'eighty', AXISWATCH_LOG_LEVEL: 'loud' });
    expect((await program.exited).code).toBe(2);
    expect(program.errors()).toMatch(/AXISWATCH_PORT/);
    expect(program.errors()).toMatch(/AXISWATCH_LOG_LEVEL/);
  });

  it('a wrong configuration file, with exit code 2', async () => {
    const configDir = join(root, 'wrong-config');
    mkdirSync(configDir, { recursive: true });
    writeFileSync(join(configDir, 'sources.yaml'), 'sources:\n  - id: UPPER\n');
    const program = run(['up'], { AXISWATCH_CONFIG_DIR: configDir });
    expect((await program.exited).code).toBe(2);
    expect(program.errors()).toMatch(/sources\.yaml:2/);
  });

  it('an external database that does not answer, without its password', async () => {
    const program = run(['up'], { DATABASE_URL: 'postgres://watch:s3cret@127.0.0.1:9/news' });
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(sentence(program)).toEqual([
      expect.stringMatching(/^The database at 127\.0\.0\.1:9\/news as watch refuses connections/),
    ]);
    expect(program.errors()).not.toContain('s3cret');
  });
});
