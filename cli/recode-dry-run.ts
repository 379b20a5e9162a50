import { eachPage } from '../activities/recode.js';
import type { CodebookData } from '../core/codebook/data.js';
import { Failure } from '../core/errors.js';
import type { CoderName } from '../core/recode/coding.js';
import type { Move } from '../core/recode/moves.js';
import { findPageEnd } from '../db/recode-pages.js';
import { nameItems } from '../db/recode-report.js';
import { findScope } from '../db/recodings.js';
import { PAGE_ITEMS } from '../runtime/recode-deps.js';
import { startPageCoder } from '../runtime/recode-threads.js';
import type { Io } from './io.js';
import type { OpenContext } from './open-context.js';
import type { NamedMove, Reported } from './recode-report.js';

/** Codes the range in this process and keeps only what would move. Reads in read-only transactions. */
export async function dryRun(
  io: Io,
  { sql, clock }: OpenContext,
  { from, to, coder, data }: { from: string | null; to: string | null; coder: CoderName; data: CodebookData },
): Promise<{ run: Reported; moves: NamedMove[] }> {
  const requestedAt = clock.now();
  const { until, total } = await findScope(sql, from, to);
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Failure('unavailable', 'interrupted; nothing was written'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const pages = await startPageCoder(sql, data, total);
  const found: Move[] = [];
  let items = 0;
  let broken = 0;
  try {
    const ports = { findPageEnd: (after: string | null, end: string) => findPageEnd(sql, after, end, PAGE_ITEMS) };
    await eachPage(ports, pages, { after: null, until, from, before: to }, stop.signal, async (_, page) => {
      found.push(...page.moves);
      items += page.items;
      broken += page.broken.length;
      for (const { itemId, message } of page.broken) io.err.write(`the coder failed on item ${itemId}: ${message}\n`);
      return true;
    });
  } finally {
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
    await pages.close();
  }
  const named = await nameItems(sql, [...new Set(found.map(({ itemId }) => itemId))]);
  const moves = found
    .map((move) => ({ ...move, item: named.get(move.itemId) ?? { title: '', url: null, source: '' } }))
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  const counts = { items, total, broken, observations: 0 };
  return {
    run: { id: null, state: 'dry-run', from, to, coder, requestedAt, endedAt: clock.now(), reason: null, ...counts },
    moves,
  };
}
