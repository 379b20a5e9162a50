import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Failure } from '../../core/errors.js';
import type { Entry } from '../../core/identity/entry.js';
import { readFeedBytes } from '../../feeds/parse.js';
import { foldSpace } from '../../feeds/text.js';
import { EXCEPTIONS, type Exception, PHANTOMS, REFUSED } from './corpus-exceptions.js';

const CORPUS = new URL('../../../shared/corpus/', import.meta.url);
/** Where the files are said to come from: relative links are resolved against it. */
const ADDRESS = 'https://corpus.example/folder/feed.xml';
const NOW = new Date('2026-11-24T12:00:00Z');

interface Reference {
  title: string | null;
  link: string | null;
  id: string | null;
  date: string | null;
}
interface File {
  file: string;
  content_type: string | null;
  entries: Reference[];
}
type Field = Exception['field'];
interface Miss {
  file: string;
  entry: number;
  field: Field;
  ours: string | null;
  reference: string | null;
}

const files = readFileSync(new URL('feeds.expected.jsonl', CORPUS), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as File);

async function readFile({ file, content_type }: File): Promise<Entry[] | Failure> {
  const body = readFileSync(new URL(`feeds/${file}`, CORPUS));
  try {
    const feed = await readFeedBytes(body, {
      contentType: content_type,
      finalUrl: ADDRESS,
      timezone: null,
      now: NOW,
      keepBlank: true,
    });
    return feed.entries;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

const folded = (text: string | null) => (text === null ? null : foldSpace(text) || null);

function sameInstant(a: Date | null, b: Date | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a.getTime() - b.getTime()) < 1000;
}

/**
 * What counts as right: titles and ids the same but for white space; dates the same instant (the reference gives UTC without
 * saying so); links the same, or, where the reference leaves one relative, an absolute one that ends in it.
 */
function compare(ours: Entry, reference: Reference): Array<Pick<Miss, 'field' | 'ours' | 'reference'>> {
  const date = ours.publishedAt?.toISOString() ?? null;
  const expected = reference.date === null ? null : new Date(`${reference.date}Z`);
  const isRelative = reference.link !== null && !/^[a-z][a-z\d+.-]*:/i.test(reference.link);
  const tail = `/${reference.link?.replace(/^(?:\.{0,2}\/)+/, '')}`;
  const right: Record<Field, boolean> = {
    title: folded(ours.title) === folded(reference.title),
    link: ours.url === reference.link || (isRelative && (ours.url ?? '').endsWith(tail)),
    id: folded(ours.id) === folded(reference.id),
    date: sameInstant(ours.publishedAt, expected),
  };
  const values: Record<Field, [string | null, string | null]> = {
    title: [folded(ours.title), folded(reference.title)],
    link: [ours.url, reference.link],
    id: [folded(ours.id), folded(reference.id)],
    date: [date, expected?.toISOString() ?? null],
  };
  return (['title', 'link', 'id', 'date'] as const)
    .filter((field) => !right[field])
    .map((field) => ({ field, ours: values[field][0], reference: values[field][1] }));
}

/** Lays entries side by side by place; one that is missing on either side is wrong in all fields. */
function missesOf(file: string, ours: Entry[], references: Array<Reference | null>): Miss[] {
  let place = 0;
  return references.flatMap((reference, entry) => {
    if (reference === null) return [];
    const own = ours[place++];
    if (!own)
      return (['title', 'link', 'id', 'date'] as const).map((field) => ({
        file,
        entry,
        field,
        ours: null,
        reference: 'an entry',
      }));
    return compare(own, reference).map((miss) => ({ file, entry, ...miss }));
  });
}

const share = (wrong: number, all: number) =>
  `${all - wrong} of ${all} entries right (${((100 * (all - wrong)) / all).toFixed(2)} %)`;
const entriesOf = (misses: Miss[]) => new Set(misses.map(({ file, entry }) => `${file} ${entry}`)).size;

it('reads title, link, id and date of the corpus as the reference does, but for listed exceptions', async () => {
  const all = files.reduce((sum, { entries }) => sum + entries.length, 0);
  const before: Miss[] = [];
  const after: Miss[] = [];
  const used = new Set<Exception>();
  const refused: Record<string, string> = {};
  for (const file of files) {
    const ours = await readFile(file);
    if (ours instanceof Failure) {
      refused[file.file] = ours.reason;
      continue;
    }
    before.push(...missesOf(file.file, ours, file.entries));
    const phantoms = PHANTOMS.filter((phantom) => phantom.file === file.file).map(({ entry }) => entry);
    const real = file.entries.map((reference, entry) => (phantoms.includes(entry) ? null : reference));
    expect(ours.length, `entries of ${file.file}`).toBe(real.filter((reference) => reference !== null).length);
    for (const miss of missesOf(file.file, ours, real)) {
      const exception = EXCEPTIONS.find(
        ({ file, entry, field, accepts }) =>
          file === miss.file &&
          field === miss.field &&
          (entry === undefined || entry === miss.entry) &&
          accepts(miss.ours, miss.reference),
      );
      if (exception) used.add(exception);
      else after.push(miss);
    }
  }
  const perField = (['title', 'link', 'id', 'date'] as const)
    .map((field) => `${field} ${before.filter((miss) => miss.field === field).length}`)
    .join(', ');
  console.log(
    `corpus: ${files.length} files, ${Object.keys(refused).length} refused\n` +
      `  against the reference as it is: ${share(entriesOf(before), all)}; wrong fields: ${perField}\n` +
      `  after ${EXCEPTIONS.length + PHANTOMS.length} listed exceptions: ${share(entriesOf(after), all)}`,
  );
  expect(after).toEqual([]);
  expect(refused).toEqual(REFUSED);
  expect(EXCEPTIONS.filter((exception) => !used.has(exception))).toEqual([]);
  expect(entriesOf(before) / all).toBeLessThan(0.05);
});

it('every file of the folder is in the list', () => {
  expect(readdirSync(new URL('feeds/', CORPUS)).sort()).toEqual(files.map(({ file }) => file).sort());
});
