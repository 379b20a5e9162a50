import { Failure } from '../core/errors.js';
import type { CoderName } from '../core/recode/coding.js';
import type { PageRange } from '../db/recode-pages.js';
import type { CodedStretch, Recoding, RecodingState } from '../db/recodings.js';
import type { ActivityRuntime, Clock, Log } from './deps.js';
import type { CodedPage } from './recode-page.js';

/** Reads and codes pages beside the caller, several at a time. */
export interface PageCoder {
  code(range: PageRange): Promise<CodedPage>;
  /** How many pages it works on at once. */
  lanes: number;
  close(): Promise<void>;
}

export interface RecodeDeps {
  clock: Clock;
  log: Log;
  findRecoding(id: string): Promise<Recoding | null>;
  /** Threads with the coder of this run. Throws a {@link Failure} when this program's coder is not the one the run was asked for. */
  openPageCoder(run: Pick<Recoding, 'id' | 'coder' | 'total' | 'items'>): Promise<PageCoder>;
  findPageEnd(after: string | null, until: string): Promise<string | null>;
  writeStretch(run: Recoding, stretch: CodedStretch, at: Date): Promise<'written' | 'stopped' | 'taken'>;
  endRecoding(id: string, state: 'done' | 'cancelled' | 'failed', at: Date, reason: string | null): Promise<boolean>;
}

/** What a call of {@link recodeItems} did. Counts only: this travels through the history of a workflow. */
export interface RecodeResult {
  /** `running` when the call was used up and there is more to do. */
  state: RecodingState;
  /** Items coded by this call. */
  items: number;
}

export interface RecodeInput {
  id: string;
  /** Items after which the call ends although there are more. */
  maxItems: number;
}

/** What one transaction writes at most, in items: pollers wait for the roll-up meanwhile. */
const MOST_CODINGS = 500;
/** Somebody else works on the run: a worker that was thought dead, for as long as it takes to find out. */
const TAKEN_RETRY_SECONDS = 5;

/**
 * Codes the stored items of a run again, page by page in the order of their ids, from where the run stands. Pages are read and coded
 * ahead while others are written; they are written in order, each with the run's position in one transaction. So a call that is
 * killed, cancelled or repeated leaves every item coded once, and the next call goes on at the last written page.
 */
export async function recodeItems(
  deps: RecodeDeps,
  runtime: ActivityRuntime,
  { id, maxItems }: RecodeInput,
): Promise<RecodeResult> {
  const run = await deps.findRecoding(id);
  if (run === null) throw new Failure('invalid-config', `there is no recoding ${id}`);
  if (run.state !== 'running') return { state: run.state, items: 0 };
  const pages = await deps.openPageCoder(run);
  let items = 0;
  try {
    const { from, to: before, until, doneTo: after } = run;
    const hasMore = await eachPage(deps, pages, { from, before, until, after }, runtime.signal, async (range, page) => {
      tellBroken(deps, run.coder, page);
      for (const stretch of cutPage(range, page)) {
        runtime.signal.throwIfAborted();
        const outcome = await deps.writeStretch(run, stretch, deps.clock.now());
        if (outcome === 'stopped') return false;
        if (outcome === 'taken')
          throw new Failure('unavailable', 'another worker goes on with this recoding', {
            retryAfterSeconds: TAKEN_RETRY_SECONDS,
          });
      }
      items += page.items;
      runtime.heartbeat({ doneTo: range.to, items });
      return items < maxItems;
    });
    if (hasMore) return { state: (await deps.findRecoding(id))?.state ?? 'cancelled', items };
    const isDone = await deps.endRecoding(id, 'done', deps.clock.now(), null);
    return { state: isDone ? 'done' : 'cancelled', items };
  } finally {
    await pages.close();
  }
}

/** What a run covers: items after `after` up to `until`, of these those that count in `[from, before)`. */
export interface RecodeScope {
  after: string | null;
  until: string | null;
  from: string | null;
  before: string | null;
}

/**
 * Hands every page to `take`, in order, while the next ones are being read and coded. True when `take` ended it by returning false,
 * false when there was no page left.
 */
export async function eachPage(
  deps: Pick<RecodeDeps, 'findPageEnd'>,
  pages: PageCoder,
  { after, until, from, before }: RecodeScope,
  signal: AbortSignal,
  take: (range: PageRange, page: CodedPage) => Promise<boolean>,
): Promise<boolean> {
  const ahead: Array<{ range: PageRange; coded: Promise<CodedPage> }> = [];
  let readTo = after;
  let isRead = until === null;
  for (;;) {
    // One more than there are lanes: a lane finds work although the writer is busy with the page before.
    while (!isRead && ahead.length <= pages.lanes) {
      const to = await deps.findPageEnd(readTo, until!);
      if (to === null) isRead = true;
      else {
        const range = { after: readTo, to, from, before };
        const coded = pages.code(range);
        coded.catch(() => undefined); // awaited below, or given up with the rest
        ahead.push({ range, coded });
        readTo = to;
      }
    }
    const next = ahead.shift();
    if (next === undefined) return false;
    signal.throwIfAborted();
    if (!(await take(next.range, await next.coded))) return ahead.length > 0 || !isRead;
  }
}

/** A page in parts of which none holds the roll-up for long; the last one takes the page to its end. */
export function cutPage(range: PageRange, page: CodedPage, most = MOST_CODINGS): CodedStretch[] {
  const { codings, items, broken } = page;
  const stretches: CodedStretch[] = [];
  let after = range.after;
  let done = 0;
  for (let start = 0; start === 0 || start < codings.length; start += most) {
    const part = codings.slice(start, start + most);
    const isLast = start + most >= codings.length;
    const to = isLast ? range.to : part.at(-1)!.itemId;
    const position = isLast ? items : part.at(-1)!.position;
    stretches.push({ after, to, items: position - done, broken: isLast ? broken.length : 0, codings: part });
    after = to;
    done = position;
  }
  return stretches;
}

function tellBroken({ log }: Pick<RecodeDeps, 'log'>, coder: CoderName, { broken }: CodedPage): void {
  for (const { itemId, title, message } of broken)
    log.error({ itemId, title, message, coder: coder.name, version: coder.version }, 'coder failed on an item');
}
