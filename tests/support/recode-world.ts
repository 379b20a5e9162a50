import { labelItem } from '../../activities/code-items.js';
import type { PageCoder, RecodeDeps } from '../../activities/recode.js';
import { codePage } from '../../activities/recode-page.js';
import { loadCodebook } from '../../config/codebook.js';
import type { CodebookData } from '../../core/codebook/data.js';
import { createRulesCoder, type RulesCoder } from '../../core/coder/rules-coder.js';
import type { Sql } from '../../db/client.js';
import { storePoll } from '../../db/items.js';
import { loadSourceFacts, readPage } from '../../db/recode-pages.js';
import { beginRecoding, type Recoding } from '../../db/recodings.js';
import { buildRecodeDeps } from '../../runtime/recode-deps.js';
import { INVENTED } from '../coder/support.js';
import { SILENT } from './poll-deps.js';
import { AT, addSources, newId, sampleItem, samplePoll, sampleSource } from './store-samples.js';

/** The codebook of three invented islands as it was first, and a later one that reads some of the same texts differently. */
export const OLD: CodebookData = loadCodebook(INVENTED).data;
export const NEW: CodebookData = changed();

function changed(): CodebookData {
  const data = structuredClone(OLD);
  data.codebook.version = '0.2+later';
  // Gained: towing is seizing, too. Lost: whoever shares signs nothing. Another status: seizures are told as allegations.
  data.concepts.seize = { ...data.concepts.seize, en: [...data.concepts.seize!.en!, '~tow'] };
  data.lexicon['sea.fishing'] = { verbs: { en: ['sign'] }, nouns: { en: ['fishing accord'] } };
  data.patterns = data.patterns.map((pattern) => ({ ...pattern, status: 'alleged' as const }));
  return data;
}

/** Titles by what happens to them between the two codebooks. */
export const TITLES = {
  kept: 'Aldoria and Brevonia sign fishing accord',
  lost: 'Aldoria and Brevonia share fishing grounds',
  gained: 'Aldorian patrol tows Brevonian trawler',
  status: 'Aldorian patrol seizes Brevonian trawler',
  nothing: 'Weather over the northern sea',
} as const;
export type TitleKind = keyof typeof TITLES;
const KINDS = Object.keys(TITLES) as TitleKind[];

/** Items polled over some days and coded with the first codebook, their titles in turn; returns their ids in order. */
export async function fillIslands(sql: Sql, count: number): Promise<string[]> {
  const coder = createRulesCoder(OLD);
  await addSources(sql, sampleSource('gazette'));
  const ids: string[] = [];
  for (let start = 0; start < count; start += 50) {
    const at = new Date(AT.getTime() + start * 60_000);
    const day = new Date(Date.parse('2026-01-05') + (start % 3000) * 1_800_000).toISOString().slice(0, 10);
    const items = Array.from({ length: Math.min(50, count - start) }, (_, i) => {
      const title = TITLES[KINDS[(start + i) % KINDS.length]!];
      const input = {
        title,
        summary: '',
        language: 'en',
        source: 'gazette',
        country: 'AA',
        bloc: 'western',
        publishedAt: AT,
      };
      const more = { id: newId(new Date(at.getTime() + i)), title, day, fingerprint: `f${start + i}` };
      return sampleItem(`item ${start + i}`, labelItem(coder, OLD.codebook, input), more);
    });
    ids.push(...items.map(({ id }) => id));
    const { name, version, codebookVersion } = coder;
    await storePoll(sql, samplePoll('gazette', { at, items, coder: { name, version, codebookVersion } }));
  }
  return ids;
}

export const nameOf = ({ name, version, codebookVersion }: RulesCoder) => ({ name, version, codebookVersion });

/** A run over everything, as the command begins it. */
export async function begin(
  sql: Sql,
  data: CodebookData,
  range: { from?: string; to?: string } = {},
  at = new Date('2026-06-01T00:00:00Z'),
): Promise<Recoding> {
  const run = await beginRecoding(sql, {
    id: newId(at),
    from: range.from ?? null,
    to: range.to ?? null,
    coder: nameOf(createRulesCoder(data)),
    codebookData: JSON.stringify(data),
    at,
  });
  if (run === null) throw new Error('another run is in the way');
  return run;
}

/** Codes pages in this thread: the same without the threads. */
export async function inlinePageCoder(
  sql: Sql,
  data: CodebookData,
  coder = createRulesCoder(data),
): Promise<PageCoder> {
  const sources = await loadSourceFacts(sql);
  return {
    lanes: 2,
    code: async (range) => codePage(coder, data.codebook, sources, await readPage(sql, range)),
    close: async () => undefined,
  };
}

/** Deps over real tables with small pages, coding in this thread with the codebook of the run. */
export function recodeDeps(sql: Sql, pageItems = 20, at = new Date('2026-06-01T00:00:10Z')): RecodeDeps {
  const deps = buildRecodeDeps(sql, { now: () => at }, SILENT, pageItems);
  return {
    ...deps,
    async openPageCoder({ id }) {
      const [row] = await sql<Array<{ data: string }>>`select codebook_data as data from recodings where id = ${id}`;
      return inlinePageCoder(sql, JSON.parse(row!.data) as CodebookData);
    },
  };
}
