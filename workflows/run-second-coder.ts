import type { AskedResult, DecidedResult, RulesResult } from '../activities/index.js';

/** What a run of the second coder needs from its driver. No Temporal import in this file. */
export interface SecondCoderPorts {
  askSecondCoder(): Promise<AskedResult>;
  decideOpinions(): Promise<DecidedResult>;
  evaluateRules(): Promise<RulesResult>;
  startDelivery(): Promise<void>;
}

export interface SecondCoderResult extends AskedResult {
  decided: number;
  undecided: number;
}

/**
 * Small batches until nothing is left to ask, the budget is used up, or the calls of one run are: the schedule starts the next.
 * Decides after every batch, and first of all about what an earlier run left or a recoding made uncertain anew.
 */
export async function runSecondCoder(ports: SecondCoderPorts, maxCalls: number): Promise<SecondCoderResult> {
  const total: SecondCoderResult = {
    items: 0,
    asked: 0,
    labelled: 0,
    more: true,
    stopped: null,
    decided: 0,
    undecided: 0,
  };
  let dirty = await decideAll(ports, total, maxCalls);
  for (let calls = 0; total.more && calls < maxCalls; calls++) {
    const { items, asked, labelled, more, stopped } = await ports.askSecondCoder();
    total.items += items;
    total.asked += asked;
    total.labelled += labelled;
    total.more = more;
    total.stopped = stopped;
    if (asked > 0) dirty += await decideAll(ports, total, maxCalls);
  }
  const rules = dirty > 0 ? await ports.evaluateRules() : { deliveries: 0 };
  if (rules.deliveries > 0) await ports.startDelivery();
  return total;
}

async function decideAll(ports: SecondCoderPorts, total: SecondCoderResult, maxCalls: number): Promise<number> {
  let dirty = 0;
  for (let calls = 0; calls < maxCalls; calls++) {
    const result = await ports.decideOpinions();
    total.decided += result.decided;
    total.undecided += result.undecided;
    dirty += result.dirty;
    if (!result.more) break;
  }
  return dirty;
}
