import { CancellationScope, continueAsNew, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities, RecodeResult } from '../activities/index.js';
import { RECODE_ACTIVITY, STORE_ACTIVITY } from './names.js';

const { recodeItems } = proxyActivities<Activities>(RECODE_ACTIVITY);
const { endRecoding } = proxyActivities<Activities>(STORE_ACTIVITY);

export interface RecodeRun {
  id: string;
  /** Items per activity, and activities per run of the workflow; the defaults below when absent. */
  maxItems?: number;
  maxCalls?: number;
}

/** Half a minute of work: a retry begins at the last page written, so this only bounds what one history event stands for. */
const MAX_ITEMS = 1_000_000;
/** Six events each: histories stay far below the 4,096 at which a new run is advised. */
const MAX_CALLS = 200;

/**
 * Codes stored history again, as the row of the run says. Position and outcome are in that row, written with the labels; a run of
 * this workflow that is lost is started again and goes on there.
 */
export async function recode(run: RecodeRun): Promise<RecodeResult> {
  const { id, maxItems = MAX_ITEMS, maxCalls = MAX_CALLS } = run;
  try {
    for (let call = 0; call < maxCalls; call++) {
      const result = await recodeItems({ id, maxItems });
      if (result.state !== 'running') return result;
    }
  } catch (error) {
    const state = isCancellation(error) ? 'cancelled' : 'failed';
    await CancellationScope.nonCancellable(() => endRecoding({ id, state, reason: reasonOf(error) }));
    throw error;
  }
  return continueAsNew<typeof recode>(run);
}

/** What the activity said, below the wrapping of the server. */
function reasonOf(error: unknown): string | null {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error && !isCancellation(error) ? inner.message : null;
}
