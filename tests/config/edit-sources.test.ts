import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addFeed, addSources, replaceFile } from '../../config/edit-sources.js';
import { SHIPPED_CONFIG_DIR } from '../../config/env.js';
import { checkSources } from '../../config/load.js';
import { ConfigProblems } from '../../config/problem.js';

const NEW = {
  id: 'example',
  name: 'Example: "Agency"',
  bloc: 'other',
  feeds: [{ id: 'example-all', url: 'https://example.org/rss', every: '30m' }],
};
const shipped = readFileSync(join(SHIPPED_CONFIG_DIR, 'sources.yaml'), 'utf8');

describe('a source is added', () => {
  it('at the end, and every line of the file stays as it is', () => {
    const edited = addSources(shipped, 'sources.yaml', [NEW]);
    expect(edited.startsWith(shipped)).toBe(true);
    const { sources, problems } = checkSources(edited, 'sources.yaml');
    expect(problems).toEqual([]);
    expect(sources.at(-1)).toMatchObject({ id: 'example', name: 'Example: "Agency"', bloc: 'other' });
  });

  it.each(['sources: []\n', '# nothing yet\nsources: []\n'])('to an empty list %j', (text) => {
    expect(checkSources(addSources(text, 'sources.yaml', [NEW]), 'x').sources).toHaveLength(1);
  });

  it('never to a file that is wrong, nor so that it becomes wrong', () => {
    expect(() => addSources('sources: [1]', 'sources.yaml', [NEW])).toThrow(ConfigProblems);
    expect(() => addSources(shipped, 'sources.yaml', [{ ...NEW, id: 'tass' }])).toThrow(/already used/);
  });
});

describe('a feed is added', () => {
  it('to a source that is there', () => {
    const edited = addFeed(shipped, 'sources.yaml', 'tass', { id: 'tass-two', url: 'https://tass.com/2', every: '1h' });
    const tass = checkSources(edited, 'sources.yaml').sources.find((source) => source.id === 'tass');
    expect(tass?.feeds.map((feed) => feed.id)).toEqual(['tass-en', 'tass-two']);
    expect(edited.split('\n').length).toBe(shipped.split('\n').length + 3);
  });

  it('but to no other', () => {
    expect(() => addFeed(shipped, 'x', 'tas', { id: 'a', url: 'https://a.example', every: '1h' })).toThrow(
      /no source "tas"/,
    );
  });
});

it('a file that cannot be written is told and leaves nothing behind', () => {
  const dir = mkdtempSync(join(tmpdir(), 'axiswatch-edit-'));
  expect(() => replaceFile(join(dir, 'none', 'sources.yaml'), 'new')).toThrow(
    /sources.yaml cannot be written \(ENOENT\)/,
  );
  expect(readdirSync(dir)).toEqual([]);
});

it('a file is replaced in one step and keeps its mode', () => {
  const dir = mkdtempSync(join(tmpdir(), 'axiswatch-edit-'));
  const file = join(dir, 'sources.yaml');
  writeFileSync(file, 'old', { mode: 0o640 });
  replaceFile(file, 'new');
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777, readdirSync(dir)]).toEqual([
    'new',
    0o640,
    ['sources.yaml'],
  ]);
});
