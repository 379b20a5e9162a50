import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Log } from '../activities/deps.js';
import { type Env, SETTINGS } from '../config/env.js';
import type { Config } from '../config/types.js';
import { Failure } from '../core/errors.js';
import { groupFeeds } from '../core/polling/groups.js';
import { connectDatabase, type Sql } from '../db/client.js';
import { databaseFailure, describeDatabase } from '../db/reach.js';
import { readSetting } from '../db/settings.js';
import { checkDatabase, listFeedHealth } from '../db/status.js';
import { TASK_QUEUE } from '../workflows/names.js';
import { connectTemporal, type TemporalConnection, temporalTarget } from './connection.js';
import { inspectDataDir } from './data-dir.js';
import { attachEmbeddedPostgres } from './embedded-postgres.js';
import { lookForTemporalCli, readTemporalVersion } from './find-temporal.js';
import { loadInstallation } from './load-installation.js';
import { readLock } from './process-lock.js';
import { isPortFree } from './processes.js';
import { reconcileSchedules } from './schedules.js';

const OLDEST_NODE = [20, 19] as const;
const MIN_FREE_BYTES = 1_000_000_000;
const CONNECT_MS = 5_000;

/** One thing that was looked at. `next` is the command or setting to try when it is not `ok`. */
export interface Finding {
  check: string;
  state: 'ok' | 'note' | 'problem';
  detail: string;
  next: string | null;
}

const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail, next: null });
const note = (check: string, detail: string, next: string | null = null): Finding => ({
  check,
  state: 'note',
  detail,
  next,
});
const problem = (check: string, detail: string, next: string | null): Finding => ({
  check,
  state: 'problem',
  detail,
  next,
});

/** Looks at everything that `up` needs, in the order in which it needs it. Starts, stops and changes nothing. */
export async function diagnose(env: Env, log: Log): Promise<Finding[]> {
  const findings: Finding[] = [checkNode(process.versions.node), checkPlatform()];
  findings.push(...checkEnvFile(process.cwd(), env.vars));
  const config = checkConfig(env, findings);
  findings.push(...(await checkDataDir(env)));
  const url = env.databaseUrl ?? (await attachEmbeddedPostgres(env.dataDir))?.url ?? null;
  if (url === null) {
    findings.push(note('database', 'the embedded Postgres is not running', 'axiswatch up'));
    findings.push(await checkTemporalCli(env));
    return findings;
  }
  const sql = connectDatabase(url, { max: 2, name: 'axiswatch doctor' });
  try {
    const isUsable = await checkStore(sql, url, findings);
    if (!env.temporalConfigured) findings.push(await checkTemporalCli(env));
    await checkTemporal(env, isUsable ? sql : null, config, log, findings);
    if (isUsable) findings.push(await checkFeeds(sql));
  } finally {
    await sql.end({ timeout: 2 });
  }
  return findings;
}

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (isEnough) return ok('node', `Node ${version}`);
  return problem(
    'node',
    `Node ${version} is older than ${OLDEST_NODE.join('.')}`,
    `install Node ${OLDEST_NODE.join('.')} or later`,
  );
}

/** A `.env` of ours in the folder that nobody loaded: settings come from the environment only. Its values are never shown. */
export function checkEnvFile(folder: string, vars: NodeJS.ProcessEnv): Finding[] {
  const file = join(folder, '.env');
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return [];
  const names = new Set(SETTINGS.map(({ name }) => name));
  let written: Array<[name: string, value: string | undefined]>;
  try {
    written = Object.entries(parseEnv(readFileSync(file, 'utf8')));
  } catch (error) {
    return [note('.env', `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no text'})`)];
  }
  const unread = written.filter(([name, value]) => names.has(name) && value && vars[name] !== value);
  if (unread.length === 0) return [];
  const list = unread
    .map(([name]) => name)
    .sort()
    .join(', ');
  return [note('.env', `${file} is not read by itself: it sets ${list}`, 'set -a; . ./.env; set +a')];
}

/** Temporal's native part and the Postgres binaries are built for glibc, macOS and Windows. */
function checkPlatform(): Finding {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (process.platform === 'linux' && !header.glibcVersionRuntime)
    return problem(
      'platform',
      'this Linux has no glibc, which the Temporal library needs',
      'use a Debian, Ubuntu or Red Hat based image',
    );
  return ok('platform', `${process.platform} on ${process.arch}`);
}

function checkConfig(env: Env, findings: Finding[]): Config | null {
  try {
    const { codebook, config } = loadInstallation(env.configDir);
    const feeds = config.sources.flatMap((source) => source.feeds).length;
    findings.push(
      ok(
        'configuration',
        `${config.sources.length} sources with ${feeds} feeds, codebook ${codebook.version}, from ${env.configDir}`,
      ),
    );
    return config;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    findings.push(problem('configuration', error.message, 'axiswatch config check'));
    return null;
  }
}

