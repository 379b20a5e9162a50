import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, ScheduleOverlapPolicy } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type EmbeddedTemporal, isServing, startEmbeddedTemporal } from '../../runtime/embedded-temporal.js';
import { isAlive } from '../../runtime/processes.js';
import { killTree, processesNaming, runScript } from './support/processes.js';

let told: string[];
const log = {
  debug: () => undefined,
  info: (_fields: object, message: string) => void told.push(message),
  warn: (_fields: object, message: string) => void told.push(message),
  error: () => undefined,
};
const cliPath = inject('temporalCliPath');
let dataDir: string;
let started: EmbeddedTemporal[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'axiswatch-temporal-'));
  started = [];
  told = [];
});

afterEach(async () => {
  for (const server of started) await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(options: { port?: number; cliPath?: string } = {}): Promise<EmbeddedTemporal> {
  const server = await startEmbeddedTemporal({ cliPath, dataDir, port: 0, namespace: 'watch', log, ...options });
  started.push(server);
  return server;
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection, namespace: 'watch' }));
  } finally {
    await connection.close();
  }
}

describe('the embedded Temporal server', () => {
  it('serves its namespace when it is said to be up, keeps schedules over a restart, and leaves nothing running', async () => {
    const first = await start();
    expect(await isServing(first.address, 'watch')).toBe(true);
    await withClient(first.address, (client) =>
      client.schedule.create({
        scheduleId: 'poll/test',
        spec: { intervals: [{ every: '1 hour' }] },
        action: { type: 'startWorkflow', workflowType: 'pollGroup', taskQueue: 'none' },
        policies: { overlap: ScheduleOverlapPolicy.SKIP },
      }),
    );
    await first.stop();
    expect(processesNaming(dataDir)).toEqual([]);
    const second = await start();
    const found = await withClient(second.address, (client) => client.schedule.getHandle('poll/test').describe());
    expect(found.scheduleId).toBe('poll/test');
    expect(told).toEqual([]);
  });

  it('ends with its parent, even when that is killed with -9', async () => {
    const holder = runScript('hold-temporal.ts', [cliPath, dataDir]);
    const { pid } = JSON.parse(await holder.firstLine) as { pid: number };
    holder.child.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
  });

  it('starts again on its file after kill -9 of the whole tree', async () => {
    const holder = runScript('hold-temporal.ts', [cliPath, dataDir]);
    await holder.firstLine;
    killTree(holder.child.pid!);
    await holder.exited;
    const server = await start();
    expect(await isServing(server.address, 'watch')).toBe(true);
    expect(existsSync(join(dataDir, 'temporal.db.broken'))).toBe(false);
  });

  it('ends a server that an earlier run left, before two work on one file', async () => {
    const holder = runScript('hold-temporal.ts', [cliPath, dataDir]);
    const { pid } = JSON.parse(await holder.firstLine) as { pid: number };
    for (const one of processesNaming('axiswatch-hold').filter(({ command }) => command.includes(dataDir)))
      process.kill(one.pid, 'SIGKILL');
    holder.child.kill('SIGKILL');
    await holder.exited;
    expect(isAlive(pid)).toBe(true);
    await start();
    expect(isAlive(pid)).toBe(false);
    expect(told).toEqual(['stopping the Temporal server that an earlier run left behind']);
  });

  it('sets a file aside that it cannot open and starts with a new one', async () => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'temporal.db'), 'written by some other version');
    const server = await start();
    expect(await isServing(server.address, 'watch')).toBe(true);
    expect(existsSync(join(dataDir, 'temporal.db.broken'))).toBe(true);
    expect(told[0]).toMatch(/was set aside; schedules are made again from the configuration/);
  });

  it('says which port is in use and which setting changes it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    try {
      await expect(start({ port })).rejects.toMatchObject({
        reason: 'unavailable',
        message: expect.stringMatching(
          new RegExp(`^Port ${port} of 127.0.0.1 is in use .* set AXISWATCH_TEMPORAL_PORT`),
        ),
      });
    } finally {
      other.close();
    }
  });

  it('passes on what a program said that does not come up', async () => {
    const program = join(dataDir, 'temporal');
    writeFileSync(program, '#!/bin/sh\necho "this is no server" >&2\nexit 3\n', { mode: 0o755 });
    await expect(start({ cliPath: program })).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringMatching(/The Temporal server \(.*\) does not start: this is no server/),
    });
  });
});
