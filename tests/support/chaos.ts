import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { stringify } from 'yaml';
import { connectDatabase } from '../../db/client.js';
import { migrate } from '../../db/migrate.js';
import { seriesMismatches } from '../../db/series.js';
import { connectTemporal, type TemporalConnection } from '../../runtime/connection.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../runtime/embedded-postgres.js';
import { type EmbeddedTemporal, startEmbeddedTemporal } from '../../runtime/embedded-temporal.js';
import { isAlive } from '../../runtime/processes.js';
import { TASK_QUEUE } from '../../workflows/names.js';
import { startFeedServer } from './feed-server.js';
import { REPLAY_FEEDS, replayRoutes, replaySources } from './replay-corpus.js';
import { quietLog } from './run-worker.js';
import { dumpStore } from './store-samples.js';

const PROGRAM = fileURLToPath(new URL('../../bin/axiswatch.js', import.meta.url));

/** Of each answer: a round of three feeds on one host then takes about half a second. */
const SLOW_MS = 120;
const MAX_DELAY_MS = 700;

export const VICTIMS = ['worker', 'postgres', 'temporal'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Kill {
  victim: Victim;
  /** The round of the replay, and how long after its start. */
  round: number;
  delayMs: number;
}

export interface ChaosInput {
  rounds: number;
  kills: readonly Kill[];
  cliPath: string;
  /** What each kill and round did, for whoever waits. */
  onProgress?: (message: string) => void;
}

export interface ChaosResult {
  /** Kills of each victim that hit a living process. */
  killed: Record<Victim, number>;
  /** Runs of a round that failed for good and were started again, as the next tick would. */
  failedRuns: number;
  /** Items with the number of their versions, by feed. */
  versions: Record<string, Record<string, number>>;
  /** Everything found, without what depends on when it was polled. */
  content: Record<string, readonly unknown[]>;
  /** Roll-up rows that a recount does not confirm. */
  mismatches: number;
}

/**
 * Replays the newspaper feeds through real processes (`axiswatch worker`, Postgres, Temporal) and kills them with -9 as planned;
 * each is started again at once, as a supervisor would. No kills: what the tables must look like.
 */
export async function runChaos({
  rounds,
  kills,
  cliPath,
  onProgress = () => undefined,
}: ChaosInput): Promise<ChaosResult> {
  const dir = mkdtempSync(join(tmpdir(), 'axiswatch-chaos-'));
  const opened: Array<() => Promise<unknown>> = [async () => rmSync(dir, { recursive: true, force: true })];
  try {
    let round = 0;
    const feeds = await startFeedServer(replayRoutes(() => round, SLOW_MS));
    opened.push(() => feeds.close());
    const postgres = await keepPostgres(join(dir, 'data'));
    opened.push(postgres.stop);
    await migrate(postgres.url);
    const temporal = await keepTemporal(join(dir, 'data'), cliPath);
    opened.push(temporal.stop);
    const worker = keepWorker(dir, feeds.url, postgres.url, temporal.address);
    opened.push(worker.stop);
    const connection = await connectTemporal(
      { address: temporal.address, namespace: 'default', options: { address: temporal.address } },
      quietLog,
    );
    opened.push(() => connection.close());

    const processes = { worker, postgres, temporal };
    const killed = { worker: 0, postgres: 0, temporal: 0 };
    let failedRuns = 0;
    for (round = 0; round < rounds; round++) {
      const planned = kills.filter((kill) => kill.round === round);
      const killing = (async () => {
        for (const { victim, delayMs } of planned) {
          await after(delayMs);
          if (await processes[victim].kill()) killed[victim]++;
          onProgress(`round ${round}: killed ${victim}`);
        }
      })();
      // In parallel: what a kill interrupts is the point.
      const [failures] = await Promise.race([Promise.all([pollRound(connection, round), killing]), worker.broken]);
      failedRuns += failures;
      onProgress(`round ${round}: done`);
    }
    const sql = connectDatabase(postgres.url);
    opened.push(() => sql.end());
    const rows = await sql<Array<{ feed: string; key: string; versions: number }>>`
      select i.source_id as feed, i.key, (1 + (select count(*) from revisions r where r.item_id = i.id))::int as versions from items i`;
    const versions = Object.fromEntries(
      REPLAY_FEEDS.map((feed) => [
        feed,
        Object.fromEntries(rows.filter((row) => row.feed === feed).map((row) => [row.key, row.versions])),
      ]),
    );
    const { coverage: _, polls: __, dirty: ___, ...content } = await dumpStore(sql);
    return { killed, failedRuns, versions, content, mismatches: (await seriesMismatches(sql)).length };
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/** Polls all feeds once by the workflow, through whatever outages; returns how many runs failed on the way. */
async function pollRound({ client }: TemporalConnection, round: number): Promise<number> {
  for (let failures = 0; ; failures++) {
    const workflowId = `replay-${round}-${failures}`;
    try {
      await throughOutages(() =>
        client.workflow.start('pollGroup', {
          workflowId,
          taskQueue: TASK_QUEUE,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
          args: [{ feedIds: REPLAY_FEEDS, force: true }],
        }),
      );
      await throughOutages(() => client.workflow.getHandle(workflowId).result());
      return failures;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
    }
  }
}

/** Asks again while the server is away. Other answers, failures of the workflow among them, are the caller's. */
async function throughOutages<T>(ask: () => Promise<T>): Promise<T | undefined> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { name, message, cause } = error as Error;
      // A start whose answer was lost finds itself: the run is over already.
      if (name === 'WorkflowExecutionAlreadyStartedError') return undefined;
      if (error instanceof WorkflowFailedError) throw error;
      if (!/unavailable|transport|connect|deadline|cancel|gRPC|closed/i.test(`${message} ${String(cause)}`))
        throw error;
      await after(200);
    }
  }
}

