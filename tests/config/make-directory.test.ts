import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { makeDirectory } from '../../config/make-directory.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'make-directory-'));
});

it('makes parents, with the mode on what it made, and leaves what is there', () => {
  const path = join(root, 'a', 'b', 'c');
  makeDirectory(path, 0o700);
  expect(['a', 'a/b', 'a/b/c'].map((part) => statSync(join(root, part)).mode & 0o777)).toEqual([0o700, 0o700, 0o700]);
  mkdirSync(join(root, 'open'), { mode: 0o755 });
  makeDirectory(join(root, 'open'), 0o700);
  expect(statSync(join(root, 'open')).mode & 0o777).toBe(0o755);
});

it('throws where a file is in the way', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => makeDirectory(join(root, 'file'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  expect(() => makeDirectory(join(root, 'file', 'below'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
});

it.runIf(process.platform === 'linux')('comes back where nothing can be made', () => {
  expect(() => makeDirectory('/proc/axiswatch/data')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});
