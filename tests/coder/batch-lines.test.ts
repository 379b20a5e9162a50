import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeFile } from '../../cli/code-file.js';
import { readBatchLine, vocabularyOf } from '../../cli/coder-input.js';
import { LineReport } from '../../cli/line-report.js';
import { type Line, readLines } from '../../cli/read-lines.js';
import { sink } from './run-command.js';
import { coder, data } from './support.js';

const vocabulary = vocabularyOf(data);

/** Codes lines as a file; what is written, what is told, and how many lines were skipped. */
async function codeLines(lines: string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'batch-'));
  const [from, to] = [join(dir, 'in.jsonl'), join(dir, 'out.jsonl')];
  writeFileSync(from, lines.join('\n'));
  const err = sink();
  const io = { out: sink().stream, err: err.stream, env: {} };
  const skipped = await codeFile(io, coder, vocabulary, from, to);
  const out = readFileSync(to, 'utf8').split('\n').filter(Boolean);
  return { ids: out.map((line) => JSON.parse(line).id), err: err.text(), skipped };
}

describe('a line of a batch file', () => {
  const read = (fields: Record<string, unknown>) => {
    const line = readBatchLine(JSON.stringify({ id: 'a', title: 'T', ...fields }), vocabulary);
    return 'problem' in line ? line : { lang: line.input.language, bloc: line.input.bloc, notes: line.notes };
  };

  it.each([
    ['a region is left off', { lang: 'zh-Hans' }, { lang: 'zh', notes: [] }],
    ['an underscore is a hyphen', { lang: 'EN_us' }, { lang: 'en', notes: [] }],
    ['a code of three letters is taken', { lang: 'fas' }, { lang: 'fa', notes: ['"lang" is "fas": read as "fa"'] }],
    [
      'a language without names',
      { lang: 'de' },
      { lang: 'de', notes: ['"lang" is "de": the codebook has no names in it (it has en, fa, ko, ru, zh)'] },
    ],
    [
      'a name is no code',
      { lang: 'Russian' },
      { lang: null, notes: ['"lang" is "Russian": is no language: did you mean "ru"?'] },
    ],
    ['letters of any case', { bloc: 'South_Korean' }, { bloc: 'south-korean', notes: [] }],
    [
      'a misspelt group',
      { bloc: 'rusian' },
      { bloc: null, notes: ['"bloc" is "rusian": is no group of outlets: did you mean "russian"?'] },
    ],
    ['nothing at all', { lang: '', bloc: null }, { lang: null, bloc: null, notes: [] }],
  ])('%s', (_, fields, expected) => {
    expect(read(fields)).toMatchObject(expected);
  });

  it('says what a date should look like', () => {
    expect(read({ published: 'yesterday' })).toMatchObject({
      notes: ['"published" is "yesterday": is no date (write it as 2026-01-31 or 2026-01-31T08:00:00Z)'],
    });
  });

  it.each([
    ['[]', 'not a JSON object'],
    ['{"id":"","title":"x"}', 'no "id"'],
    ['{"id":"a"}', 'neither "title" nor "summary"'],
    ['{"id":"a","title":"x","lang":5}', '"lang" is no text'],
  ])('%s is skipped', (line, problem) => {
    expect(readBatchLine(line, vocabulary)).toEqual({ problem });
  });
});

describe('a batch file', () => {
  it('is coded although a language or a group of outlets is unknown, and tells each once', async () => {
    const line = (id: number) => JSON.stringify({ id, title: 'China and Russia hold joint naval drill', lang: 'xx' });
    const { ids, err, skipped } = await codeLines([line(1), line(2), line(3)]);
    expect([ids, skipped]).toEqual([[1, 2, 3], 0]);
    expect(err.match(/"lang" is "xx"/g)).toHaveLength(2);
    expect(err).toMatch(/^line 1: "lang" is "xx": is no language/m);
    expect(err).toMatch(/^line 1 and 2 more: "lang" is "xx"/m);
    expect(err).toMatch(/^coded 3 items, 3 with labels$/m);
  });

  it('tells of an id that comes twice and codes both', async () => {
    const { ids, err } = await codeLines([
      '{"id":"a","title":"x"}',
      '{"id":"b","title":"x"}',
      '{"id":"a","title":"y"}',
    ]);
    expect(ids).toEqual(['a', 'b', 'a']);
    expect(err).toMatch(/^line 3: id "a" stands on line 1 already; both are coded$/m);
  });

  it('skips a line that is too long and reads on', async () => {
    const long = JSON.stringify({ id: 'long', title: 'x'.repeat(1_000_000) });
    const { ids, err, skipped } = await codeLines([long, '{"id":"b","title":"x"}']);
    expect([ids, skipped]).toEqual([['b'], 1]);
    expect(err).toMatch(/^line 1: longer than 1000000 characters; skipped$/m);
  });
});

describe('lines of a stream', () => {
  async function linesOf(chunks: string[], maxLength = 10): Promise<Line[]> {
    const lines: Line[] = [];
    async function* stream() {
      yield* chunks;
    }
    for await (const line of readLines(stream(), maxLength)) lines.push(line);
    return lines;
  }
  const texts = async (chunks: string[]) => (await linesOf(chunks)).map((line) => line.text);

  it.each([
    [['a\nb'], ['a', 'b']],
    [['a\r\nb\r\n'], ['a', 'b']],
    [
      ['a', 'b\nc', '\n', 'd'],
      ['ab', 'c', 'd'],
    ],
    [
      ['a\r', '\nb'],
      ['a', 'b'],
    ],
    [['\uFEFFa\n\uFEFFb'], ['a', '\uFEFFb']],
    [['\n\na'], ['', '', 'a']],
    [[''], []],
  ])('%j', async (chunks, expected) => {
    expect(await texts(chunks)).toEqual(expected);
  });

  it('throws away what is too long, over any number of chunks, and counts on', async () => {
    expect(await linesOf(['12345678901\nok\n', '123456', '789012', '3\n', 'end'])).toEqual([
      { number: 1, text: null },
      { number: 2, text: 'ok' },
      { number: 3, text: null },
      { number: 4, text: 'end' },
    ]);
  });
});

it('does not drown the reader when every line is wrong', () => {
  const err = sink();
  const report = new LineReport((text) => err.stream.write(text), 'line ');
  for (let line = 1; line <= 1000; line++) report.skip(line, 'not JSON');
  report.finish();
  expect(report.skipped).toBe(1000);
  expect(err.text().trim().split('\n')).toHaveLength(101);
  expect(err.text()).toMatch(/^900 more lines skipped$/m);
});