async function checkDataDir(env: Env): Promise<Finding[]> {
  if (env.databaseUrl && env.temporalConfigured) return [];
  const findings: Finding[] = [];
  const owner = existsSync(env.dataDir) ? await readLock(join(env.dataDir, 'up.lock')) : null;
  try {
    const state = inspectDataDir(env.dataDir);
    if (owner)
      findings.push(ok('data directory', `${env.dataDir} is in use by '${owner.what}' (process ${owner.pid})`));
    else if (state === 'ours') findings.push(ok('data directory', env.dataDir));
    else findings.push(note('data directory', `${env.dataDir} holds nothing yet`, 'axiswatch up'));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    findings.push(problem('data directory', error.message, 'set AXISWATCH_DATA_DIR'));
  }
  let existing = env.dataDir;
  while (!statSync(existing, { throwIfNoEntry: false })) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  if (free < MIN_FREE_BYTES)
    findings.push(
      problem(
        'disk',
        `only ${Math.round(free / 1e6)} MB are free for ${env.dataDir}`,
        'free some space, or set AXISWATCH_DATA_DIR',
      ),
    );
  if (!owner && env.port !== 0 && !(await isPortFree(env.port, env.host)))
    findings.push(
      problem('port', `port ${env.port} of ${env.host} is in use`, 'stop what listens there, or set AXISWATCH_PORT'),
    );
  return findings;
}

async function checkStore(sql: Sql, url: string, findings: Finding[]): Promise<boolean> {
  try {
    const health = await checkDatabase(sql);
    const where = `Postgres ${health.version} at ${describeDatabase(url)}`;
    findings.push(
      health.problem
        ? problem('database', `${where}. ${health.problem}`, 'axiswatch migrate')
        : ok('database', `${where}, ${health.schema} migrations`),
    );
    return health.problem === null;
  } catch (error) {
    const failure = databaseFailure(error, url);
    if (!failure) throw error;
    findings.push(problem('database', failure.message, 'check DATABASE_URL'));
    return false;
  }
}

async function checkTemporalCli(env: Env): Promise<Finding> {
  const path = await lookForTemporalCli(env);
  if (path) return ok('Temporal CLI', `${await readTemporalVersion(path)} at ${path}`);
  if (env.temporalCliPath)
    return problem(
      'Temporal CLI',
      `TEMPORAL_CLI_PATH names ${env.temporalCliPath}, which does not run here`,
      'correct or unset TEMPORAL_CLI_PATH',
    );
  return note('Temporal CLI', 'not installed yet; axiswatch up downloads or builds it', 'axiswatch doctor --install');
}

async function checkTemporal(
  env: Env,
  sql: Sql | null,
  config: Config | null,
  log: Log,
  findings: Finding[],
): Promise<void> {
  const embedded =
    env.temporalConfigured || !sql
      ? undefined
      : ((await readSetting<{ address: string; namespace: string }>(sql, 'temporal')) ?? undefined);
  if (!env.temporalConfigured && !embedded) {
    findings.push(note('Temporal', 'the embedded server is not running', 'axiswatch up'));
    return;
  }
  let connection: TemporalConnection | null = null;
  try {
    connection = await connectTemporal(temporalTarget(env, embedded), log, { waitMs: CONNECT_MS });
    const { native, namespace, address } = connection;
    const info = await native.workflowService.getSystemInfo({});
    findings.push(ok('Temporal', `server ${info.serverVersion} at ${address}, namespace ${namespace}`));
    const queue = await native.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: 1,
    });
    const pollers = (queue.pollers ?? []).map((poller) => poller.identity ?? '?');
    findings.push(
      pollers.length > 0
        ? ok('worker', pollers.join(', '))
        : problem('worker', 'no worker asks for work', 'axiswatch worker'),
    );
    if (sql && config) findings.push(await checkSchedules(connection, sql, config));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    findings.push(
      problem('Temporal', error.message, env.temporalConfigured ? 'check TEMPORAL_ADDRESS' : 'axiswatch up'),
    );
  } finally {
    await connection?.close();
  }
}

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function checkSchedules({ client }: TemporalConnection, sql: Sql, config: Config): Promise<Finding> {
  const groupIds = new Set(groupFeeds(config.sources).values());
  const plan = await reconcileSchedules({ client, sql, groupIds, log: silent, dryRun: true });
  const wrong = [...plan.created, ...plan.updated];
  if (wrong.length > 0)
    return problem(
      'schedules',
      `${wrong.length} of ${wrong.length + plan.unchanged.length} are not as configured`,
      'start axiswatch up or worker again',
    );
  const extra = plan.orphaned.length > 0 ? `, ${plan.orphaned.length} no longer configured` : '';
  return ok('schedules', `${plan.unchanged.length} as configured${extra}`);
}

async function checkFeeds(sql: Sql): Promise<Finding> {
  const feeds = await listFeedHealth(sql, new Date());
  const failing = feeds.filter((feed) => feed.consecutiveFailures > 0);
  const detail = `${feeds.length} feeds, ${failing.length} failing`;
  if (feeds.length > 0 && failing.length === feeds.length) return problem('feeds', detail, 'axiswatch status');
  return failing.length > 0 ? note('feeds', detail, 'axiswatch status') : ok('feeds', detail);
}
