import type { ChannelQueue, DeliveryResult } from './deliver-alerts.js';
import type { ChunkResult } from './deps.js';
import type { DuePlan, DueQuery } from './plan-polls.js';
import type { WatchReport } from './watch-feeds.js';

export type { ChannelQueue, DeliveryResult } from './deliver-alerts.js';
export type { DuePlan, DueQuery } from './plan-polls.js';
export type { WatchReport } from './watch-feeds.js';

export interface ChunkInput {
  feedIds: string[];
  /** The tick of the run, ISO 8601. */
  runAt: string;
  force: boolean;
}

export interface RulesResult {
  /** Deliveries that wait in the outbox now. */
  deliveries: number;
}

/** What the workflows may ask for; the names are the activity types. Everything here travels through a history: counts and ids. */
export interface Activities {
  listDueFeeds(query: DueQuery): Promise<DuePlan>;
  pollChunk(input: ChunkInput): Promise<ChunkResult>;
  evaluateRules(): Promise<RulesResult>;
  watchFeeds(): Promise<WatchReport>;
  listPendingChannels(): Promise<ChannelQueue[]>;
  deliverDue(input: { channelId: string }): Promise<DeliveryResult>;
}
