import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { CHUNK_ACTIVITY, RULES_ACTIVITY, STORE_ACTIVITY } from './names.js';
import { type PollGroupInput, type PollGroupResult, runPollGroup } from './orchestrate.js';
import { startDelivery } from './start-delivery.js';

const { listDueFeeds } = proxyActivities<Activities>(STORE_ACTIVITY);
const { pollChunk } = proxyActivities<Activities>(CHUNK_ACTIVITY);
const { evaluateRules } = proxyActivities<Activities>(RULES_ACTIVITY);

/** Polls the feeds of one group that are due; the schedule of the group is only its tick. */
export async function pollGroup(input: PollGroupInput): Promise<PollGroupResult> {
  return runPollGroup({ listDueFeeds, pollChunk, evaluateRules, startDelivery }, input);
}
