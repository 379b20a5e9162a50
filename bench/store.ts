/**
 * What storing costs, as JSON: client CPU per written row (goal: at most 20 us), statements and WAL per poll, and the probe of an
 * unchanged poll against `select 1`. Starts a Postgres of its own. `npx tsx bench/store.ts [polls]`
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '../core/identity/uuidv7.js';
import { connectDatabase, type Sql } from '../db/client.js';
import { syncSources } from '../db/feeds.js';
import { type NewItem, probeItems, type StorePoll, storePoll } from '../db/items.js';
import { migrate } from '../db/migrate.js';
import { startEmbeddedPostgres } from '../runtime/embedded-postgres.js';
import { createLog } from '../runtime/log.js';

const ITEMS_PER_POLL = 50;
/** One in three is about something we watch, with two labels of three dyads. */
const LABELLED_EVERY = 3;
const START = Date.parse('2026-01-01T00:00:00Z');

const polls = Number(process.argv[2] ?? 200);
const dir = mkdtempSync(join(tmpdir(), 'axiswatch-bench-'));
const log = createLog({ logLevel: 'error' }, process.stderr);
const postgres = await startEmbeddedPostgres({ dataDir: dir, port: 0, log, what: 'bench' });
let statements = 0;
const sql = connectDatabase(postgres.url, { max: 1, onStatement: () => statements++ });
try {
  await migrate(postgres.url);
  const feeds = [{ id: 'bench', url: 'https://bench.example/rss', kind: 'feed', everySeconds: 900, options: {} }];
  const source = {
    id: 'bench',
    name: 'Bench',
    country: null,
    language: 'en',
    bloc: 'other',
    family: 'bench',
    timezone: null,
  };
  await syncSources(sql, [{ ...source, feeds }], new Map(), new Date(START));
  await storePoll(sql, poll(0)); // prepares the statement
  const result = { ...(await measureStore(sql)), ...(await measureProbe(sql)) };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await sql.end();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function measureStore(db: Sql) {
  const inputs = Array.from({ length: polls }, (_, i) => poll(i + 1));
  const rowsBefore = await countRows(db);
  const walBefore = await walPosition(db);
  statements = 0;
  const cpuBefore = process.cpuUsage();
  const began = process.hrtime.bigint();
  for (const input of inputs) await storePoll(db, input);
  const ms = Number(process.hrtime.bigint() - began) / 1e6;
  const { user, system } = process.cpuUsage(cpuBefore);
  const sent = statements;
  const rows = (await countRows(db)) - rowsBefore;
  return {
    polls,
    rows,
    statements_per_poll: sent / polls,
    client_cpu_us_per_row: round((user + system) / rows),
    rows_per_second: Math.round(rows / (ms / 1000)),
    wal_bytes_per_row: Math.round(((await walPosition(db)) - walBefore) / rows),
  };
}

async function measureProbe(db: Sql) {
  const keys = poll(Math.ceil(polls / 2)).items.flatMap((item) => item.keys);
  const probe = await median(() => probeItems(db, 'bench', keys));
  const floor = await median(() => db`select 1`);
  return {
    probe_keys: keys.length,
    probe_ms: round(probe, 3),
    select_1_ms: round(floor, 3),
    probe_to_select_1: round(probe / floor),
  };
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    const began = process.hrtime.bigint();
    await work();
    times.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  return times.sort((a, b) => a - b)[100]!;
}

async function countRows(db: Sql): Promise<number> {
  const [row] = await db`
    select (select count(*) from items) + (select count(*) from stories) + (select count(*) from item_keys)
      + (select count(*) from observations) as n`;
  return Number(row!.n);
}

async function walPosition(db: Sql): Promise<number> {
  const [row] = await db`select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as bytes`;
  return Number(row!.bytes);
}

function poll(n: number): StorePoll {
  const at = new Date(START + n * 900_000);
  const outcome = { feedId: 'bench', kind: 'polled' as const, entries: ITEMS_PER_POLL, added: 0, revised: 0 };
  const state = {
    etag: null,
    lastModified: null,
    validatorsSince: null,
    bodyDigest: null,
    entriesDigest: null,
    consecutiveFailures: 0,
    emptyPolls: 0,
    lastPolledAt: at,
    lastSuccessAt: at,
    nextDueAt: at,
    movedTo: null,
    movedCount: 0,
    movedLastAt: null,
    paused: false,
    mutedAt: null,
  };
  return {
    sourceId: 'bench',
    feedId: 'bench',
    at,
    coder: { name: 'rules', version: '1', codebookVersion: '1' },
    items: Array.from({ length: ITEMS_PER_POLL }, (_, i) => item(at, n * ITEMS_PER_POLL + i)),
    revisions: [],
    keys: [],
    poll: {
      feedId: 'bench',
      polledAt: at,
      outcome: { ...outcome, reason: null, fault: null, detail: null, status: 200, repairs: [] },
      state,
      format: 'rss',
      encoding: 'utf-8',
      reachesBackTo: at,
    },
  };
}

function item(at: Date, n: number): NewItem {
  const id = () => uuidv7(at, randomBytes(10));
  const dyads = ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'];
  const label = (i: number) => ({
    indicator: `mil.${(n + i) % 30}`,
    domain: 'military',
    dyad: dyads[(n + i) % 3]!,
    participants: dyads[(n + i) % 3]!.split('-'),
    direction: null,
    status: 'occurred' as const,
    polarity: 1 as const,
    severity: 3 as const,
    confidence: 0.8,
    flags: [],
    rules: ['R1'],
    evidence: [{ for: 'act', field: 'title' as const, start: 0, end: 5, text: 'title' }],
  });
  return {
    id: id(),
    storyId: id(),
    keys: [`guid:bench ${n}`, `url:bench.example/${n}`, `dated:${n}`],
    title: `Ministers of both countries sign an agreement on matter number ${n}`,
    url: `https://bench.example/${n}`,
    rawUrl: `https://bench.example/${n}?utm_source=rss`,
    summary: 'The two sides agreed to widen their cooperation in several fields, officials said on Tuesday. '.repeat(2),
    language: 'en',
    publishedAt: at,
    publishedRaw: at.toUTCString(),
    day: at.toISOString().slice(0, 10),
    fingerprint: `f${n}`,
    labels: n % LABELLED_EVERY === 0 ? [label(0), label(1)] : [],
  };
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
