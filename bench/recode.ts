/**
 * What coding history again costs, as JSON: items per second through the real workflow (Temporal, threads, Postgres), rows and WAL
 * written, history events; the same for a second run that finds nothing to do. Makes its own servers and database, filled with texts
 * of the gold sets and the feed corpora beside the project. Goal: 40,000 items/s with 1 % of the items relevant.
 * `npx tsx bench/recode.ts [items] [relevant in %]`
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labelItem } from '../activities/code-items.js';
import { createActivities } from '../activities/index.js';
import { loadCodebook } from '../config/codebook.js';
import { readEnv } from '../config/env.js';
import { configFile } from '../config/load.js';
import type { CodebookData } from '../core/codebook/data.js';
import { createRulesCoder } from '../core/coder/rules-coder.js';
import { Failure } from '../core/errors.js';
import { uuidv7 } from '../core/identity/uuidv7.js';
import { connectDatabase, type Sql } from '../db/client.js';
import { jsonText } from '../db/json-text.js';
import { migrate } from '../db/migrate.js';
import { beginRecoding, findRecoding } from '../db/recodings.js';
import { recountSeries, seriesMismatches } from '../db/series.js';
import { readFeedBytes } from '../feeds/parse.js';
import { connectTemporal, temporalTarget } from '../runtime/connection.js';
import { buildDeps } from '../runtime/deps.js';
import { startEmbeddedPostgres } from '../runtime/embedded-postgres.js';
import { startEmbeddedTemporal } from '../runtime/embedded-temporal.js';
import { findTemporalCli } from '../runtime/find-temporal.js';
import { createLog } from '../runtime/log.js';
import { startRecoding } from '../runtime/recode.js';
import { installTemporalRuntime } from '../runtime/temporal-log.js';
import { activityRuntime, startWorker } from '../runtime/worker.js';
import { recodeId } from '../workflows/names.js';

const SHARED = fileURLToPath(new URL('../../shared', import.meta.url));
const SOURCES = [
  { id: 'west', country: 'GB', bloc: 'western' },
  { id: 'rus', country: 'RU', bloc: 'russian' },
  { id: 'chn', country: 'CN', bloc: 'chinese' },
  { id: 'kor', country: 'KR', bloc: 'south-korean' },
];
const OLD = { name: 'rules', version: 'bench-old', codebookVersion: 'bench-old' };

interface PoolText {
  title: string;
  summary: string;
  language: string | null;
}

const items = Number(process.argv[2] ?? 1_000_000);
const share = Number(process.argv[3] ?? 1) / 100;
const dir = mkdtempSync(join(tmpdir(), 'axiswatch-recode-bench-'));
const env = { ...readEnv(process.env), dataDir: dir, cacheDir: join(dir, 'cache') };
const log = createLog({ logLevel: process.env.AXISWATCH_LOG_LEVEL ?? 'error' }, process.stderr);
const say = (text: string) => process.stderr.write(`${text}\n`);
const { codebook, data } = loadCodebook(configFile(env.configDir, 'codebook'));
const coder = createRulesCoder(data);
const closing: Array<() => Promise<unknown>> = [async () => rmSync(dir, { recursive: true, force: true })];

try {
  const postgres = await startEmbeddedPostgres({ dataDir: dir, port: 0, log, what: 'bench' });
  closing.push(() => postgres.stop());
  await migrate(postgres.url);
  const sql = connectDatabase(postgres.url);
  closing.push(() => sql.end());
  say('filling the database');
  const relevant = await fill(sql, await readPool(data));
  const cliPath = await findTemporalCli(env, log);
  const server = await startEmbeddedTemporal({
    cliPath,
    dataDir: join(dir, 'temporal'),
    port: 0,
    namespace: 'default',
    log,
  });
  closing.push(() => server.stop());
  installTemporalRuntime(log);
  const connection = await connectTemporal(temporalTarget(env, server), log);
  closing.push(() => connection.close());
  const config = { directory: '', sources: [], rules: [], channels: [], routes: [] };
  const deps = buildDeps({ config, codebook, coder, sql, env, log });
  // Pollers wait for the roll-up while a stretch is written.
  let longestWriteMs = 0;
  const writeStretch: typeof deps.writeStretch = async (...args) => {
    const beganAt = performance.now();
    const outcome = await deps.writeStretch(...args);
    longestWriteMs = Math.max(longestWriteMs, performance.now() - beganAt);
    return outcome;
  };
  const activities = createActivities({ ...deps, writeStretch }, activityRuntime);
  const worker = await startWorker({ connection, activities, cacheDir: env.cacheDir, log, watchEveryMs: 0 });
  closing.push(() => worker.stop());

  const run = async () => {
    const id = uuidv7(new Date(), randomBytes(10));
    longestWriteMs = 0;
    const before = await counters(sql);
    const cpuBefore = process.cpuUsage();
    const beganAt = process.hrtime.bigint();
    const at = new Date();
    const scope = { from: null, to: null };
    const name = { name: coder.name, version: coder.version, codebookVersion: coder.codebookVersion };
    const begun = await beginRecoding(sql, { id, ...scope, coder: name, codebookData: JSON.stringify(data), at });
    if (!begun) throw new Error('another run is in the way');
    await startRecoding(connection.client, id);
    const handle = connection.client.workflow.getHandle(recodeId(id));
    await handle.result();
    const seconds = Number(process.hrtime.bigint() - beganAt) / 1e9;
    const { user, system } = process.cpuUsage(cpuBefore);
    const after = await counters(sql);
    const row = await findRecoding(sql, { id });
    if (row?.state !== 'done' || row.items !== items)
      throw new Error(`the run is not complete: ${JSON.stringify(row)}`);
    return {
      seconds: round(seconds, 2),
      items_per_second: Math.round(items / seconds),
      our_cpu_us_per_item: round((user + system) / items, 1),
      observations_written: row.observations,
      moved: { gained: row.gained, lost: row.lost, status: row.status },
      longest_write_ms: Math.round(longestWriteMs),
      rows_inserted_or_updated: after.rows - before.rows,
      wal_bytes: after.wal - before.wal,
      wal_bytes_per_item: round((after.wal - before.wal) / items, 2),
      history_events: (await handle.fetchHistory()).events?.length ?? 0,
    };
  };
  say('coding all of it again');
  const first = await run();
  say('once more, with nothing to change');
  const second = await run();
  const mismatches = (await seriesMismatches(sql)).length;
  const result = {
    items,
    relevant_share: share,
    relevant_items: relevant,
    first,
    second,
    series_mismatches: mismatches,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  for (const close of closing.reverse()) await close();
}

/** Texts of both gold sets and of every feed in the corpora, told apart by whether the coder finds anything in them. */
async function readPool(codebookData: CodebookData): Promise<{ relevant: PoolText[]; other: PoolText[] }> {
  const texts: PoolText[] = [];
  for (const name of ['chronology', 'multilingual'])
    for (const line of readFileSync(join(SHARED, `gold/${name}.jsonl`), 'utf8')
      .split('\n')
      .filter(Boolean)) {
      const { title, summary, lang } = JSON.parse(line) as { title: string; summary?: string; lang?: string };
      texts.push({ title, summary: summary ?? '', language: lang ?? null });
    }
  for (const folder of ['corpus/feeds', 'corpus/replay'])
    for (const entry of readdirSync(join(SHARED, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.endsWith('.jsonl')) continue;
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      const context = { contentType: null, finalUrl: 'https://bench.example/', timezone: null, now: new Date() };
      // Some of the corpus is broken on purpose and reads as no feed.
      const read = await readFeedBytes(bytes, context).catch((error: unknown) => {
        if (error instanceof Failure) return null;
        throw error;
      });
      for (const { title, summary, language } of read?.entries ?? [])
        if (title !== '') texts.push({ title, summary, language: language ?? read?.language ?? 'en' });
    }
  const judge = createRulesCoder(codebookData);
  const isRelevant = (text: PoolText) =>
    judge.code({ ...text, source: 'west', country: 'GB', bloc: 'western', publishedAt: null }).length > 0;
  const pool = { relevant: [] as PoolText[], other: [] as PoolText[] };
  for (const text of texts) (isRelevant(text) ? pool.relevant : pool.other).push(text);
  const chars = texts.reduce((sum, { title, summary }) => sum + title.length + summary.length, 0) / texts.length;
  say(`${texts.length} texts, ${Math.round(chars)} characters on average, ${pool.relevant.length} relevant`);
  return pool;
}

/**
 * A million stored items, as years of polling leave them: ids in the order of time, the relevant ones spread evenly with the labels
 * of an earlier coder, of which every tenth said something else. Returns how many are relevant.
 */
async function fill(sql: Sql, pool: { relevant: PoolText[]; other: PoolText[] }): Promise<number> {
  const every = Math.max(1, Math.round(1 / share));
  await sql`insert into sources ${sql(SOURCES.map((source) => ({ ...source, name: source.id, family: source.id })))}`;
  await sql`
    insert into feeds (id, source_id, url, host, kind, every_seconds, group_id)
    select id, id, 'https://' || id || '.example/rss', id || '.example', 'feed', 900, '900s-00' from sources`;
  await sql`create unlogged table pool (relevant boolean, n integer, title text, summary text, language text)`;
  for (const [isRelevant, texts] of [
    [true, pool.relevant],
    [false, pool.other],
  ] as const)
    for (let start = 0; start < texts.length; start += 1000)
      await sql`insert into pool select ${isRelevant}, t.* from jsonb_to_recordset(${jsonText(
        texts.slice(start, start + 1000).map((text, i) => ({ n: start + i, ...text })),
      )}::text::jsonb) as t(n integer, title text, summary text, language text)`;
  await sql`create index on pool (relevant, n)`;
  const idOf = (
    kind: string,
  ) => sql`(lpad(to_hex(1700000000000 + g::bigint * 60000), 12, '0') || '7000' || ${kind}::text ||
    lpad(to_hex(g), 12, '0'))::uuid`;
  const dayOf = sql`(date '2024-01-01' + (g / 1500))`;
  await sql`insert into stories (id, day, created_at)
    select ${idOf('8001')}, ${dayOf}, ${dayOf} from generate_series(1, ${items}::int) g`;
  await sql`
    insert into items (id, source_id, feed_id, key, title, url, raw_url, summary, language, published_at, first_seen_at, day, story_id,
      fingerprint)
    select ${idOf('8000')}, s.id, s.id, 'guid:' || g, p.title, 'https://' || s.id || '.example/' || g, null, p.summary, p.language,
      ${dayOf} + interval '12 hours', ${dayOf} + interval '13 hours', ${dayOf}, ${idOf('8001')}, 'f' || g
    from generate_series(1, ${items}::int) g
    join lateral (select g % ${every} = 0 as is_relevant) k on true
    join lateral (select (array['west', 'rus', 'chn', 'kor'])[1 + g % 4] as id) s on true
    join pool p on p.relevant = k.is_relevant
      and p.n = (g::bigint * 7919) % (case when k.is_relevant then ${pool.relevant.length}::int else ${pool.other.length}::int end)`;
  await label(sql, every);
  await recountSeries(sql);
  await sql`vacuum analyze`;
  const [row] = await sql<[{ relevant: number; items: number; bytes: string }]>`
    select count(distinct item_id)::int as relevant, (select count(*)::int from items) as items,
      pg_size_pretty(pg_total_relation_size('items')) as bytes from observations`;
  if (row.items !== items) throw new Error(`${row.items} items were made, not ${items}`);
  say(`${row.items} items in ${row.bytes}, ${row.relevant} of them labelled`);
  return row.relevant;
}

/** What an earlier coder said of the relevant items: every tenth of its labels another indicator or status. */
async function label(sql: Sql, every: number): Promise<void> {
  const rows = sql<
    Array<PoolText & { id: string; sourceId: string; bloc: string; country: string; publishedAt: Date }>
  >`
    select i.id, title, summary, i.language, source_id as "sourceId", s.bloc, s.country, published_at as "publishedAt"
    from items i join sources s on s.id = i.source_id
    where ('x' || right(i.id::text, 8))::bit(32)::int % ${every} = 0 order by i.id`.cursor(2000);
  let n = 0;
  for await (const page of rows) {
    const labels = page.flatMap((item) =>
      labelItem(coder, codebook, { ...item, source: item.sourceId }).map((given) => {
        n += 1;
        const other = codebook.indicators[n % codebook.indicators.length]!;
        const said =
          n % 20 === 0 ? { indicator: other.id, domain: other.domain } : n % 20 === 10 ? { status: 'denied' } : {};
        return { item_id: item.id, bloc: item.bloc, ...given, ...said };
      }),
    );
    await sql`
      insert into observations (item_id, revision, story_id, source_id, feed_id, bloc, family, language, day, indicator, domain,
        polarity, dyad, participants, direction, status, severity, confidence, flags, rules, evidence, coder, coder_version,
        codebook_version, recorded_at)
      select l.item_id, 0, i.story_id, i.source_id, i.feed_id, l.bloc, i.source_id, i.language, i.day, l.indicator, l.domain,
        l.polarity, l.dyad, l.participants, l.direction, l.status, l.severity, l.confidence, l.flags, l.rules, l.evidence,
        ${OLD.name}, ${OLD.version}, ${OLD.codebookVersion}, i.first_seen_at
      from jsonb_to_recordset(${jsonText(labels)}::text::jsonb) as l(item_id uuid, bloc text, indicator text, domain text,
        polarity smallint, dyad text, participants text[], direction text, status text, severity smallint, confidence real,
        flags text[], rules text[], evidence jsonb) join items i on i.id = l.item_id
      on conflict do nothing`;
  }
}

async function counters(sql: Sql): Promise<{ wal: number; rows: number }> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql<[{ wal: string; rows: string }]>`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text as wal,
      (select sum(n_tup_ins + n_tup_upd + n_tup_del)::text from pg_stat_user_tables) as rows`;
  return { wal: Number(row.wal), rows: Number(row.rows) };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
