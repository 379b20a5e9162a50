import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Which rooms each room may import; `type:` marks rooms of which only types may be imported. */
const MAY: Record<string, string[]> = {
  core: [],
  feeds: ['core'],
  channels: ['core'],
  db: ['core'],
  config: ['core'],
  activities: ['core', 'type:feeds', 'type:channels', 'type:db', 'type:config'],
  workflows: ['type:activities', 'type:core'],
  demo: ['core', 'config'],
  runtime: ['*'],
  server: ['core', 'activities', 'db', 'config', 'type:runtime'],
  cli: ['*'],
};

interface Import {
  file: string;
  from: string;
  to: string;
  target: string;
  typeOnly: boolean;
}

function sourceFiles(room: string): string[] {
  return readdirSync(join(ROOT, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(room: string): Import[] {
  return sourceFiles(room).flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const found = text.matchAll(
      /^\s*(?:import|export)\s+(type\s+)?(?:[^'"();]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm,
    );
    return [...found].flatMap((match) => {
      const target = match[2] ?? match[3] ?? '';
      if (!target.startsWith('.'))
        return [{ file: relative(ROOT, file), from: room, to: '', target, typeOnly: Boolean(match[1]) }];
      const to = relative(ROOT, resolve(dirname(file), target)).split('/')[0] ?? '';
      return [{ file: relative(ROOT, file), from: room, to, target, typeOnly: Boolean(match[1]) }];
    });
  });
}

describe('imports run one way', () => {
  it.each(Object.entries(MAY))('%s imports only what it may', (room, allowed) => {
    const own = importsOf(room).filter((i) => i.to !== '' && i.to !== room && i.to !== 'package.json');
    const wrong = own.filter((i) => {
      if (allowed.includes('*') || allowed.includes(i.to)) return false;
      return !(i.typeOnly && allowed.includes(`type:${i.to}`));
    });
    expect(wrong.map((i) => `${i.file} imports ${i.target}`)).toEqual([]);
  });

  it('every room is in the table', () => {
    const rooms = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .filter(
        (name) => !['node_modules', 'tests', 'bench', 'docs', 'bin', 'scripts', 'dist', 'coverage'].includes(name),
      );
    expect(rooms.filter((room) => !(room in MAY))).toEqual([]);
  });

  it('only feeds/parse.ts knows rss-parser', () => {
    const users = Object.keys(MAY).flatMap((room) => importsOf(room).filter((i) => i.target === 'rss-parser'));
    expect(users.map((i) => i.file)).toEqual(['feeds/parse.ts']);
  });

  it('workflow code imports neither zod nor Node', () => {
    const wrong = importsOf('workflows').filter((i) => i.target === 'zod' || i.target.startsWith('node:'));
    expect(wrong.map((i) => `${i.file} imports ${i.target}`)).toEqual([]);
  });

  it('core is pure: no Node I/O, no clock, no environment', () => {
    const io = importsOf('core').filter((i) => i.target.startsWith('node:') && i.target !== 'node:crypto');
    expect(io.map((i) => `${i.file} imports ${i.target}`)).toEqual([]);
    const impure = sourceFiles('core').filter((file) =>
      /Date\.now\(|new Date\(\)|process\.|Math\.random\(/.test(readFileSync(file, 'utf8')),
    );
    expect(impure.map((file) => relative(ROOT, file))).toEqual([]);
  });

  it('the environment is read in config/env.ts only', () => {
    const readers = Object.keys(MAY)
      .flatMap(sourceFiles)
      .filter((file) => /process\.env\b/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(ROOT, file));
    // cli/index.ts hands the environment over as a value.
    expect(readers.filter((file) => !['config/env.ts', 'cli/index.ts'].includes(file))).toEqual([]);
  });
});
