import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CHANNELS } from '../../channels/registry.js';
import { RULE_KINDS } from '../../core/alerts/rule-kinds.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ROOMS = [
  'core',
  'channels',
  'db',
  'activities',
  'workflows',
  'config',
  'runtime',
  'server',
  'cli',
  'feeds',
  'demo',
];

const files = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name)),
).map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }));

/** Files that import it, and files that have its name as a value. */
function traces(file: string, kind: string) {
  return {
    importers: files.filter(({ text }) => text.includes(`/${file}.js'`)).map(({ path }) => path),
    namers: files
      .filter(({ text }) => new RegExp(`\\bkind(:| ===| ==| !==) '${kind}'`).test(text))
      .map(({ path }) => path),
  };
}

describe('another kind is one file and one line in its registry', () => {
  it.each(Object.keys(CHANNELS))('channel %s is known to its registry only', (kind) => {
    expect(traces(kind, kind)).toEqual({ importers: ['channels/registry.ts'], namers: [`channels/${kind}.ts`] });
  });

  it.each(Object.keys(RULE_KINDS))('rule kind %s is known to its registry only', (kind) => {
    expect(traces(kind, kind)).toEqual({
      importers: ['core/alerts/rule-kinds.ts'],
      namers: [`core/alerts/${kind}.ts`],
    });
  });
});
