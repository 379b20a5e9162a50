import { askOnce, type OneOpinion } from '../activities/ask-second-coder.js';
import type { CoderInput } from '../core/coder/label.js';
import { Failure } from '../core/errors.js';
import { openOpinionStore, openSecondCoder } from '../runtime/second-coder.js';
import { renderLabel } from './coder-input.js';
import type { Io } from './io.js';
import { withContext } from './open-context.js';
import { showEvidence } from './show-labels.js';
import { cleanText } from './table.js';

export interface SecondOpinion extends OneOpinion {
  model: string;
  instructionsVersion: string;
}

/**
 * What the configured second coder says of one text. It is counted in the books of the month like any call, hence the database;
 * nothing else is stored. Throws `Failure` when there is no second coder, no budget or no answer.
 */
export function askSecond(io: Io, input: CoderInput): Promise<SecondOpinion> {
  return withContext(io, 'axiswatch code --second', async ({ sql, env, data }) => {
    const second = openSecondCoder(env, data);
    if (second === null)
      throw new Failure(
        'invalid-config',
        'There is no second coder: set AXISWATCH_SECOND_CODER, its _URL and its _MODEL.',
      );
    const deps = { opinionStore: openOpinionStore(sql), wallClock: { now: () => new Date() } };
    return { ...second.who, ...(await askOnce(deps, second, input, new AbortController().signal)) };
  });
}

/** The same for programs. */
export function renderOpinion({
  model,
  instructionsVersion,
  outcome,
  reason,
  labels,
  dropped,
  tokens,
  costMicros,
}: SecondOpinion) {
  return {
    model,
    instructions_version: instructionsVersion,
    outcome,
    reason,
    labels: labels.map(renderLabel),
    dropped,
    tokens,
    cost: costMicros / 1e6,
  };
}

/** The opinion for a person: labels with their words, and what was thrown away. */
export function showOpinion(opinion: SecondOpinion): string {
  const { model, instructionsVersion, outcome, reason, labels, dropped, tokens, costMicros } = opinion;
  const lines = ['', `Second coder ${model}, instructions ${instructionsVersion}:`];
  if (outcome !== 'answered') lines.push(`  ${outcome}${reason ? `: ${cleanText(reason)}` : ''}`);
  else if (labels.length === 0) lines.push('  No label.');
  for (const label of labels)
    lines.push(
      `  ${label.indicator}  ${label.participants.join(' ')}${label.direction ? ` ${label.direction}` : ''}  ${label.status}, severity ${label.severity}, its own confidence ${label.confidence}`,
      ...label.evidence.map(showEvidence),
    );
  const thrown = Object.entries(dropped).map(([why, n]) => `${n} ${why}`);
  if (thrown.length > 0) lines.push(`  thrown away: ${thrown.join(', ')}`);
  if (tokens) lines.push(`  ${tokens.input} tokens read, ${tokens.output} written, ${costMicros / 1e6} spent`);
  return `${lines.join('\n')}\n`;
}
