import { MAX_AUTHOR } from '../core/review/decision.js';
import { decideLabels, type JudgedLabel } from '../core/second-coder/decide.js';
import type { LiveRow, UndecidedOpinion } from '../db/opinions.js';
import type { SecondCoder, SecondCoderDeps } from './ask-second-coder.js';

export interface DecidedResult {
  /** Labels confirmed, corrected or rejected. */
  decided: number;
  /** Labels left to a person. */
  undecided: number;
  /** Cells whose rules must be evaluated now. */
  dirty: number;
  /** There may be more. */
  more: boolean;
}

const PAGE_OPINIONS = 50;

interface RowsLabel extends JudgedLabel {
  rows: LiveRow[];
}

/**
 * Turns opinions into decisions about the uncertain labels of the rules, in `adjudicate` mode only. Each is stored like a
 * person's, in the name of the second coder, and never goes before a person's. Run again it finds nothing: a decided label is no
 * longer live, and the opinion remembers for which version of the rules it was used.
 */
export async function decideOpinions(deps: SecondCoderDeps): Promise<DecidedResult> {
  const { secondCoder: second, opinionStore: store, coder } = deps;
  const result: DecidedResult = { decided: 0, undecided: 0, dirty: 0, more: false };
  if (second?.mode !== 'adjudicate') return result;
  const decidedWith = `${coder.version} ${coder.codebookVersion}`;
  const opinions = await store.listUndecided({ ...second.who, band: second.band, decidedWith, limit: PAGE_OPINIONS });
  for (const opinion of opinions) {
    await decideOpinion(deps, second, opinion, result);
    await store.markDecided(opinion.id, decidedWith);
  }
  return { ...result, more: opinions.length === PAGE_OPINIONS };
}

async function decideOpinion(
  deps: SecondCoderDeps,
  second: SecondCoder,
  opinion: UndecidedOpinion,
  result: DecidedResult,
): Promise<void> {
  const { model, instructionsVersion } = second.who;
  for (const { label, verdict, reason, by } of decideLabels(labelsOf(opinion.rows), opinion, second.band)) {
    if (verdict === 'undecided') {
      result.undecided++;
      continue;
    }
    const now = deps.clock.now();
    const stored = await deps.opinionStore.putReview(
      {
        decisionId: deps.newId(now),
        itemId: opinion.itemId,
        coder: 'llm',
        revision: opinion.revision,
        coderVersion: `${model} ${instructionsVersion}`,
        codebookVersion: deps.coder.codebookVersion,
        author: `second coder ${model}`.slice(0, MAX_AUTHOR),
        reason,
        sample: null,
        // Whatever was decided since, the function knows who outranks whom.
        seen: null,
        cells: label.rows.map(({ indicator, dyad, ...row }) => ({
          indicator,
          dyad,
          verdict,
          // The words, the weight and the probability stay those of the rules: they are calibrated, a model's own are not.
          label: verdict === 'reject' ? null : { ...row, status: by?.status ?? row.status },
        })),
      },
      now,
    );
    if (stored.outcome === 'written') result.decided++;
    result.dirty += stored.dirty;
    deps.log.info(
      { itemId: opinion.itemId, indicator: label.indicator, verdict, outcome: stored.outcome },
      'second coder decided',
    );
  }
}

/** A label of three members was stored as three rows, of which a person may have decided some already. */
function labelsOf(rows: readonly LiveRow[]): RowsLabel[] {
  const labels = new Map<string, RowsLabel>();
  for (const row of rows) {
    const key = `${row.indicator} ${row.participants.join('-')}`;
    const known = labels.get(key);
    if (known) known.rows.push(row);
    else {
      const { indicator, participants, status, confidence } = row;
      labels.set(key, { indicator, participants, status, confidence, rows: [row] });
    }
  }
  return [...labels.values()];
}
