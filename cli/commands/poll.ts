import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { ActivityRuntime } from '../../activities/deps.js';
import { createActivities } from '../../activities/index.js';
import { pollChunk } from '../../activities/poll-feeds.js';
import type { SourceConfig } from '../../config/types.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { Failure } from '../../core/errors.js';
import { nearestValue } from '../../core/nearest.js';
import { groupFeeds } from '../../core/polling/groups.js';
import type { PollOutcome } from '../../core/polling/poll.js';
import { recordCodebook } from '../../db/codebooks.js';
import { syncSources } from '../../db/feeds.js';
import { buildDeps } from '../../runtime/deps.js';
import { drainDeliveries } from '../../workflows/drain-deliveries.js';
import { type PollGroupResult, runPollGroup } from '../../workflows/orchestrate.js';
import { EXIT, type Io, UsageError } from '../io.js';
import { type OpenContext, withContext } from '../open-context.js';
import { cleanText, cutText, renderTable } from '../table.js';

/** A chat that asks to wait longer than this gets its alert from the next pass or from a running worker. */
const MAX_DELIVERY_WAIT_MS = 5_000;
const MAX_DELIVERY_CALLS = 200;

interface PollOptions {
  due: boolean;
  json?: boolean;
}

/** `axiswatch poll [FEED ...] --once`: the poll orchestration in this process, without a Temporal server. */
export function build(io: Io, exit: (code: number) => void): Command {
  return new Command('poll')
    .description(
      'Poll feeds once, now, without a Temporal server: all, or those named (a source id names all of its feeds).',
    )
    .argument('[feed...]', 'feed or source ids; default: every feed that is not paused or gone')
    .option(
      '--once',
      'one pass, then end (there is no other way yet; a running `up` or `worker` polls on schedule)',
      true,
    )
    .option('--due', 'only those that are due', false)
    .option('--json', 'outcomes as JSON')
    .action(async (names: string[], options: PollOptions) => {
      const { outcomes, result } = await withContext(io, 'axiswatch poll', (context) =>
        pollOnce(context, names, options),
      );
      io.out.write(options.json ? renderOutcomes(outcomes, result) : showOutcomes(outcomes, result));
      if (result.failed > 0) exit(EXIT.failed);
    });
}

/** One pass of `runPollGroup` with the activities called directly; Ctrl-C ends it after recording what was polled. */
async function pollOnce(context: OpenContext, names: string[], { due }: PollOptions) {
  const { sql, config, codebook, data, env, log, clock } = context;
  const feedIds = names.length === 0 ? undefined : feedsNamed(config.sources, names);
  await recordCodebook(sql, codebook, clock.now());
  await syncSources(sql, config.sources, groupFeeds(config.sources), clock.now());
  const deps = buildDeps({ config, codebook, coder: createRulesCoder(data), sql, env, log, clock });

  const stop = new AbortController();
  const onSignal = () => stop.abort(new Failure('unavailable', 'interrupted; what was polled is recorded'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const runtime: ActivityRuntime = {
    heartbeat: () => undefined,
    lastHeartbeat: () => undefined,
    signal: stop.signal,
    attempt: 1,
  };
  const activities = createActivities(deps, () => runtime);
  const outcomes: PollOutcome[] = [];
  const delivery = {
    ...activities,
    wait: (ms: number) => sleep(ms, undefined, { signal: stop.signal }),
  };
  try {
    const result = await runPollGroup(
      {
        ...activities,
        pollChunk: (input) => pollChunk(deps, runtime, input, (outcome) => outcomes.push(outcome)),
        async startDelivery() {
          await drainDeliveries(delivery, { maxWaitMs: MAX_DELIVERY_WAIT_MS, maxCalls: MAX_DELIVERY_CALLS });
        },
      },
      { feedIds, force: !due },
    );
    return { outcomes, result };
  } finally {
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
  }
}

/** Feed ids for feed and source ids. A name that is neither is wrong use. */
function feedsNamed(sources: readonly SourceConfig[], names: readonly string[]): string[] {
  const byName = new Map<string, string[]>();
  for (const source of sources) {
    byName.set(
      source.id,
      source.feeds.map(({ id }) => id),
    );
    for (const { id } of source.feeds) if (!byName.has(id)) byName.set(id, [id]);
  }
  const ids = names.flatMap((name) => {
    const found = byName.get(name);
    if (found !== undefined) return found;
    const nearest = nearestValue(name, [...byName.keys()]);
    throw new UsageError(
      `no feed or source "${name}" is configured${nearest === null ? '' : `; did you mean "${nearest}"?`}`,
    );
  });
  return [...new Set(ids)];
}

const WORDS: Record<PollOutcome['kind'], string> = {
  polled: 'read',
  'not-modified': 'unchanged',
  'rate-limited': 'asked to wait',
  failed: 'failed',
  gone: 'gone',
};

function showOutcomes(outcomes: readonly PollOutcome[], result: PollGroupResult): string {
  const sorted = [...outcomes].sort((a, b) => (a.feedId < b.feedId ? -1 : 1));
  const rows = sorted.map((one) => [
    one.feedId,
    WORDS[one.kind],
    one.kind === 'polled' ? String(one.entries) : '',
    one.added > 0 ? String(one.added) : '',
    one.revised > 0 ? String(one.revised) : '',
    cutText(cleanText([one.reason, one.detail ?? one.repairs.join(', ')].filter(Boolean).join(': ')), 100),
  ]);
  const columns = [
    { title: 'feed' },
    { title: 'outcome' },
    { title: 'entries', right: true },
    { title: 'new', right: true },
    { title: 'edited', right: true },
    { title: 'why' },
  ];
  const { polled, unchanged, failed, added, revised, observations, due } = result;
  const summary = `${polled} of ${due} feeds polled: ${added} new items, ${revised} edited, ${observations} observations; ${unchanged} unchanged, ${failed} failed\n`;
  return rows.length === 0 ? `nothing to poll\n` : `${renderTable(columns, rows)}\n${summary}`;
}

function renderOutcomes(outcomes: readonly PollOutcome[], result: PollGroupResult): string {
  const { due, polled, unchanged, failed, added, revised, observations } = result;
  const feeds = [...outcomes]
    .sort((a, b) => (a.feedId < b.feedId ? -1 : 1))
    .map(({ feedId, ...outcome }) => ({ feed: feedId, ...outcome }));
  return `${JSON.stringify({ due, polled, unchanged, failed, added, revised, observations, feeds }, null, 2)}\n`;
}
