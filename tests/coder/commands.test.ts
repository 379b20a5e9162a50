import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from './run-command.js';

describe('axiswatch code', () => {
  it('explains a text with its words and rules', async () => {
    const { code, out } = await run(['code', 'Iran and Russia sign partnership treaty in Moscow']);
    expect(code).toBe(0);
    expect(out).toMatch(/^pol\.treaties {2}IRN RUS/m);
    expect(out).toContain('IRN: "Iran" (title 0-4)');
    expect(out).toMatch(/rules: .*treaty/);
  });

  it('gives one JSON object in the shape of the batch', async () => {
    const { out } = await run(['code', 'Iran and Russia sign partnership treaty in Moscow', '--json']);
    const label = JSON.parse(out).labels[0];
    expect(Object.keys(label)).toEqual([
      'indicator',
      'participants',
      'status',
      'severity',
      'direction',
      'polarity',
      'confidence',
      'evidence',
    ]);
  });

  it('codes a file line by line in order, names bad lines, and ends with 1', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'code-'));
    const [from, to] = [join(dir, 'in.jsonl'), join(dir, 'out.jsonl')];
    writeFileSync(
      from,
      [
        '{"id":"b","title":"China and Russia hold joint naval drill","summary":"","lang":"en"}',
        'no json',
        '{"title":"no id"}',
        '',
        '{"id":"a","title":"Rain in Lisbon","summary":null}',
        '{"id":"c","title":5}',
      ].join('\n'),
    );
    const { code, err } = await run(['code', '--file', from, '--out', to]);
    const lines = readFileSync(to, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(lines.map((l) => [l.id, l.labels.length > 0])).toEqual([
      ['b', true],
      ['a', false],
    ]);
    expect(err).toMatch(/^line 2: not JSON/m);
    expect(err).toMatch(/^line 3: no "id"; skipped$/m);
    expect(err).toMatch(/^line 6: "title" is no text; skipped$/m);
  });

  it('writes into a pipe or through a link without taking its place', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'code-'));
    const [from, real, link, pipe] = ['in.jsonl', 'real.jsonl', 'link.jsonl', 'pipe'].map((name) =>
      join(dir, name),
    ) as [string, string, string, string];
    writeFileSync(from, '{"id":"b","title":"China and Russia hold joint naval drill","summary":"","lang":"en"}');
    writeFileSync(real, 'old');
    symlinkSync(real, link);
    expect((await run(['code', '--file', from, '--out', link])).code).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toContain('mil.exercises');
    execFileSync('mkfifo', [pipe]);
    const reader = readFile(pipe, 'utf8');
    expect((await run(['code', '--file', from, '--out', pipe])).code).toBe(0);
    expect(await reader).toContain('mil.exercises');
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it.each([
    [['code'], 2, /nothing to code/],
    [['code', 'x', '--file', 'y'], 2, /not both/],
    [['code', '--file', '/does/not/exist.jsonl', '--out', '-'], 1, /cannot read/],
    [['gold', '/does/not/exist.jsonl'], 2, /cannot read/],
  ])('%j ends with one clear sentence', async (argv, expected, message) => {
    const { code, err } = await run(argv);
    expect(code).toBe(expected);
    expect(err).toMatch(message);
  });
});
