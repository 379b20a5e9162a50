/** Names and limits that the client, the worker and the workflows must agree on. Constants only: this file is bundled. */

/** One queue for workflows and activities; a fleet shares it. */
export const TASK_QUEUE = 'axiswatch';

/** Schedules and runs of groups are `poll/<group>`; reconciling deletes below this prefix only. */
export const POLL_PREFIX = 'poll/';
export const WATCH_SCHEDULE_ID = 'watch/feeds';
/** The second coder's schedule and its one run at a time. */
export const SECOND_CODER_ID = 'second-coder/items';
/** One delivery run at a time, whoever starts it. */
export const DELIVERY_ID = 'deliver/alerts';

/** A group polled out of turn because its schedule fell silent. One at a time. */
export function rescueId(groupId: string): string {
  return `${POLL_PREFIX}${groupId}/rescue`;
}

/** A poll that somebody asked for by hand. */
export function manualPollId(feedId: string): string {
  return `${POLL_PREFIX}feed/${feedId}`;
}

/** Codes stored history again; one run of it for each row of `recodings`. */
export function recodeId(recodingId: string): string {
  return `recode/${recodingId}`;
}

export function groupScheduleId(groupId: string): string {
  return `${POLL_PREFIX}${groupId}`;
}

/** `deliverAlerts` hears that there is more in the outbox. */
export const WAKE_DELIVERY_SIGNAL = 'wake';

interface RetryPolicy {
  initialInterval: string;
  backoffCoefficient: number;
  maximumInterval: string;
  maximumAttempts: number;
}

/** What the retry of an activity may cost: a feed's trouble is data, so only the store and the process can fail here. */
const STORE_RETRY: RetryPolicy = {
  initialInterval: '5 seconds',
  backoffCoefficient: 2,
  maximumInterval: '60 seconds',
  maximumAttempts: 5,
};

/** Short statements on Postgres. */
export const STORE_ACTIVITY = { startToCloseTimeout: '60 seconds', retry: STORE_RETRY } as const;

/**
 * A chunk: up to 25 feeds that may each use up their deadline. A worker that died is noticed by the missing heartbeat;
 * a retry skips feeds that this run has polled already.
 */
export const CHUNK_ACTIVITY = {
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '30 seconds',
  retry: STORE_RETRY,
} as const;

/** Rules over all cells that moved. */
export const RULES_ACTIVITY = { startToCloseTimeout: '5 minutes', retry: STORE_RETRY } as const;

/** Up to ten sends on one channel, each with a deadline of its own. */
export const DELIVERY_ACTIVITY = {
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '30 seconds',
  retry: STORE_RETRY,
} as const;

/**
 * Up to a million items. Position is in the table, so a retry repeats nothing; history is long and nobody waits for it, hence the
 * patience with a database that is away (about half an hour). What fails then is resumed by hand.
 */
export const RECODE_ACTIVITY = {
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '30 seconds',
  retry: { ...STORE_RETRY, maximumAttempts: 30 },
} as const;

/**
 * Some calls of a language model, each with a deadline of its own. A server that is away or busy is given time; its `Retry-After`
 * goes before these intervals.
 */
export const OPINION_ACTIVITY = {
  startToCloseTimeout: '25 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '10 seconds', backoffCoefficient: 3, maximumInterval: '10 minutes', maximumAttempts: 5 },
} as const;
