import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { recodeItems } from '../../activities/recode.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { findRecoding } from '../../db/recodings.js';
import { seriesMismatches } from '../../db/series.js';
import { connectTemporal, type TemporalConnection } from '../../runtime/connection.js';
import { startRecoding } from '../../runtime/recode.js';
import { installTemporalRuntime } from '../../runtime/temporal-log.js';
import { recodeId } from '../../workflows/names.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type IslandConfig, makeIslandConfig, runCommand } from '../support/island-config.js';
import { testRuntime } from '../support/poll-deps.js';
import { begin, fillIslands, recodeDeps } from '../support/recode-world.js';
import { createTestNamespace, quietLog } from '../support/run-worker.js';

const PROGRAM = fileURLToPath(new URL('../../bin/axiswatch.js', import.meta.url));
/** More than two pages of those that workers really read. */
const ITEMS = 12_000;

let database: TestDatabase;
let sql: Sql;
let islands: IslandConfig;
let opened: Array<() => Promise<unknown>>;

beforeEach(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 4 });
  islands = makeIslandConfig();
  opened = [];
});
afterEach(async () => {
  for (const close of opened.reverse()) await close();
  islands.remove();
  await sql.end();
  await database.drop();
});

const variables = (namespace?: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: islands.dir,
  DATABASE_URL: database.url,
  AXISWATCH_CONFIG_DIR: islands.configDir,
  AXISWATCH_DATA_DIR: join(islands.dir, 'data'),
  AXISWATCH_CACHE_DIR: join(islands.dir, 'cache'),
  AXISWATCH_LOG_LEVEL: 'warn',
  TEMPORAL_CLI_PATH: inject('temporalCliPath'),
  ...(namespace ? { TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: namespace } : {}),
});

function startWorkerProcess(namespace: string): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, 'worker'], { env: variables(namespace), stdio: 'ignore' });
  opened.push(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  return child;
}

async function connect(namespace: string): Promise<TemporalConnection> {
  installTemporalRuntime(quietLog);
  const address = inject('temporalAddress');
  const connection = await connectTemporal({ address, namespace, options: { address } }, quietLog);
  opened.push(() => connection.close());
  return connection;
}

/** Labels, roll-up, moves and the run, without ids and times. */
async function everything(db: Sql): Promise<unknown[]> {
  return [
    await db`
      select i.key, o.indicator, o.dyad, o.status, o.codebook_version, o.superseded_at is null as live
      from observations o join items i on i.id = o.item_id order by 1, 2, 3, 5`,
    await db`select * from series_days order by 1, 2, 3, 4, 5`,
    await db`
      select i.key, m.indicator, m.dyad, m.day, m.kind from recoding_moves m join items i on i.id = m.item_id order by 1, 2, 3`,
    await db`select state, items, observations, gained, lost, status from recodings`,
  ].map((rows) => rows.map((row) => ({ ...row })));
}

/** The second page of a run stops in its last statement, until the gate is opened. */
async function closeGate(): Promise<{ untilReached(): Promise<void>; open(): Promise<unknown> }> {
  await sql`create function wait_here() returns trigger language plpgsql as $$ begin
    if new.items > 5000 then perform pg_advisory_xact_lock(4242); end if; return new; end $$`;
  await sql`create trigger wait_here before update on recodings for each row execute function wait_here()`;
  const holder = await sql.reserve();
  await holder`select pg_advisory_lock(4242)`;
  opened.push(async () => holder.release());
  const waiting = async () => {
    const [row] = await sql`
      select count(*)::int as n from pg_locks where locktype = 'advisory' and objid = 4242 and not granted`;
    return row!.n;
  };
  return {
    untilReached: () => expect.poll(waiting, { timeout: 120_000 }).toBe(1),
    open: () => holder`select pg_advisory_unlock(4242)`,
  };
}

