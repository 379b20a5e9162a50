import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, ScheduleOverlapPolicy, type WorkflowHandle } from '@temporalio/client';
import { stringify } from 'yaml';
import { readEnv } from '../config/env.js';
import { connectDatabase } from '../db/client.js';
import { migrate } from '../db/migrate.js';
import { connectTemporal } from '../runtime/connection.js';
import { startEmbeddedPostgres } from '../runtime/embedded-postgres.js';
import { startEmbeddedTemporal } from '../runtime/embedded-temporal.js';
import { findTemporalCli } from '../runtime/find-temporal.js';
import { createLog } from '../runtime/log.js';

// One simulated hour of 10,000 feeds every 15 minutes, each on a host of its own (all of 127.0.0.0/8 is this machine on Linux),
// through the real worker, schedules, Postgres and Temporal. Counts history events and billable actions per feed-poll, and reads
// the worker's memory after each round. Arguments: feeds (10000), rounds (4). Prints JSON.
const FEEDS = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 4);
const START = Date.parse('2026-07-01T00:00:00Z');
const EVERY_MS = 15 * 60_000;
const ROUND_LIMIT_MS = 20 * 60_000;

const GOALS = { eventsPerPoll: 0.5, actionsPerPoll: 0.1, longestHistory: 4000 };

interface Run {
  events: number;
  actions: number;
  chunks: number;
}

