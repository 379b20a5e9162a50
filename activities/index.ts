import { type AskedResult, askSecondCoder, type SecondCoderDeps } from './ask-second-coder.js';
import { type DecidedResult, decideOpinions } from './decide-opinions.js';
import { type ChannelQueue, type DeliveryResult, deliverDue, listPendingChannels } from './deliver-alerts.js';
import type { ActivityRuntime, AlertDeps, ChunkResult, PollDeps } from './deps.js';
import { evaluateRules } from './evaluate-rules.js';
import { type DuePlan, type DueQuery, listDueFeeds } from './plan-polls.js';
import { type ChunkInput, pollChunk } from './poll-feeds.js';
import { type RecodeDeps, type RecodeInput, type RecodeResult, recodeItems } from './recode.js';
import { type WatchDeps, type WatchReport, watchFeeds } from './watch-feeds.js';

export type { AskedResult } from './ask-second-coder.js';
export type { DecidedResult } from './decide-opinions.js';
export type { ChannelQueue, DeliveryResult } from './deliver-alerts.js';
export type { DuePlan, DueQuery } from './plan-polls.js';
export type { ChunkInput } from './poll-feeds.js';
export type { RecodeResult } from './recode.js';
export type { WatchReport } from './watch-feeds.js';

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
  askSecondCoder(): Promise<AskedResult>;
  decideOpinions(): Promise<DecidedResult>;
  recodeItems(input: RecodeInput): Promise<RecodeResult>;
  endRecoding(input: { id: string; state: 'cancelled' | 'failed'; reason: string | null }): Promise<boolean>;
}

/** Everything the use cases need; `runtime/deps.ts` builds it. */
export type Deps = PollDeps & AlertDeps & WatchDeps & SecondCoderDeps & RecodeDeps;

/**
 * The use cases with their deps bound. `runtime` is asked anew for every call, because heartbeats and cancellation belong to the
 * call: under Temporal it is the activity's context, in a command the command's own signal.
 */
export function createActivities(deps: Deps, runtime: () => ActivityRuntime): Activities {
  return {
    listDueFeeds: (query) => listDueFeeds(deps, query),
    pollChunk: (input) => pollChunk(deps, runtime(), input),
    evaluateRules: () => evaluateRules(deps),
    watchFeeds: () => watchFeeds(deps),
    listPendingChannels: () => listPendingChannels(deps),
    deliverDue: (input) => deliverDue(deps, runtime(), input),
    askSecondCoder: () => askSecondCoder(deps, runtime()),
    decideOpinions: () => decideOpinions(deps),
    recodeItems: (input) => recodeItems(deps, runtime(), input),
    endRecoding: ({ id, state, reason }) => deps.endRecoding(id, state, deps.clock.now(), reason),
  };
}
