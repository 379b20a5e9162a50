import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLock, takeLock, waitForLock } from '../../runtime/process-lock.js';
import { readStartMark } from '../../runtime/processes.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'axiswatch-lock-'));
  path = join(folder, 'up.lock');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a lock file', () => {
  it('is taken once, names its owner to others, and is free after release', async () => {
    const lock = await takeLock(path, 'axiswatch up');
    expect(await takeLock(path, 'axiswatch poll')).toMatchObject({ pid: process.pid, what: 'axiswatch up' });
    if ('release' in lock) lock.release();
    expect(await readLock(path)).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('goes to one of many that ask at once', async () => {
    const got = await Promise.all(Array.from({ length: 20 }, () => takeLock(path, 'me')));
    expect(got.filter((one) => 'release' in one).length).toBe(1);
  });

  it.each([
    ['of a process that is gone', () => ({ pid: 2 ** 22 - 1, mark: '1', what: 'gone' })],
    [
      'of an earlier process with the same number',
      () => ({ pid: process.pid, mark: 'an earlier life', what: 'other' }),
    ],
  ])('%s is taken over', async (_name, owner) => {
    writeFileSync(path, JSON.stringify(owner()));
    expect(await readLock(path)).toBeNull();
    expect(await takeLock(path, 'me')).toHaveProperty('release');
  });

  it('that was cut off while it was written is taken over', async () => {
    writeFileSync(path, '{"pid":');
    expect(await takeLock(path, 'me')).toHaveProperty('release');
  });

  it('is not removed by an owner that lost it', async () => {
    const lock = await takeLock(path, 'me');
    const other = { pid: process.ppid, mark: await readStartMark(process.ppid), what: 'another' };
    writeFileSync(path, JSON.stringify(other));
    if ('release' in lock) lock.release();
    expect(await readLock(path)).toEqual(other);
  });

  it('is waited for, and the wait is told once', async () => {
    const first = await takeLock(path, 'first');
    const told: string[] = [];
    const second = waitForLock(path, 'second', 30_000, (owner) => {
      told.push(owner.what);
      if ('release' in first) first.release();
    });
    expect(await second).toHaveProperty('release');
    expect(told).toEqual(['first']);
  });

  it('gives the owner back when the wait was too long', async () => {
    await takeLock(path, 'first');
    expect(await waitForLock(path, 'second', 0, () => undefined)).toMatchObject({ what: 'first' });
  });
});
