import type { AlertDeps, Log } from '../../activities/deps.js';
import type { Channel, Notice } from '../../channels/channel.js';
import type { Route } from '../../core/alerts/routing.js';
import type { AlertRule } from '../../core/alerts/rule.js';
import { prepareRule } from '../../core/alerts/rule-kinds.js';
import type { Codebook } from '../../core/codebook/codebook.js';
import { openAlertStore } from '../../db/alerts.js';
import type { Sql } from '../../db/client.js';
import { openDeliveryStore } from '../../db/deliveries.js';
import { type DyadLabel, storePoll } from '../../db/items.js';

import { AT, newId, sampleItem, samplePoll } from './store-samples.js';

/** Log lines as one text each, so that a test can look for what must not be there. */
export function keepLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const keep = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

export const TEST_CODEBOOK: Codebook = {
  version: '1+aa',
  members: ['AAA', 'BBB', 'CCC'].map((code) => ({ code, name: code, country: null })),
  domains: [{ code: 'mil', name: 'mil' }],
  indicators: [
    { id: 'mil.exercise', title: 'Joint exercises', domain: 'mil', polarity: 1, direction: 'mutual', definition: '' },
    { id: 'mil.visit', title: 'Military visits', domain: 'mil', polarity: 1, direction: 'mutual', definition: '' },
    { id: 'mil.quarrel', title: 'Quarrels', domain: 'mil', polarity: -1, direction: 'mutual', definition: '' },
  ],
  dyads: ['AAA-BBB', 'AAA-CCC', 'BBB-CCC'],
};

export function ruleOf(kind: string, params: Record<string, unknown>, more: Partial<AlertRule> = {}): AlertRule {
  return { id: kind, kind, scope: {}, severity: 'high', params, ...more };
}

/** A channel that keeps what it is given; `fail` decides what a send throws. */
export function fakeChannel(id: string, fail: (notice: Notice, call: number) => Error | null = () => null) {
  const sent: Notice[] = [];
  let calls = 0;
  const channel: Channel = {
    id,
    kind: 'fake',
    minIntervalMs: 1000,
    async send(notice) {
      calls++;
      const error = fail(notice, calls);
      if (error) throw error;
      sent.push(notice);
      return { status: 200 };
    },
  };
  return { channel, sent, calls: () => calls };
}

export interface AlertWorld {
  rules?: AlertRule[];
  routes?: Route[];
  channels?: Channel[];
  now?: Date;
}

/** Deps over real tables, with a clock that only pauses move. */
export function alertDeps(
  sql: Sql,
  world: AlertWorld = {},
): AlertDeps & { pauses: number[]; advance(ms: number): void; log: Log & { lines: string[] } } {
  let wall = (world.now ?? AT).getTime();
  const pauses: number[] = [];
  const clock = { now: () => new Date(wall) };
  return {
    clock: { now: () => world.now ?? AT },
    wallClock: clock,
    log: keepLog(),
    codebook: TEST_CODEBOOK,
    rules: (world.rules ?? []).map(prepareRule),
    routes: world.routes ?? [{ match: {}, channels: ['chat'], continue: false }],
    channels: new Map((world.channels ?? []).map((channel) => [channel.id, channel])),
    alertStore: openAlertStore(sql),
    deliveryStore: openDeliveryStore(sql),
    newId,
    pauses,
    advance(ms) {
      wall += ms;
    },
    async pause(ms) {
      pauses.push(ms);
      wall += ms;
    },
  };
}

/** Both sources were read on every day from `from` to the day of {@link AT}. */
export async function coverDays(sql: Sql, from: string): Promise<void> {
  await sql`
    insert into coverage_days (day, feed_id, successes, failures, items, first_success_at, last_success_at)
    select d::date, f.id, 1, 0, 0, d, d from feeds f,
      generate_series(${from}::timestamptz, ${AT}::timestamptz, interval '1 day') d
    on conflict do nothing`;
}

/** One new item of a source with these labels. */
export async function report(
  sql: Sql,
  source: string,
  name: string,
  labels: DyadLabel[],
  more: Parameters<typeof sampleItem>[2] = {},
): Promise<void> {
  // Polls of one feed at one moment are one poll.
  const [row] = await sql<Array<{ count: number }>>`select count(*)::int as count from polls`;
  const at = new Date(AT.getTime() + row!.count * 1000);
  await storePoll(sql, samplePoll(source, { at, items: [sampleItem(name, labels, more)] }));
}
