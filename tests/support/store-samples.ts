import { randomBytes } from 'node:crypto';
import { uuidv7 } from '../../core/identity/uuidv7.js';
import type { FeedState, PollOutcome } from '../../core/polling/poll.js';
import type { Sql } from '../../db/client.js';
import { type PollRecord, type SourceRow, syncSources } from '../../db/feeds.js';
import type { DyadLabel, NewItem, NewRevision, StorePoll } from '../../db/items.js';

/** Values for tests of the store: complete, valid, and with only what a test is about named in it. */
export const AT = new Date('2026-03-10T12:00:00Z');

export const newId = (at: Date = AT) => uuidv7(at, randomBytes(10));

export function sampleSource(id: string, feeds: string[] = [`${id}-feed`], more: Partial<SourceRow> = {}): SourceRow {
  return {
    id,
    name: `The ${id}`,
    country: 'AA',
    language: 'en',
    bloc: 'western',
    family: id,
    timezone: null,
    feeds: feeds.map((feed) => ({
      id: feed,
      url: `https://${id}.example/${feed}.xml`,
      kind: 'feed',
      everySeconds: 900,
      options: {},
    })),
    ...more,
  };
}

export async function addSources(sql: Sql, ...sources: SourceRow[]): Promise<void> {
  const groups = new Map(sources.flatMap(({ feeds }) => feeds.map(({ id }) => [id, '900s-00'] as const)));
  await syncSources(sql, sources, groups, AT);
}

export const FRESH_STATE: FeedState = {
  etag: null,
  lastModified: null,
  validatorsSince: null,
  bodyDigest: null,
  entriesDigest: null,
  consecutiveFailures: 0,
  emptyPolls: 0,
  lastPolledAt: null,
  lastSuccessAt: null,
  nextDueAt: null,
  movedTo: null,
  movedCount: 0,
  movedLastAt: null,
  paused: false,
  mutedAt: null,
};

export function sampleRecord(
  feedId: string,
  polledAt: Date = AT,
  more: { outcome?: Partial<PollOutcome>; state?: Partial<FeedState>; record?: Partial<PollRecord> } = {},
): PollRecord {
  return {
    feedId,
    polledAt,
    outcome: {
      feedId,
      kind: 'polled',
      entries: 1,
      added: 0,
      revised: 0,
      reason: null,
      fault: null,
      detail: null,
      status: 200,
      repairs: [],
      ...more.outcome,
    },
    state: { ...FRESH_STATE, lastPolledAt: polledAt, lastSuccessAt: polledAt, ...more.state },
    format: 'rss',
    encoding: 'utf-8',
    reachesBackTo: null,
    ...more.record,
  };
}

export function sampleLabel(
  indicator: string,
  dyad: string,
  more: Partial<Omit<DyadLabel, 'indicator' | 'dyad'>> = {},
): DyadLabel {
  return {
    indicator,
    domain: indicator.split('.')[0]!,
    dyad,
    participants: dyad.split('-'),
    direction: null,
    status: 'occurred',
    polarity: 1,
    severity: 3,
    confidence: 0.75,
    flags: [],
    rules: ['R1'],
    evidence: [{ for: 'act', field: 'title', start: 0, end: 4, text: 'text' }],
    ...more,
  };
}

/** An item whose guid is `name`; its content follows from `name` and `version`. */
export function sampleItem(name: string, labels: DyadLabel[] = [], more: Partial<NewItem> = {}): NewItem {
  return {
    id: newId(),
    storyId: newId(),
    keys: [`guid:${name}`, `url:example.org/${name}`],
    title: `Title of ${name}`,
    url: `https://example.org/${name}`,
    rawUrl: `https://example.org/${name}?utm_source=rss`,
    summary: '',
    language: 'en',
    publishedAt: AT,
    publishedRaw: AT.toUTCString(),
    day: '2026-03-10',
    fingerprint: `${name} 0`,
    labels,
    ...more,
  };
}

export function sampleRevision(itemId: string, fingerprint: string, labels: DyadLabel[] = []): NewRevision {
  return { itemId, title: `Edited: ${fingerprint}`, summary: '', fingerprint, labels };
}

export function samplePoll(source: string, more: Partial<StorePoll> = {}): StorePoll {
  const at = more.at ?? AT;
  return {
    sourceId: source,
    feedId: `${source}-feed`,
    at,
    coder: { name: 'rules', version: '1', codebookVersion: '1+aa' },
    items: [],
    revisions: [],
    keys: [],
    poll: sampleRecord(more.feedId ?? `${source}-feed`, at),
    ...more,
  };
}

/** Tables that hold what was found, as plain rows without ids and times of storing, in a fixed order: to compare two states. */
export async function dumpStore(sql: Sql): Promise<Record<string, readonly unknown[]>> {
  return {
    items:
      await sql`select source_id, feed_id, key, title, url, day, revision, fingerprint, removed_reason from items order by source_id, key`,
    keys: await sql`select k.source_id, k.key, i.key as item from item_keys k join items i on i.id = k.item_id order by 1, 2`,
    revisions:
      await sql`select i.key, r.revision, r.title, r.fingerprint from revisions r join items i on i.id = r.item_id order by 1, 2`,
    observations: await sql`
      select i.key, o.revision, o.indicator, o.domain, o.dyad, o.polarity, o.status, o.day, o.superseded_at is null as live
      from observations o join items i on i.id = o.item_id order by 1, 2, 3, 5`,
    stories: await sql`select day from stories order by day`,
    series: await sql`select * from series_days order by day, level, code, dyad, polarity`,
    dirty: await sql`select indicator, dyad, day from dirty_cells order by 1, 2, 3`,
    coverage: await sql`select feed_id, day, successes, failures, items from coverage_days order by 1, 2`,
    polls: await sql`select feed_id, polled_at, kind, added, revised from polls order by 1, 2`,
  };
}
