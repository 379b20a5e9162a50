import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { OPINION_ACTIVITY, RULES_ACTIVITY, STORE_ACTIVITY } from './names.js';
import { runSecondCoder, type SecondCoderResult } from './run-second-coder.js';
import { startDelivery } from './start-delivery.js';

const { askSecondCoder } = proxyActivities<Activities>(OPINION_ACTIVITY);
const { decideOpinions } = proxyActivities<Activities>(STORE_ACTIVITY);
const { evaluateRules } = proxyActivities<Activities>(RULES_ACTIVITY);

/** About twenty events each with the decisions: histories stay small. */
const MAX_CALLS = 50;

/** Has the second coder code what it has not seen, and in `adjudicate` mode decide; started by its schedule, one run at a time. */
export async function secondCoder(): Promise<SecondCoderResult> {
  return runSecondCoder({ askSecondCoder, decideOpinions, evaluateRules, startDelivery }, MAX_CALLS);
}
