import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { createActivities } from '../../activities/index.js';
import { findWorkflowBundle } from '../../runtime/workflow-bundle.js';
import { quietLog } from '../support/run-worker.js';

const dir = mkdtempSync(join(tmpdir(), 'axiswatch-bundle-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('the workflow code is bundled, without zod and without Node', () => {
  const code = readFileSync(inject('workflowBundlePath'), 'utf8');
  expect(code).toContain('pollGroup');
  expect(code).not.toMatch(/node_modules\/zod\//);
  // 1.6 MB is what the SDK itself brings; every worker thread keeps a copy.
  expect(code.length).toBeLessThan(2_500_000);
});

it('is made once for the same sources, and bundles of other sources are removed', async () => {
  writeFileSync(join(dir, 'workflows-0123456789abcdef.js'), 'old');
  writeFileSync(join(dir, 'temporal'), 'not a bundle');
  const file = await findWorkflowBundle(dir, quietLog);
  const made = statSync(file).mtimeMs;
  expect(await findWorkflowBundle(dir, quietLog)).toBe(file);
  expect(statSync(file).mtimeMs).toBe(made);
  expect(readdirSync(dir).sort()).toEqual(['temporal', file.slice(dir.length + 1)].sort());
});

it('the worker offers exactly the activities that the workflows may ask for', () => {
  const text = readFileSync(new URL('../../activities/index.ts', import.meta.url), 'utf8');
  const members = /export interface Activities \{([\s\S]*?)\n\}/.exec(text)?.[1] ?? '';
  const declared = [...members.matchAll(/^ {2}(\w+)\(/gm)].map((match) => match[1]).sort();
  const offered = createActivities({} as never, () => ({}) as never);
  expect(declared.length).toBeGreaterThan(3);
  expect(Object.keys(offered).sort()).toEqual(declared);
});
