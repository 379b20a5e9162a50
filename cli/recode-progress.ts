import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../db/client.js';
import { endRecoding, findRecoding, type Recoding } from '../db/recodings.js';
import type { Io } from './io.js';
import { shortId } from './recode-report.js';

const LOOK_EVERY_MS = 400;
/** On a terminal the line is rewritten; in a log one line in so many seconds is enough. */
const TELL_EVERY_MS = 5_000;
/** So long without a page, and we ask whether anybody works on it at all. */
const STILL_MS = 10_000;

/**
 * Tells on stderr how far a run is until it ends, or until `signal`; returns its last row. A run whose workflow has ended without a
 * word (terminated by hand) is marked as failed, so that it can be resumed.
 */
export async function followRecoding(
  io: Io,
  sql: Sql,
  begun: Recoding,
  { signal, isWorking }: { signal: AbortSignal; isWorking: () => Promise<boolean> },
): Promise<Recoding> {
  const progress = startProgress(io, begun);
  let last = begun;
  let movedAt = Date.now();
  let askedAt = Date.now();
  let hinted = false;
  for (;;) {
    const row = (await findRecoding(sql, { id: begun.id })) ?? last;
    if (row.items !== last.items) movedAt = Date.now();
    last = row;
    progress.tell(row);
    if (row.state !== 'running' || signal.aborted) break;
    if (Date.now() - Math.max(movedAt, askedAt) > STILL_MS) {
      askedAt = Date.now();
      if (!(await isWorking())) {
        await endRecoding(sql, row.id, 'failed', new Date(), 'its workflow has ended: go on with "recode resume"');
        continue;
      }
      if (!hinted)
        io.err.write('\nNothing has moved for a while: is a worker running (axiswatch worker, axiswatch up)?\n');
      hinted = true;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch((error: unknown) => {
      // An abort is seen above.
      if (!signal.aborted) throw error;
    });
  }
  progress.end();
  return last;
}

function startProgress(io: Io, begun: Recoding) {
  const beganAt = Date.now();
  let toldAt = 0;
  return {
    tell(row: Recoding) {
      const now = Date.now();
      const isLast = row.state !== 'running';
      if (!io.err.isTTY && !isLast && now - toldAt < TELL_EVERY_MS) return;
      toldAt = now;
      const perSecond = Math.round((row.items - begun.items) / Math.max(0.001, (now - beganAt) / 1000));
      const share = row.total === 0 ? 100 : Math.min(100, Math.floor((100 * row.items) / row.total));
      const line = `recoding ${shortId(row.id)}: ${row.items} of ${row.total} items (${share} %), ${perSecond}/s; ${row.gained} gained, ${row.lost} lost, ${row.status} other status`;
      io.err.write(io.err.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    },
    end() {
      if (io.err.isTTY) io.err.write('\n');
    },
  };
}