async function main(): Promise<void> {
  const env = readEnv(process.env);
  const log = createLog({ logLevel: 'info' }, process.stderr);
  const quiet = createLog({ logLevel: 'error' }, process.stderr);
  const dir = mkdtempSync(join(tmpdir(), 'axiswatch-bench-'));
  let round = 0;
  const stub = await startStub(() => round);
  const postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'data'), port: 0, log: quiet });
  await migrate(postgres.url);
  const cliPath = await findTemporalCli(env, log);
  const server = await startEmbeddedTemporal({
    cliPath,
    dataDir: join(dir, 'data'),
    port: 0,
    namespace: 'default',
    log: quiet,
  });
  writeConfig(dir, stub.port);
  const sql = connectDatabase(postgres.url, { max: 2 });
  const connection = await connectTemporal(
    { address: server.address, namespace: 'default', options: { address: server.address } },
    quiet,
  );
  const { client } = connection;
  const worker = startWorkerProcess(dir, postgres.url, server.address);
  await once(worker, 'message');
  log.info({ feeds: FEEDS }, 'worker is ready');
  try {
    const rounds = [];
    const runs: Run[] = [];
    // The schedules poll their groups as they are made: that is the first round.
    for (round = 0; round < ROUNDS; round++) {
      const at = new Date(START + round * EVERY_MS);
      const began = Date.now();
      if (round > 0) {
        worker.send({ now: at.toISOString() });
        await triggerAll(client);
      }
      const polled = await untilPolled(sql, at);
      const found = await takeRuns(client);
      runs.push(...found);
      const rssMb = readRssMb(worker.pid!);
      rounds.push({
        round,
        polled,
        runs: found.length,
        seconds: Math.round((Date.now() - began) / 1000),
        requests: stub.requests(),
        workerRssMb: rssMb,
        workerHeapMb: await askHeapMb(worker),
        workerPeakRssMb: readPeakMb(worker.pid!),
      });
      log.info(rounds.at(-1)!, 'round is over');
    }
    const polls = rounds.reduce((sum, { polled }) => sum + polled, 0);
    const scheduler = await schedulerEvents(client);
    const [stored] = await sql<Array<{ items: number }>>`select count(*)::int as items from items`;
    const eventsPerPoll = (sum(runs, (run) => run.events) + scheduler.events) / polls;
    const actionsPerPoll = sum(runs, (run) => run.actions) / polls;
    const longestHistory = Math.max(scheduler.longest, ...runs.map((run) => run.events));
    const report = {
      feeds: FEEDS,
      polls,
      groups: scheduler.schedules,
      runs: runs.length,
      chunks: sum(runs, (run) => run.chunks),
      items: stored?.items,
      runEvents: sum(runs, (run) => run.events),
      schedulerEvents: scheduler.events,
      eventsPerPoll: round4(eventsPerPoll),
      actionsPerPoll: round4(actionsPerPoll),
      longestHistory,
      goals: GOALS,
      rounds,
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    const isMet =
      eventsPerPoll <= GOALS.eventsPerPoll &&
      actionsPerPoll <= GOALS.actionsPerPoll &&
      longestHistory <= GOALS.longestHistory;
    if (!isMet) process.exitCode = 1;
  } finally {
    worker.disconnect();
    await once(worker, 'exit');
    await connection.close();
    await sql.end();
    await server.stop();
    await postgres.stop();
    stub.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One server for all hosts: ten entries each, a new one on every fifth feed per round, 304 for whoever has seen it. */
async function startStub(round: () => number) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const host = request.headers.host ?? '';
    const number = host
      .split(':')[0]!
      .split('.')
      .reduce((sum, part) => sum * 256 + Number(part), 0);
    const version = number % 5 === 0 ? round() : 0;
    const etag = `"${version}"`;
    if (request.headers['if-none-match'] === etag) return response.writeHead(304, { etag }).end();
    const items = Array.from({ length: 10 }, (_, i) => {
      const id = `${number}-${version + i}`;
      return `<item><title>Council of town ${id} met about its budget</title><link>http://${host}/${id}</link><guid>${id}</guid><pubDate>${new Date(START - i * 3_600_000).toUTCString()}</pubDate><description>The meeting took ${i} hours.</description></item>`;
    });
    response.writeHead(200, { 'content-type': 'application/rss+xml', etag });
    response.end(
      `<rss version="2.0"><channel><title>Town ${number}</title><link>http://${host}/</link><description>d</description>${items.join('')}</channel></rss>`,
    );
  });
  // Every address of 127.0.0.0/8 must answer; callers from elsewhere get nothing.
  server.on('connection', (socket) => {
    if (!/(^|:)127\./.test(socket.remoteAddress ?? '')) socket.destroy();
  });
  server.listen(0, '0.0.0.0', 4096);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function writeConfig(dir: string, port: number): void {
  const sources = Array.from({ length: FEEDS }, (_, i) => {
    const address = `127.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
    const id = `feed-${i}`;
    return {
      id,
      name: id,
      country: 'GB',
      language: 'en',
      bloc: 'other',
      feeds: [{ id, url: `http://${address}:${port}/rss`, kind: 'feed', every: '15m' }],
    };
  });
  writeFileSync(join(dir, 'sources.yaml'), stringify({ sources }));
}

