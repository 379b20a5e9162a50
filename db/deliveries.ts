import type { AlertFacts } from '../core/alerts/facts.js';
import type { Sql } from './client.js';

/** A delivery that the caller may now try, with the alert it is about. */
export interface ClaimedDelivery {
  id: string;
  alertId: string;
  transition: string;
  /** This attempt included. */
  attempts: number;
  raisedAt: Date;
  facts: AlertFacts;
}

/** What became of an attempt that did not succeed; kept on the row as the last word. */
export interface AttemptProblem {
  reason: string;
  detail: string;
  status: number | null;
}

export interface PendingChannel {
  channelId: string;
  pending: number;
  nextAttemptAt: Date;
}

export interface DeliveryStore {
  /** Channels with waiting deliveries and when the next one of each may be tried, the longest waiting first. */
  listPendingChannels(): Promise<PendingChannel[]>;
  /**
   * Takes the oldest delivery of a channel that is due and puts it off until `leaseUntil`, so that nobody else tries it
   * meanwhile; after a crash it is due again then, under the same id. Null when nothing is due.
   */
  claimDelivery(channelId: string, now: Date, leaseUntil: Date): Promise<ClaimedDelivery | null>;
  recordSent(id: string, now: Date, status: number): Promise<void>;
  recordRetry(id: string, nextAttemptAt: Date, problem: AttemptProblem): Promise<void>;
  recordFailed(id: string, problem: AttemptProblem): Promise<void>;
  /** Nothing of this channel is tried before `until`: it asked us to wait. */
  holdChannel(channelId: string, until: Date): Promise<void>;
  /** Gives up everything that waits for a channel; returns how many. */
  failChannel(channelId: string, problem: AttemptProblem): Promise<number>;
}

export function openDeliveryStore(sql: Sql): DeliveryStore {
  return {
    async listPendingChannels() {
      return sql<PendingChannel[]>`
        select channel_id as "channelId", count(*)::int as pending, min(next_attempt_at) as "nextAttemptAt"
        from deliveries where state = 'pending' group by channel_id order by 3, 1`;
    },
    async claimDelivery(channelId, now, leaseUntil) {
      const [row] = await sql<ClaimedDelivery[]>`
        with next as (
          select id from deliveries
          where state = 'pending' and channel_id = ${channelId} and next_attempt_at <= ${now}
          order by created_at, id limit 1 for update skip locked
        )
        update deliveries d set attempts = attempts + 1, next_attempt_at = ${leaseUntil}
        from next, alerts a where d.id = next.id and a.id = d.alert_id
        returning d.id, d.alert_id as "alertId", d.transition, d.attempts, a.raised_at as "raisedAt", a.facts`;
      return row ?? null;
    },
    async recordSent(id, now, status) {
      await sql`
        update deliveries set state = 'sent', sent_at = ${now}, status = ${status}, reason = null, detail = null
        where id = ${id} and state = 'pending'`;
    },
    async recordRetry(id, nextAttemptAt, { reason, detail, status }) {
      await sql`
        update deliveries set next_attempt_at = ${nextAttemptAt}, reason = ${reason}, detail = ${detail}, status = ${status}
        where id = ${id} and state = 'pending'`;
    },
    async recordFailed(id, { reason, detail, status }) {
      await sql`
        update deliveries set state = 'failed', reason = ${reason}, detail = ${detail}, status = ${status}
        where id = ${id} and state = 'pending'`;
    },
    async holdChannel(channelId, until) {
      await sql`
        update deliveries set next_attempt_at = ${until}
        where state = 'pending' and channel_id = ${channelId} and next_attempt_at < ${until}`;
    },
    async failChannel(channelId, { reason, detail, status }) {
      const rows = await sql`
        update deliveries set state = 'failed', reason = ${reason}, detail = ${detail}, status = ${status}
        where state = 'pending' and channel_id = ${channelId} returning id`;
      return rows.length;
    },
  };
}

/** A delivery as `alerts deliveries` shows it. */
export interface DeliveryRecord {
  id: string;
  alertId: string;
  title: string;
  channelId: string;
  transition: string;
  state: 'pending' | 'sent' | 'failed';
  attempts: number;
  createdAt: Date;
  sentAt: Date | null;
  nextAttemptAt: Date;
  reason: string | null;
  detail: string | null;
  status: number | null;
}

/** Newest first. */
export async function listDeliveries(sql: Sql, limit: number): Promise<DeliveryRecord[]> {
  return sql<DeliveryRecord[]>`
    select d.id, d.alert_id as "alertId", a.facts->'series'->>'title' as title, d.channel_id as "channelId", d.transition,
      d.state, d.attempts, d.created_at as "createdAt", d.sent_at as "sentAt", d.next_attempt_at as "nextAttemptAt", d.reason,
      d.detail, d.status
    from deliveries d join alerts a on a.id = d.alert_id order by d.created_at desc, d.id desc limit ${limit}`;
}

/**
 * Puts a delivery (or every delivery of an alert that was not sent) back into the outbox and returns the ids that now wait.
 * One that was sent is sent again as a new delivery with `newId`: under its old id a receiver would drop it as known.
 */
export async function resendDelivery(sql: Sql, id: string, now: Date, newId: string): Promise<string[]> {
  const revived = await sql<Array<{ id: string }>>`
    update deliveries set state = 'pending', attempts = 0, next_attempt_at = ${now}, reason = null, detail = null, status = null
    where (id = ${id} or alert_id = ${id}) and state <> 'sent' returning id`;
  if (revived.length > 0) return revived.map((row) => row.id);
  const again = await sql<Array<{ id: string }>>`
    insert into deliveries (id, alert_id, channel_id, transition, next_attempt_at, created_at)
    select ${newId}, alert_id, channel_id, 'again:' || ${newId}, ${now}, ${now} from deliveries where id = ${id}
    on conflict do nothing returning id`;
  return again.map((row) => row.id);
}
