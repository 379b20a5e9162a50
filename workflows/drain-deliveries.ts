import type { ChannelQueue, DeliveryResult } from '../activities/deliver-alerts.js';

/** What draining the outbox needs from its driver: activities in the workflow, direct calls in `poll --once`. */
export interface DeliveryPorts {
  listPendingChannels(): Promise<ChannelQueue[]>;
  deliverDue(input: { channelId: string }): Promise<DeliveryResult>;
  /** Waits; may end early when there is something new in the outbox. */
  wait(ms: number): Promise<void>;
}

export interface DrainLimits {
  /** A channel that is not due within this time is left to a later run. */
  maxWaitMs: number;
  /** Calls of ports in all; what is left then is `unfinished`. */
  maxCalls: number;
}

export interface DrainResult extends DeliveryResult {
  /** Deliveries that still wait. */
  waiting: number;
  /** The calls were used up although something is due soon: run again. */
  unfinished: boolean;
}

/**
 * Sends what is due on every channel, the channels beside each other, and waits for what is due soon: a `Retry-After` or a
 * back-off. Ends when nothing is due within `maxWaitMs`.
 */
export async function drainDeliveries(ports: DeliveryPorts, limits: DrainLimits): Promise<DrainResult> {
  const total: DrainResult = { sent: 0, failed: 0, retried: 0, waiting: 0, unfinished: false };
  for (let calls = 1; ; calls++) {
    const channels = await ports.listPendingChannels();
    total.waiting = channels.reduce((sum, { pending }) => sum + pending, 0);
    const soon = channels.filter(({ nextInMs }) => nextInMs <= limits.maxWaitMs);
    if (soon.length === 0) return total;
    if (calls >= limits.maxCalls) return { ...total, unfinished: true };
    const due = soon.filter(({ nextInMs }) => nextInMs === 0);
    if (due.length === 0) {
      await ports.wait(Math.min(...soon.map(({ nextInMs }) => nextInMs)));
      continue;
    }
    calls += due.length;
    const results = await Promise.all(due.map(({ channelId }) => ports.deliverDue({ channelId })));
    for (const { sent, failed, retried } of results) {
      total.sent += sent;
      total.failed += failed;
      total.retried += retried;
    }
  }
}