interface Kept {
  /** Kills it with -9 and starts it again; false when it was dead already. */
  kill(): Promise<boolean>;
  stop(): Promise<void>;
}

async function keepPostgres(dataDir: string): Promise<Kept & { url: string }> {
  const begin = (port: number) => startEmbeddedPostgres({ dataDir, port, log: quietLog });
  let server: EmbeddedPostgres = await begin(0);
  return {
    url: server.url,
    async kill() {
      const hit = killNow(server.pid);
      await server.exited;
      server = await begin(server.port);
      return hit;
    },
    stop: () => server.stop(),
  };
}

async function keepTemporal(dataDir: string, cliPath: string): Promise<Kept & { address: string }> {
  const begin = (port: number) =>
    startEmbeddedTemporal({ cliPath, dataDir, port, namespace: 'default', log: quietLog });
  let server: EmbeddedTemporal = await begin(0);
  const port = Number(server.address.split(':')[1]);
  return {
    address: server.address,
    async kill() {
      const hit = killNow(server.pid);
      await server.exited;
      server = await begin(port);
      return hit;
    },
    stop: () => server.stop(),
  };
}

/** Exit code for wrong use and wrong configuration: starting again cannot help. */
const WRONG_USE = 2;

/** `axiswatch worker`, started again whenever it ends, whoever ended it. `broken` rejects when it cannot work at all. */
function keepWorker(
  dir: string,
  feedsUrl: string,
  databaseUrl: string,
  temporalAddress: string,
): Kept & { broken: Promise<never> } {
  const sources = replaySources(feedsUrl).map(({ timezone: _, feeds, ...source }) => ({
    ...source,
    feeds: feeds.map(({ id, url, kind }) => ({ id, url, kind, every: '1h' })),
  }));
  writeFileSync(join(dir, 'sources.yaml'), stringify({ sources }));
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    AXISWATCH_CONFIG_DIR: dir,
    AXISWATCH_CACHE_DIR: join(dir, 'cache'),
    AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1',
    AXISWATCH_LOG_LEVEL: 'error',
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
  };
  let isStopping = false;
  let giveUp: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  broken.catch(() => undefined); // raced on in every round
  let current: ChildProcess;
  const begin = () => {
    const child = spawn(process.execPath, [PROGRAM, 'worker'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    current = child;
    let said = '';
    child.stderr?.on('data', (text) => {
      said = `${said}${text}`.slice(-2000);
    });
    child.once('close', (code) => {
      if (isStopping) return;
      if (code === WRONG_USE) giveUp(new Error(`the worker ended with code ${code}: ${said}`));
      else setTimeout(() => isStopping || begin(), 200);
    });
  };
  begin();
  return {
    broken,
    async kill() {
      return current.pid !== undefined && killNow(current.pid);
    },
    async stop() {
      isStopping = true;
      if (current.exitCode !== null || current.signalCode !== null) return;
      current.kill('SIGTERM');
      await once(current, 'exit');
    },
  };
}

function killNow(pid: number): boolean {
  if (!isAlive(pid)) return false;
  process.kill(pid, 'SIGKILL');
  return true;
}

/** Kills at random moments of random rounds, as many of each victim, reproducible by `random`. */
export function planKills(count: number, rounds: number, random: () => number): Kill[] {
  return Array.from({ length: count }, (_, i) => ({
    victim: VICTIMS[i % VICTIMS.length]!,
    round: Math.floor(random() * rounds),
    delayMs: Math.floor(random() * MAX_DELAY_MS),
  }));
}

/** mulberry32: a small generator with a seed, so that a bad run can be run again. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
