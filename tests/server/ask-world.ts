import type { Log } from '../../activities/deps.js';
import type { SourceConfig } from '../../config/types.js';
import type { Codebook } from '../../core/codebook/codebook.js';
import type { EvidenceSpan } from '../../core/coder/label.js';
import type { Sql } from '../../db/client.js';
import { recordPolls } from '../../db/feeds.js';
import { type DyadLabel, storePoll } from '../../db/items.js';
import type { AskContext } from '../../server/api/context.js';
import type { Readiness } from '../../server/api/status.js';
import {
  addSources,
  newId,
  sampleItem,
  samplePoll,
  sampleRecord,
  sampleRevision,
  sampleSource,
} from '../support/store-samples.js';

/** A Tuesday; its week began on 9 March. */
export const NOW = new Date('2026-03-10T12:00:00Z');

export const CODEBOOK: Codebook = {
  version: '1.0+test',
  members: [
    { code: 'AAA', name: 'Alphaland', country: 'AA' },
    { code: 'BBB', name: 'Betaland', country: 'BB' },
    { code: 'CCC', name: 'Gammaland', country: 'CC' },
  ],
  domains: [
    { code: 'mil', name: 'military' },
    { code: 'econ', name: 'economic' },
  ],
  indicators: [
    indicator('mil.aid', 'Military aid', 'military', 1),
    indicator('mil.quarrel', 'Military quarrel', 'military', -1),
    indicator('econ.trade', 'Trade', 'economic', 1),
  ],
  dyads: ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'],
};

function indicator(id: string, title: string, domain: string, polarity: 1 | -1) {
  return {
    id,
    title,
    domain,
    polarity,
    direction: 'either' as const,
    definition: `What ${title.toLowerCase()} means.`,
  };
}

/** A label of the test codebook; its evidence is the first occurrence of each word in the title. */
export function label(
  id: string,
  dyad: string,
  title: string,
  words: Record<string, string>,
  more: Partial<DyadLabel> = {},
): DyadLabel {
  const known = CODEBOOK.indicators.find((one) => one.id === id)!;
  const evidence: EvidenceSpan[] = Object.entries(words).map(([who, text]) => {
    const start = title.indexOf(text);
    if (start < 0) throw new Error(`"${text}" is not in "${title}"`);
    return { for: who, field: 'title', start, end: start + text.length, text };
  });
  return {
    indicator: id,
    domain: known.domain,
    dyad,
    participants: dyad.split('-'),
    direction: null,
    status: 'occurred',
    polarity: known.polarity,
    severity: 3,
    confidence: 0.86,
    flags: [],
    rules: ['verb-object'],
    evidence,
    ...more,
  };
}

export const HOSTILE_TITLE = '<script>alert(1)</script> Alphaland arms Betaland "><img src=x onerror=alert(2)>';

const SOURCES = [
  sampleSource('north', ['north-feed'], { name: 'The North', bloc: 'western', family: 'north' }),
  sampleSource('south', ['south-feed'], { name: 'The <b>South</b>', bloc: 'other', family: 'south', language: 'fa' }),
];

/** `config.sources` of the sample world. */
export const SOURCE_CONFIG: SourceConfig[] = SOURCES.map((source) => ({
  ...source,
  feeds: source.feeds as SourceConfig['feeds'],
}));

/**
 * The sample world, through the store's own functions. Counted by hand, week by week (Monday to Sunday):
 *   16 Feb: both feeds read every day. AAA-BBB mil.aid: 2 stories (17 and 18 Feb; north and south).
 *   23 Feb: nobody read anything: a gap.
 *    2 Mar: north reads every day, south does not: coverage one half. AAA-BBB mil.aid 1 and mil.quarrel 1 (one item, both);
 *           AAA-BBB econ.trade 1 item, denied: an item but no story.
 *    9 Mar: north reads on 9 and 10 March. One item of all three members: mil.aid in three dyads, hostile title.
 */
