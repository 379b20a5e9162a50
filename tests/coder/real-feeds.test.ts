import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Failure } from '../../core/errors.js';
import { readFeedBytes } from '../../feeds/parse.js';
import { coder, input } from './support.js';

const CORPUS = new URL('../../../shared/corpus/', import.meta.url);
const CONTEXT = { contentType: null, finalUrl: 'https://corpus.example/feed.xml', timezone: null };

/** Everything different that the feeds of the corpus and those polled over time hold; files broken on purpose give nothing. */
async function readEntries() {
  const entries = new Map<string, { title: string; summary: string; publishedAt: Date | null }>();
  for (const folder of ['feeds', 'replay'])
    for (const file of readdirSync(new URL(`${folder}/`, CORPUS), { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const body = readFileSync(`${file.parentPath}/${file.name}`);
      const read = await readFeedBytes(body, { ...CONTEXT, now: new Date('2026-11-24T12:00:00Z') }).catch(
        (error: unknown) => {
          if (error instanceof Failure) return null;
          throw error;
        },
      );
      for (const { title, summary, publishedAt } of read?.entries ?? [])
        entries.set(`${title}\n${summary}`, { title, summary, publishedAt });
    }
  return [...entries.values()];
}

/**
 * Real entries are nearly all about something else: a label here that is not of the two stories in them is a false alarm. "Vladimir Putin
 * is in a painful economic bind: Russia's reliance on China is becoming a problem" are economic ties by rule G21.
 */
it('labels nothing in real feeds but what they report', async () => {
  const entries = await readEntries();
  expect(entries.length).toBeGreaterThan(2_000);
  const labelled = entries.flatMap(({ title, summary, publishedAt }) =>
    coder
      .code(input(title, { summary, publishedAt }))
      .map((label) => `${label.indicator} ${label.participants.join('-')}: ${title}`),
  );
  expect(labelled).toEqual([
    'econ.trade-investment CHN-RUS: Vladimir Putin is in a painful economic bind',
    'mil.intel-space CHN-IRN: US says Chinese company is helping Houthis target American warships',
    'mil.intel-space CHN-IRN: U.S. Accuses China of Helping the Houthis Target Their Attacks',
  ]);
}, 120_000);
