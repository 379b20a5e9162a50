import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Failure } from '../../core/errors.js';
import { readFeedBytes } from '../../feeds/parse.js';
import { REPAIRS } from '../../feeds/repair.js';

const FOLDER = new URL('../../../shared/corpus/feeds/', import.meta.url);
const files = readdirSync(FOLDER)
  .sort()
  .map((name) => readFileSync(new URL(name, FOLDER)))
  .filter((body) => body.byteLength < 20_000);

const PIECES = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '{',
  '}',
  '\0',
  '&#0;',
  '&#xD800;',
  '<item>',
  '</item>',
  '<entry>',
  '</entry>',
  '<title>',
  '</title>',
  '<link>',
  '</rss>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<!DOCTYPE x [',
  ' xmlns="x"',
  '\xff',
];

/** One change: a byte, a piece put in, a part taken out or doubled, the end cut off. `at` is a share of the length. */
const change = fc.record({
  kind: fc.constantFrom('byte', 'piece', 'remove', 'double', 'cut'),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  length: fc.integer({ min: 1, max: 2000 }),
  byte: fc.integer({ min: 0, max: 255 }),
  piece: fc.constantFrom(...PIECES),
});

function applyChange(
  body: Buffer,
  { kind, at, length, byte, piece }: typeof change extends fc.Arbitrary<infer T> ? T : never,
): Buffer {
  const start = Math.floor(body.byteLength * at);
  const [before, part, after] = [
    body.subarray(0, start),
    body.subarray(start, start + length),
    body.subarray(start + length),
  ];
  switch (kind) {
    case 'byte':
      return Buffer.concat([before, Buffer.from([byte]), body.subarray(start + 1)]);
    case 'piece':
      return Buffer.concat([before, Buffer.from(piece, 'latin1'), body.subarray(start)]);
    case 'remove':
      return Buffer.concat([before, after]);
    case 'double':
      return Buffer.concat([before, part, part, after]);
    default:
      return before;
  }
}

it('a damaged feed gives clean entries or one reason, and never breaks the reader', async () => {
  const damaged = fc.tuple(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 6 }));
  await fc.assert(
    fc.asyncProperty(damaged, async ([file, changes]) => {
      const body = changes.reduce(applyChange, Buffer.from(file));
      const context = {
        contentType: null,
        finalUrl: 'https://example.org/f',
        timezone: null,
        now: new Date('2026-11-24T12:00:00Z'),
      };
      const feed = await readFeedBytes(body, context).catch((error: unknown) => {
        if (error instanceof Failure) return null;
        throw error;
      });
      if (feed === null) return;
      expect(feed.repairs.filter((name) => !(REPAIRS as readonly string[]).includes(name))).toEqual([]);
      for (const { id, title, url, summary, publishedRaw } of feed.entries) {
        const text = [id, title, url, summary, publishedRaw].join(' ');
        expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u);
        expect(url ?? 'https://').toMatch(/^https?:\/\//i);
      }
    }),
    { numRuns: 400, seed: 20261124 },
  );
});