function startWorkerProcess(dir: string, databaseUrl: string, temporalAddress: string): ChildProcess {
  const file = fileURLToPath(new URL('./polling-worker.ts', import.meta.url));
  return fork(file, [new Date(START).toISOString()], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
    env: {
      PATH: process.env.PATH,
      HOME: dir,
      AXISWATCH_CONFIG_DIR: dir,
      AXISWATCH_CACHE_DIR: join(dir, 'cache'),
      AXISWATCH_ALLOW_ADDRESSES: '127.0.0.0/8',
      AXISWATCH_LOG_LEVEL: 'warn',
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporalAddress,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

async function triggerAll(client: Client): Promise<void> {
  for await (const { scheduleId } of client.schedule.list({ pageSize: 1000 }))
    if (scheduleId.startsWith('poll/')) await client.schedule.getHandle(scheduleId).trigger(ScheduleOverlapPolicy.SKIP);
}

/** Waits until every feed was polled in the round that began at `at` of the bench's clock; returns how many were. */
async function untilPolled(sql: ReturnType<typeof connectDatabase>, at: Date): Promise<number> {
  const deadline = Date.now() + ROUND_LIMIT_MS;
  for (;;) {
    const [row] = await sql<Array<{ polled: number; failed: number }>>`
      select count(*) filter (where last_polled_at >= ${at})::int as polled,
        count(*) filter (where last_kind not in ('polled', 'not-modified'))::int as failed from feeds`;
    if (row!.failed > 0) throw new Error(`${row!.failed} feeds failed`);
    if (row!.polled === FEEDS) return row!.polled;
    if (Date.now() > deadline) throw new Error(`only ${row!.polled} of ${FEEDS} feeds were polled in time`);
    await after(500);
  }
}

const taken = new Set<string>();

/** Runs of `pollGroup` not yet counted, once all have ended, with what their histories hold. */
async function takeRuns(client: Client): Promise<Run[]> {
  const type = `WorkflowType = 'pollGroup'`;
  while ((await client.workflow.count(`${type} and ExecutionStatus = 'Running'`)).count > 0) await after(200);
  const runs: Run[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: type })) {
    if (taken.has(runId)) continue;
    taken.add(runId);
    runs.push(countRun(await client.workflow.getHandle(workflowId, runId).fetchHistory()));
  }
  return runs;
}

/** First beat and then one per 80 % of the timeout of 30 s reach the server. */
const FIRST_BEAT_MS = 10_000;
const BEAT_MS = 24_000;

/**
 * Events, and actions as Temporal bills them: 3 for a run that a schedule starts, 1 for each attempt of an activity, 1 for each
 * heartbeat that reaches the server, 1 for a child or a signal.
 */
function countRun(history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>): Run {
  const events = history.events ?? [];
  const startedAt = new Map<string, number>();
  let actions = 3;
  let chunks = 0;
  for (const event of events) {
    const time = Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6;
    if (event.activityTaskScheduledEventAttributes?.activityType?.name === 'pollChunk') chunks++;
    if (event.activityTaskStartedEventAttributes) {
      actions += event.activityTaskStartedEventAttributes.attempt ?? 1;
      startedAt.set(String(event.eventId), time);
    }
    const startedId = event.activityTaskCompletedEventAttributes?.startedEventId;
    const took = startedId ? time - (startedAt.get(String(startedId)) ?? time) : 0;
    if (took >= FIRST_BEAT_MS) actions += 1 + Math.floor((took - FIRST_BEAT_MS) / BEAT_MS);
    if (event.startChildWorkflowExecutionInitiatedEventAttributes) actions++;
    if (event.signalExternalWorkflowExecutionInitiatedEventAttributes) actions++;
  }
  return { events: events.length, actions, chunks };
}

/** The hidden workflow behind every schedule of a group has a history too. */
async function schedulerEvents(client: Client) {
  let events = 0;
  let longest = 0;
  let schedules = 0;
  for await (const { scheduleId } of client.schedule.list({ pageSize: 1000 })) {
    if (!scheduleId.startsWith('poll/')) continue;
    const { historyLength } = await client.workflow.getHandle(`temporal-sys-scheduler:${scheduleId}`).describe();
    schedules++;
    events += historyLength;
    longest = Math.max(longest, historyLength);
  }
  return { events, longest, schedules };
}

/** The worker's heap after a full collection. */
async function askHeapMb(worker: ChildProcess): Promise<number> {
  worker.send({});
  const [{ heapUsed }] = (await once(worker, 'message')) as [{ heapUsed: number }];
  return Math.round(heapUsed / 1024 / 1024);
}

function readRssMb(pid: number): number {
  return readStatusMb(pid, 'VmRSS');
}

function readPeakMb(pid: number): number {
  return readStatusMb(pid, 'VmHWM');
}

function readStatusMb(pid: number, field: string): number {
  const kb = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb) / 1024);
}

const sum = <T>(all: readonly T[], of: (one: T) => number) => all.reduce((total, one) => total + of(one), 0);
const round4 = (value: number) => Math.round(value * 10_000) / 10_000;

await main();
