import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadCodebook } from '../../config/codebook.js';
import { configFile } from '../../config/load.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { Failure } from '../../core/errors.js';
import { uuidv7 } from '../../core/identity/uuidv7.js';
import type { CoderName } from '../../core/recode/coding.js';
import { isDay } from '../../core/trends/calendar.js';
import { recordCodebook } from '../../db/codebooks.js';
import { loadMoves } from '../../db/recode-report.js';
import {
  beginRecoding,
  endRecoding,
  findRecoding,
  listRecodings,
  type Recoding,
  reopenRecoding,
} from '../../db/recodings.js';
import type { RecodeHost } from '../../runtime/recode.js';
import { screenOf } from '../ask.js';
import { EXIT, type Io, UsageError } from '../io.js';
import { type OpenContext, withContext } from '../open-context.js';
import { followRecoding } from '../recode-progress.js';
import { type NamedMove, type Reported, recodingBody, reportBody, shortId, showReport } from '../recode-report.js';
import { renderTable } from '../table.js';

interface ReportFlags {
  json?: boolean;
  by: 'range' | 'month';
  limit: number;
}

interface RecodeFlags extends ReportFlags {
  from?: string;
  to?: string;
  codebook?: string;
  dryRun?: boolean;
  detach?: boolean;
}

/** `axiswatch recode`: stored history coded again with the present coder and codebook. */
export function build(io: Io, exit: (code: number) => void): Command {
  const recode = new Command('recode')
    .description(
      'Code stored items again with the present coder and codebook. Old labels are superseded, never deleted; prints what moved. ' +
        'Ctrl-C never undoes or cancels: a running axiswatch goes on alone, else "recode resume" does.',
    )
    .enablePositionalOptions()
    .addOption(new Option('--from <date>', 'first day that items count on').argParser(readDay))
    .addOption(new Option('--to <date>', 'day after the last one').argParser(readDay))
    .option('--codebook <dir>', 'another codebook folder, to try it; new items are still coded with the configured one')
    .option('--dry-run', 'the same report, writing nothing; needs no Temporal server')
    .addOption(new Option('--detach', 'start it and return at once').conflicts('dryRun'));
  addReportOptions(recode).action((flags: RecodeFlags) => runRecode(io, exit, flags));

  const report = new Command('report').description('What a run moved.').argument('[id]', 'default: the latest run');
  addReportOptions(report).action(async (id: string | undefined, flags: ReportFlags) => {
    const text = await withContext(io, 'axiswatch recode', async ({ sql }) => {
      const run = await findNamed({ sql }, id);
      return render(io, run, await loadMoves(sql, run.id), flags);
    });
    io.out.write(text);
  });
  const status = new Command('status')
    .description('Runs, the latest first.')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const runs = await withContext(io, 'axiswatch recode', ({ sql }) => listRecodings(sql, 20));
      io.out.write(json ? `${JSON.stringify({ recodings: runs.map(recodingBody) }, null, 2)}\n` : showRuns(runs));
    });
  const cancel = new Command('cancel')
    .description('End the running run after its current page; what is coded stays, "resume" goes on.')
    .action(() => withContext(io, 'axiswatch recode', (context) => cancelRun(io, context)));
  const resume = new Command('resume')
    .description('Go on with a run that was cancelled, failed or interrupted.')
    .argument('[id]', 'default: the latest run');
  addReportOptions(resume).action((id: string | undefined, flags: ReportFlags) =>
    withContext(io, 'axiswatch recode', async (context) => {
      const run = await findNamed(context, id);
      if (run.state === 'done') throw new UsageError(`recoding ${shortId(run.id)} is done`);
      if (run.state !== 'running' && !(await reopenRecoding(context.sql, run.id))) throw await busy(context);
      await carryOut(io, exit, context, run, flags);
    }),
  );
  return recode.addCommand(report).addCommand(status).addCommand(cancel).addCommand(resume);
}

function addReportOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--by <span>', 'sums for the whole range or by month').choices(['range', 'month']).default('range'),
    )
    .addOption(
      new Option('--limit <n>', 'moves listed with their items')
        .argParser(readLimit)
        .default(50, '50; all with --json'),
    )
    .option('--json', 'the report as JSON');
}

async function runRecode(io: Io, exit: (code: number) => void, flags: RecodeFlags): Promise<void> {
  const { from = null, to = null } = flags;
  if (from !== null && to !== null && from >= to)
    throw new UsageError(`--from ${from} is not before --to ${to}: the range is half-open, --to is not part of it`);
  await withContext(io, 'axiswatch recode', async (context) => {
    const { sql, env, clock } = context;
    const { codebook, data } = loadCodebook(flags.codebook ?? configFile(env.configDir, 'codebook'));
    const { name, version, codebookVersion } = createRulesCoder(data);
    const coder: CoderName = { name, version, codebookVersion };
    if (flags.dryRun) {
      const { dryRun } = await import('../recode-dry-run.js');
      const { run, moves } = await dryRun(io, context, { from, to, coder, data });
      io.out.write(render(io, run, moves, flags));
      return;
    }
    if (codebookVersion !== context.codebook.version)
      io.err.write(
        `Note: new items are still coded with the configured codebook ${context.codebook.version}; this run codes with ${codebookVersion}.\n`,
      );
    const at = clock.now();
    await recordCodebook(sql, codebook, at);
    const id = uuidv7(new Date(), randomBytes(10));
    const run = await beginRecoding(sql, { id, from, to, coder, codebookData: JSON.stringify(data), at });
    if (run === null) throw await busy(context);
    await carryOut(io, exit, context, run, flags);
  });
}

