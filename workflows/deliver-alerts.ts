import { condition, continueAsNew, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { type DrainResult, drainDeliveries } from './drain-deliveries.js';
import { DELIVERY_ACTIVITY, STORE_ACTIVITY, WAKE_DELIVERY_SIGNAL } from './names.js';

const { listPendingChannels } = proxyActivities<Activities>(STORE_ACTIVITY);
const { deliverDue } = proxyActivities<Activities>(DELIVERY_ACTIVITY);

/** What is due later than this is left to the watchdog, which starts us again in time. */
const MAX_WAIT_MS = 10 * 60_000;
/** About six events each: histories stay below the 4,096 at which a new run is advised. */
const MAX_CALLS = 500;

export const wake = defineSignal(WAKE_DELIVERY_SIGNAL);

/**
 * Drains the outbox; one run at a time. A signal that arrives while the last round ends makes the server refuse the completion
 * and run us again, so looking at `woken` once more is enough to miss nothing.
 */
export async function deliverAlerts(): Promise<DrainResult> {
  let woken = false;
  setHandler(wake, () => {
    woken = true;
  });
  const ports = {
    listPendingChannels,
    deliverDue,
    async wait(ms: number) {
      await condition(() => woken, ms);
      woken = false;
    },
  };
  const total = { sent: 0, failed: 0, retried: 0 };
  for (;;) {
    woken = false;
    const result = await drainDeliveries(ports, { maxWaitMs: MAX_WAIT_MS, maxCalls: MAX_CALLS });
    for (const key of ['sent', 'failed', 'retried'] as const) total[key] += result[key];
    if (result.unfinished) await continueAsNew<typeof deliverAlerts>();
    if (!woken) return { ...result, ...total };
  }
}
