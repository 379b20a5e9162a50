import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, proxyActivities, startChild } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { RULES_ACTIVITY, rescueId, STORE_ACTIVITY } from './names.js';
import { runWatch, type WatchResult } from './orchestrate.js';
import { pollGroup } from './poll-group.js';
import { startDelivery } from './start-delivery.js';

const { watchFeeds: look } = proxyActivities<Activities>(STORE_ACTIVITY);
const { evaluateRules } = proxyActivities<Activities>(RULES_ACTIVITY);

/** Looks after what fell silent or was left behind; started by its own schedule and by every worker's clock. */
export async function watchFeeds(): Promise<WatchResult> {
  return runWatch({ watchFeeds: look, rescueGroup, evaluateRules, startDelivery });
}

async function rescueGroup(groupId: string): Promise<boolean> {
  try {
    await startChild(pollGroup, {
      workflowId: rescueId(groupId),
      args: [{ groupId }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowRunTimeout: '1 hour',
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