/** Has a run carried out and tells how far it is, until it ends or somebody presses Ctrl-C. */
async function carryOut(
  io: Io,
  exit: (code: number) => void,
  context: OpenContext,
  run: Recoding,
  flags: ReportFlags & { detach?: boolean },
): Promise<void> {
  const { sql } = context;
  const stop = new AbortController();
  let hasBegun = false;
  // Before anything else: a host takes seconds to start, and who stops it then must hear how the run goes on.
  const onSignal = () => {
    stop.abort();
    if (hasBegun) return;
    io.err.write(`Stopping before recoding ${shortId(run.id)} goes on; go on with: axiswatch recode resume\n`);
    exit(EXIT.failed);
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let host: RecodeHost | undefined;
  try {
    // Loaded here: a report must not pay for loading Temporal.
    const { openRecodeHost, startRecoding, isDriven } = await import('../../runtime/recode.js');
    host = await openRecodeHost({ ...context, coder: createRulesCoder(context.data), signal: stop.signal });
    if (stop.signal.aborted) return;
    const { connection, isOwn } = host;
    hasBegun = true;
    await startRecoding(connection.client, run.id);
    if (flags.detach && !isOwn) {
      io.out.write(`recoding ${shortId(run.id)} runs; see axiswatch recode status\n`);
      return;
    }
    if (flags.detach) io.err.write('Nobody else could go on with it: this command stays until it is done.\n');
    const isWorking = () => isDriven(connection.client, run.id);
    const ended = await followRecoding(io, sql, run, { signal: stop.signal, isWorking });
    if (ended.state === 'running') {
      io.err.write(
        isOwn
          ? `Stopped after ${ended.items} items; go on with: axiswatch recode resume\n`
          : `Recoding ${shortId(run.id)} goes on without us: axiswatch recode status; to end it: axiswatch recode cancel\n`,
      );
      exit(EXIT.failed);
      return;
    }
    io.out.write(render(io, ended, await loadMoves(sql, run.id), flags));
    if (ended.state !== 'done') exit(EXIT.failed);
  } catch (error) {
    // What was given up fails in many ways; the caller was told.
    if (!stop.signal.aborted || hasBegun) throw error;
  } finally {
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
    await host?.close();
  }
}

async function cancelRun(io: Io, context: OpenContext): Promise<void> {
  const { sql, env, log, clock } = context;
  const run = await findRecoding(sql, { state: 'running' });
  if (run === null) throw new UsageError('no recoding is running');
  await endRecoding(sql, run.id, 'cancelled', clock.now());
  const { findRecodeServer, stopRecoding } = await import('../../runtime/recode.js');
  const server = await findRecodeServer({ env, sql, log });
  try {
    if (server) await stopRecoding(server.client, run.id, log);
  } finally {
    await server?.close();
  }
  io.out.write(
    `recoding ${shortId(run.id)} cancelled after ${run.items} of ${run.total} items; "recode resume" goes on\n`,
  );
}

async function busy({ sql }: Pick<OpenContext, 'sql'>): Promise<Failure> {
  const running = await findRecoding(sql, { state: 'running' });
  const which = running ? `recoding ${shortId(running.id)} (${running.items} of ${running.total} items)` : 'one';
  return new Failure(
    'unavailable',
    `${which} is running, and two would undo each other: go on with it by "recode resume", or end it by "recode cancel"`,
  );
}

async function findNamed({ sql }: Pick<OpenContext, 'sql'>, id?: string): Promise<Recoding> {
  const run = await findRecoding(sql, { id });
  if (run !== null) return run;
  throw new UsageError(
    id === undefined ? 'no history was coded again yet' : `no recoding "${id}": see axiswatch recode status`,
  );
}

function render(io: Io, run: Reported, moves: readonly NamedMove[], { json, by, limit }: ReportFlags): string {
  if (json) return `${JSON.stringify(reportBody(run, moves, { by, limit: Number.POSITIVE_INFINITY }), null, 2)}\n`;
  return showReport(reportBody(run, moves, { by, limit }), screenOf(io).width);
}

function showRuns(runs: readonly Recoding[]): string {
  if (runs.length === 0) return 'no history was coded again yet\n';
  return renderTable(
    [
      { title: 'id' },
      { title: 'asked for' },
      { title: 'state' },
      { title: 'items', right: true },
      { title: 'of', right: true },
      { title: 'gained', right: true },
      { title: 'lost', right: true },
      { title: 'status', right: true },
      { title: 'coder' },
      { title: 'codebook' },
      { title: 'why' },
    ],
    runs.map((run) => [
      shortId(run.id),
      run.requestedAt.toISOString().slice(0, 16).replace('T', ' '),
      run.state,
      String(run.items),
      String(run.total),
      String(run.gained),
      String(run.lost),
      String(run.status),
      `${run.coder.name} ${run.coder.version}`,
      run.coder.codebookVersion,
      run.reason ?? '',
    ]),
  );
}

function readDay(text: string): string {
  if (isDay(text)) return text;
  throw new InvalidArgumentError('write YYYY-MM-DD, like 2026-01-31');
}

function readLimit(text: string): number {
  const n = Number(text);
  if (/^\d+$/.test(text) && n <= 100_000) return n;
  throw new InvalidArgumentError('a number from 0 to 100000');
}
