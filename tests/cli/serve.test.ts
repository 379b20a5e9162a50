import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const BIN = fileURLToPath(new URL('../../bin/axiswatch.js', import.meta.url));

let database: TestDatabase;
let child: ChildProcess | null = null;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = null;
  await database.drop();
});

function serve(vars: Record<string, string>): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, [BIN, 'serve'], {
    env: { PATH, HOME, DATABASE_URL: database.url, AXISWATCH_PORT: '0', ...vars },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

it('serves against an external database until it is told to stop', async () => {
  child = serve({});
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  expect(line).toMatch(/^serving http:\/\/127\.0\.0\.1:\d+$/);
  const url = line.replace('serving ', '');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await (await fetch(`${url}/api/v1/dyads`)).json()) as object).toMatchObject({ dyads: expect.any(Array) });
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    {
      ready: false,
      problems: ['No Temporal server is configured (TEMPORAL_ADDRESS) and none runs here (axiswatch up).'],
    },
  ]);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

it('says so when the configured Temporal server does not answer, and serves what it has', async () => {
  child = serve({ TEMPORAL_ADDRESS: '127.0.0.1:1', AXISWATCH_LOG_LEVEL: 'silent' });
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const url = line.replace('serving ', '');
  const ready = (await (await fetch(`${url}/readyz`)).json()) as { problems: string[] };
  expect(ready.problems).toEqual([expect.stringContaining('No Temporal server answers at 127.0.0.1:1')]);
  expect((await fetch(`${url}/`)).status).toBe(200);
});

it('does not open to others without a token', async () => {
  child = serve({ AXISWATCH_HOST: '0.0.0.0', AXISWATCH_LOG_LEVEL: 'silent' });
  const said: Buffer[] = [];
  child.stderr!.on('data', (chunk: Buffer) => said.push(chunk));
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(Buffer.concat(said).toString()).toBe(
    'AXISWATCH_HOST is 0.0.0.0, which others can reach: set AXISWATCH_API_TOKEN, or keep 127.0.0.1\n',
  );
});
