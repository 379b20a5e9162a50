import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, isCancellation, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { DELIVERY_ID, WAKE_DELIVERY_SIGNAL } from './names.js';

/**
 * Starts the one delivery run, or tells the running one that there is more. The child outlives us: a slow chat must not hold
 * up the next poll of the group.
 */
export async function startDelivery(): Promise<void> {
  try {
    await startChild('deliverAlerts', { workflowId: DELIVERY_ID, parentClosePolicy: ParentClosePolicy.ABANDON });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await wakeDelivery();
  }
}

async function wakeDelivery(): Promise<void> {
  try {
    await getExternalWorkflowHandle(DELIVERY_ID).signal(WAKE_DELIVERY_SIGNAL);
  } catch (error) {
    // It ended between the two calls: the watchdog drains what it did not see, a few minutes later at most.
    if (isCancellation(error)) throw error;
  }
}
