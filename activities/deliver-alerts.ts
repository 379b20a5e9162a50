import type { Channel } from '../channels/channel.js';
import { nextAttempt } from '../core/alerts/next-attempt.js';
import { Failure } from '../core/errors.js';
import type { ClaimedDelivery } from '../db/deliveries.js';
import type { ActivityRuntime, AlertDeps } from './deps.js';

type Deps = Pick<AlertDeps, 'wallClock' | 'log' | 'channels' | 'deliveryStore' | 'pause'>;

/** A channel with waiting deliveries. */
export interface ChannelQueue {
  channelId: string;
  pending: number;
  /** Milliseconds until the next one is due; 0 when one is due now. */
  nextInMs: number;
}

export interface DeliveryResult {
  sent: number;
  /** Given up; the reasons are on the rows. */
  failed: number;
  /** Will be tried again. */
  retried: number;
}

/** Deliveries of one channel per call, so that a call ends well within its deadline. */
const BATCH_DELIVERIES = 10;
/** Longer than any attempt may take; after a crash the delivery is tried again when it is over. */
const LEASE_MS = 60_000;

/** Channels with something in the outbox, the longest waiting first. */
export async function listPendingChannels(deps: Deps): Promise<ChannelQueue[]> {
  const now = deps.wallClock.now().getTime();
  const channels = await deps.deliveryStore.listPendingChannels();
  return channels.map(({ channelId, pending, nextAttemptAt }) => ({
    channelId,
    pending,
    nextInMs: Math.max(0, nextAttemptAt.getTime() - now),
  }));
}

/**
 * Sends what is due on one channel, oldest first, at the pace of the channel. Trouble is data: it ends up on the delivery's row
 * with its reason and the time of the next try. At least once: a crash between sending and recording sends again, under the
 * same id.
 */
export async function deliverDue(
  deps: Deps,
  runtime: ActivityRuntime,
  { channelId }: { channelId: string },
): Promise<DeliveryResult> {
  const result: DeliveryResult = { sent: 0, failed: 0, retried: 0 };
  const channel = deps.channels.get(channelId);
  if (!channel) {
    const problem = { reason: 'invalid-config', detail: `channel "${channelId}" is not configured`, status: null };
    return { ...result, failed: await deps.deliveryStore.failChannel(channelId, problem) };
  }
  for (let tried = 0; tried < BATCH_DELIVERIES && !runtime.signal.aborted; tried++) {
    // Also before the first: the call before this one may just have sent something.
    await deps.pause(channel.minIntervalMs, runtime.signal);
    if (runtime.signal.aborted) break;
    const now = deps.wallClock.now();
    const delivery = await deps.deliveryStore.claimDelivery(channelId, now, new Date(now.getTime() + LEASE_MS));
    if (!delivery) break;
    runtime.heartbeat({ channelId, tried });
    const outcome = await attempt(deps, channel, delivery, runtime.signal);
    result[outcome.kind]++;
    if (outcome.kind === 'retried' && outcome.hold) break;
  }
  return result;
}

type Outcome = { kind: 'sent' } | { kind: 'failed' } | { kind: 'retried'; hold: boolean };

async function attempt(
  { wallClock, log, deliveryStore }: Deps,
  channel: Channel,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Outcome> {
  const { id, alertId, raisedAt, facts, attempts } = delivery;
  const about = { deliveryId: id, channelId: channel.id, attempts };
  try {
    const notice = { deliveryId: id, alertId, transition: 'raised' as const, raisedAt, facts };
    const { status } = await channel.send(notice, wallClock.now(), signal);
    await deliveryStore.recordSent(id, wallClock.now(), status);
    log.info({ ...about, status }, 'alert delivered');
    return { kind: 'sent' };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const problem = { reason: error.reason, detail: error.message, status: error.more.status ?? null };
    const { retryAfterSeconds } = error.more;
    const next = nextAttempt({ reason: error.reason, retryAfterSeconds }, attempts, wallClock.now());
    if (next.kind === 'give-up') {
      await deliveryStore.recordFailed(id, { ...problem, detail: `${problem.detail} (${next.why})` });
      log.error({ ...about, ...problem }, `alert not delivered: ${next.why}`);
      return { kind: 'failed' };
    }
    await deliveryStore.recordRetry(id, next.at, problem);
    // Whoever asks us to wait means all of our messages.
    const hold = error.reason === 'rate-limited' || retryAfterSeconds !== undefined;
    if (hold) await deliveryStore.holdChannel(channel.id, next.at);
    log.warn({ ...about, ...problem, nextAttemptAt: next.at }, 'alert not delivered yet');
    return { kind: 'retried', hold };
  }
}