it('a worker killed in the middle of a page: the next one goes on, and every item is coded once', async () => {
  await fillIslands(sql, ITEMS);
  const twin = await createTestDatabase();
  const other = connectDatabase(twin.url, { max: 4 });
  opened.push(async () => {
    await other.end();
    await twin.drop();
  });
  await fillIslands(other, ITEMS);
  const whole = await begin(other, islands.later);
  await recodeItems(recodeDeps(other, 5_000), testRuntime(), { id: whole.id, maxItems: 1e9 });

  const gate = await closeGate();
  const namespace = await createTestNamespace();
  const { client } = await connect(namespace);
  const first = startWorkerProcess(namespace);
  const { id } = await begin(sql, islands.later);
  await startRecoding(client, id);
  await gate.untilReached();
  expect(await findRecoding(sql, { id })).toMatchObject({ state: 'running', items: 5_000 });
  first.kill('SIGKILL');
  await once(first, 'exit');
  await gate.open();
  startWorkerProcess(namespace);
  await client.workflow.getHandle(recodeId(id)).result();
  expect(await everything(sql)).toEqual(await everything(other));
  expect(await seriesMismatches(sql)).toEqual([]);
});

it('a run that is cancelled at the server is cancelled in the table, and goes on when it is resumed', async () => {
  await fillIslands(sql, 100);
  const namespace = await createTestNamespace();
  const { client } = await connect(namespace);
  const { id } = await begin(sql, islands.later);
  await startRecoding(client, id);
  // Nobody has taken it up yet: the workflow hears of the cancellation before anything else.
  await client.workflow.getHandle(recodeId(id)).cancel();
  startWorkerProcess(namespace);
  const state = async () => (await findRecoding(sql, { id }))?.state;
  await expect.poll(state, { timeout: 120_000 }).toBe('cancelled');
  const resumed = await runCommand(['recode', 'resume', '--json'], variables(namespace));
  expect(resumed.code).toBe(0);
  expect(JSON.parse(resumed.out)).toMatchObject({ state: 'done', items: 100, moved: { gained: 20, lost: 20 } });
});

it('a command alone brings its own server and worker, and reports', async () => {
  await fillIslands(sql, 100);
  const done = await runCommand(['recode', '--codebook', islands.laterDir, '--json'], variables());
  expect(done.err).toContain('Note: new items are still coded with the configured codebook');
  expect(done.err).toContain('100 of 100 items (100 %)');
  expect(done.code).toBe(0);
  const report = JSON.parse(done.out);
  expect(report).toMatchObject({ state: 'done', items: 100, codebook_version: islands.later.codebook.version });
  expect(report.moved).toEqual({ gained: 20, lost: 20, status: 0, items: 40 });
  expect(report.moves).toHaveLength(40);
  const [kept] = await sql`select content from codebooks where version = ${islands.later.codebook.version}`;
  expect(kept?.content.indicators).toHaveLength(3);
  const stored = await runCommand(['recode', 'report', '--json'], variables());
  expect(JSON.parse(stored.out)).toEqual(report);
});

it('a run whose workflow is lost is taken up by the next worker that starts', async () => {
  await fillIslands(sql, 100);
  const { id } = await begin(sql, islands.later);
  startWorkerProcess(await createTestNamespace());
  await expect.poll(async () => (await findRecoding(sql, { id }))?.state, { timeout: 120_000 }).toBe('done');
});

it('Ctrl-C on a command that works alone leaves the run where it is; resume goes on there', async () => {
  await fillIslands(sql, ITEMS);
  const gate = await closeGate();
  const child = spawn(process.execPath, [PROGRAM, 'recode', '--codebook', islands.laterDir], { env: variables() });
  opened.push(async () => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  await gate.untilReached();
  child.kill('SIGINT');
  await expect
    .poll(() => said, { timeout: 30_000 })
    .toContain('Stopped after 5000 items; go on with: axiswatch recode resume');
  const ended = once(child, 'exit');
  // The page that stands at the gate comes to nothing, as if the command had not waited for it.
  await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 4242 and not granted`;
  expect(await ended).toEqual([1, null]);
  expect(await findRecoding(sql)).toMatchObject({ state: 'running', items: 5_000 });
  await gate.open();
  const resumed = await runCommand(['recode', 'resume', '--json'], variables());
  expect(JSON.parse(resumed.out)).toMatchObject({ state: 'done', items: ITEMS, moved: { gained: 2_400, lost: 2_400 } });
});