export async function seedWorld(sql: Sql): Promise<void> {
  await addSources(sql, ...SOURCES);
  const reads = [
    ...days('2026-02-16', 7).flatMap((day) => ['north-feed', 'south-feed'].map((feed) => ({ day, feed }))),
    ...days('2026-03-02', 9).map((day) => ({ day, feed: 'north-feed' })),
  ];
  for (const { day, feed } of reads) await recordPolls(sql, [sampleRecord(feed, at(day, 6))]);
  const first = 'Alphaland arms Betaland';
  await store(sql, 'north', 'one', '2026-02-17', first, [
    label('mil.aid', 'AAA-BBB', first, { AAA: 'Alphaland', BBB: 'Betaland', act: 'arms' }),
  ]);
  const persian = 'آلفا به Betaland سلاح داد';
  await store(sql, 'south', 'two', '2026-02-18', persian, [
    label('mil.aid', 'AAA-BBB', persian, { AAA: 'آلفا', BBB: 'Betaland', act: 'سلاح داد' }, { status: 'alleged' }),
  ]);
  const both = 'Alphaland helps and scolds Betaland';
  await store(sql, 'north', 'three', '2026-03-03', both, [
    label('mil.aid', 'AAA-BBB', both, { AAA: 'Alphaland', BBB: 'Betaland', act: 'helps' }),
    label('mil.quarrel', 'AAA-BBB', both, { AAA: 'Alphaland', BBB: 'Betaland', act: 'scolds' }),
  ]);
  const denied = 'Betaland denies trade with Alphaland';
  await store(sql, 'north', 'four', '2026-03-04', denied, [
    label('econ.trade', 'AAA-BBB', denied, { AAA: 'Alphaland', BBB: 'Betaland', act: 'trade' }, { status: 'denied' }),
  ]);
  const words = { AAA: 'Alphaland', BBB: 'Betaland', CCC: 'script', act: 'arms' };
  await store(
    sql,
    'north',
    'five',
    '2026-03-09',
    HOSTILE_TITLE,
    CODEBOOK.dyads.map((dyad) =>
      label('mil.aid', dyad, HOSTILE_TITLE, words, { participants: ['AAA', 'BBB', 'CCC'], direction: 'AAA>BBB' }),
    ),
    'javascript:alert(3)',
  );
  await store(sql, 'north', 'six', '2026-03-09', 'Weather stays fine', []);
  // The state that the pages describe: one feed in order, one that fails.
  await sql`update feeds set next_due_at = '2026-03-10T12:10:00Z' where id = 'north-feed'`;
  await sql`update feeds set consecutive_failures = 4, last_reason = 'timeout', last_detail = 'The server sent <nothing> for 20 seconds.',
    last_polled_at = '2026-03-10T11:00:00Z', next_due_at = '2026-03-10T13:00:00Z' where id = 'south-feed'`;
}

async function store(
  sql: Sql,
  source: string,
  name: string,
  day: string,
  title: string,
  labels: DyadLabel[],
  url?: string,
) {
  const seenAt = at(day, 7);
  const item = sampleItem(name, labels, { title, day, publishedAt: seenAt, ...(url ? { url, rawUrl: url } : {}) });
  await storePoll(
    sql,
    samplePoll(source, {
      at: seenAt,
      coder: { name: 'rules', version: '1.0.0', codebookVersion: CODEBOOK.version },
      items: [item],
      poll: sampleRecord(`${source}-feed`, seenAt),
    }),
  );
}

/** An edit of item `one` a day after the world's last poll: its label moves from aid to trade. */
export async function reviseFirst(sql: Sql): Promise<string> {
  const [{ id }] = await sql<[{ id: string }]>`select id from items where key = 'guid:one'`;
  const seenAt = new Date('2026-03-10T13:00:00Z');
  const title = 'Edited: one 1';
  await storePoll(
    sql,
    samplePoll('north', {
      at: seenAt,
      coder: { name: 'rules', version: '1.0.0', codebookVersion: CODEBOOK.version },
      revisions: [sampleRevision(id, 'one 1', [label('econ.trade', 'AAA-BBB', title, { act: 'Edited' })])],
      poll: sampleRecord('north-feed', seenAt),
    }),
  );
  return id;
}

const at = (day: string, hour: number) => new Date(`${day}T${String(hour).padStart(2, '0')}:00:00Z`);

function days(from: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    new Date(Date.parse(from) + i * 86_400_000).toISOString().slice(0, 10),
  );
}

export const READY: Readiness = {
  ready: true,
  problems: [],
  temporal: { address: '127.0.0.1:7233', server_version: '1.29.1', worker: 'worker@test' },
};

export const SILENT_LOG: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
function nothing(): void {}

export function contextOf(sql: Sql): AskContext {
  return {
    sql,
    config: { sources: SOURCE_CONFIG },
    codebook: CODEBOOK,
    coderVersion: 'rules 1.0.0',
    clock: { now: () => NOW },
    version: '0.1.0',
  };
}

export const UNUSED_ID = newId(NOW);
