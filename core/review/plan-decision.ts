import { type Codebook, dyadsOf, type Status } from '../codebook/codebook.js';
import { isEvidenced } from '../coder/evidence.js';
import type { EvidenceSpan } from '../coder/label.js';
import type { ParameterProblem } from '../trends/parameters.js';
import type { CellLabel, DecidedCell } from './decision.js';
import { findWords, refitSpans } from './find-words.js';
import type { ReviewRequest } from './review-request.js';
import type { ReviewTools } from './review-tools.js';
import {
  type ReviewedItem,
  type ReviewedRow,
  rejectedLabels,
  type StandingLabel,
  standingLabels,
} from './reviewed-item.js';

export type Plan = { cells: DecidedCell[]; problems: [] } | { cells: null; problems: ParameterProblem[] };

const refused = (parameter: string, message: string, allowed: string[] | null = null): Plan => ({
  cells: null,
  problems: [{ parameter, message, allowed, nearest: null }],
});

/**
 * The cells of a decision: which rows go and what stands in their place. A label that a person puts passes the same gate as
 * everybody's: its act and each of its participants must point to words of the item.
 */
export function planDecision(request: ReviewRequest, item: ReviewedItem, codebook: Codebook, tools: ReviewTools): Plan {
  if (request.verdict === 'add') return planAddition(request, item, codebook, tools);
  const found = chooseLabel(request, item);
  if ('problems' in found) return found;
  const { label, rows } = found;
  if (request.verdict === 'reject')
    return {
      cells: rows.map(({ indicator, dyad }) => ({ indicator, dyad, verdict: 'reject', label: null })),
      problems: [],
    };
  if (request.verdict === 'confirm') {
    const cells: DecidedCell[] = [];
    for (const row of rows) {
      const gated = gateLabel(request, item, codebook, tools, { ...wordsOf(row), indicator: row.indicator });
      if ('problems' in gated) return gated;
      cells.push({ indicator: row.indicator, dyad: row.dyad, verdict: 'confirm', label: gated.label });
    }
    return { cells, problems: [] };
  }
  return planCorrection(request, item, codebook, tools, label, rows);
}

interface Draft {
  indicator: string;
  participants: string[];
  direction: string | null;
  status: Status;
  severity: number;
  flags: string[];
  evidence: EvidenceSpan[];
}

const wordsOf = (row: ReviewedRow): Draft => ({
  indicator: row.indicator,
  participants: row.participants,
  direction: row.direction,
  status: row.status as Status,
  severity: row.severity,
  flags: row.flags,
  evidence: row.evidence,
});

function planAddition(request: ReviewRequest, item: ReviewedItem, codebook: Codebook, tools: ReviewTools): Plan {
  const { indicator } = request;
  const participants = request.participants ?? request.dyad?.split('-') ?? null;
  if (indicator === null)
    return refused(
      'indicator',
      'is missing: which act is to be added?',
      codebook.indicators.map(({ id }) => id),
    );
  if (participants === null) return refused('participants', 'is missing: who takes part?', codebook.dyads);
  const dyads = dyadsOf(participants);
  const live = item.rows.filter((row) => row.isLive && row.indicator === indicator && dyads.includes(row.dyad));
  if (live.length === dyads.length)
    return refused(
      'verdict',
      `the item has ${indicator} for ${participants.join('-')} already: confirm or correct it`,
      ['confirm', 'correct'],
    );
  const gated = gateLabel(request, item, codebook, tools, {
    indicator,
    participants,
    direction: request.to.direction,
    status: request.to.status ?? 'occurred',
    severity: request.to.severity ?? tools.severityOf(indicator),
    flags: [],
    evidence: [],
  });
  if ('problems' in gated) return gated;
  return { cells: dyads.map((dyad) => ({ indicator, dyad, verdict: 'add', label: gated.label })), problems: [] };
}

function planCorrection(
  request: ReviewRequest,
  item: ReviewedItem,
  codebook: Codebook,
  tools: ReviewTools,
  label: StandingLabel,
  rows: ReviewedRow[],
): Plan {
  const { to } = request;
  const old = wordsOf(rows[0]!);
  const indicator = to.indicator ?? old.indicator;
  const participants = to.participants ?? label.participants;
  const isSamePair = participants.join() === label.participants.join();
  const gated = gateLabel(request, item, codebook, tools, {
    indicator,
    participants,
    direction: to.direction ?? (isSamePair ? old.direction : null),
    status: to.status ?? old.status,
    severity: to.severity ?? old.severity,
    flags: old.flags,
    evidence: old.evidence,
  });
  if ('problems' in gated) return gated;
  const isSame =
    indicator === old.indicator &&
    isSamePair &&
    gated.label.status === old.status &&
    gated.label.severity === old.severity &&
    gated.label.direction === old.direction &&
    request.act === null &&
    Object.keys(request.words).length === 0;
  if (isSame) return refused('verdict', 'nothing would change: confirm it', ['confirm']);
  const before = rows.map(({ dyad }) => ({ indicator: old.indicator, dyad }));
  // One pair of a larger group is corrected alone unless the group itself is what is wrong.
  const dyads = to.participants === null ? before.map(({ dyad }) => dyad) : dyadsOf(participants);
  const stays = (cell: { indicator: string; dyad: string }) =>
    cell.indicator === indicator && dyads.includes(cell.dyad);
  return {
    cells: [
      ...before.map((cell): DecidedCell => ({ ...cell, verdict: 'correct', label: stays(cell) ? gated.label : null })),
      ...dyads
        .filter((dyad) => !(indicator === old.indicator && before.some((cell) => cell.dyad === dyad)))
        .map((dyad): DecidedCell => ({ indicator, dyad, verdict: 'add', label: gated.label })),
    ],
    problems: [],
  };
}

/** The one label that the request means, and those of its rows that it speaks of. */
function chooseLabel(
  request: ReviewRequest,
  item: ReviewedItem,
): { label: StandingLabel; rows: ReviewedRow[] } | Extract<Plan, { cells: null }> {
  const { indicator, dyad, participants } = request;
  const fits = (label: StandingLabel) =>
    (indicator === null || label.indicator === indicator) &&
    (participants === null || label.participants.join() === participants.join()) &&
    (dyad === null || label.rows.some((row) => row.dyad === dyad));
  const live = standingLabels(item.rows);
  // What was rejected may turn out to be right, or be rejected again after the text was edited.
  const known = request.verdict === 'correct' ? live : [...live, ...rejectedLabels(item)];
  const meant = known.filter(fits);
  if (request.verdict === 'correct' && meant.length === 0) {
    const taken = rejectedLabels(item).filter(fits);
    if (taken.length > 0) return refused('verdict', undoFirst(taken, item)) as Extract<Plan, { cells: null }>;
  }
  const names = known.map((label) => `${label.indicator} ${label.participants.join('-')}`);
  const problem = (message: string) => refused('indicator', message, names) as Extract<Plan, { cells: null }>;
  if (known.length === 0) return problem('the item has no label: add one');
  if (meant.length === 0) return problem(`the item has no such label; it has ${names.join(', ')}`);
  const [label] = meant;
  if (meant.length > 1 || label === undefined)
    return problem(
      `which label? Name its indicator, dyad or participants: ${meant.map((one) => `${one.indicator} ${one.participants.join('-')}`).join(', ')}`,
    );
  const rows = dyad === null || participants !== null ? label.rows : label.rows.filter((row) => row.dyad === dyad);
  return { label, rows };
}

/** A correction needs the label to stand; a decision that took it out must be taken back before, and this names it. */
function undoFirst(taken: readonly StandingLabel[], { reviews }: ReviewedItem): string {
  return taken
    .map(({ indicator, participants, rows }) => {
      const decision = reviews.findLast(
        (r) => r.supersededAt === null && r.verdict !== 'undo' && rows.some((row) => row.id === r.observationId),
      );
      const did = decision?.verdict === 'reject' ? 'rejected' : 'replaced';
      return `${indicator} ${participants.join('-')} was ${did} by decision ${decision?.id}: undo that first (axiswatch review undo ${decision?.id} --reason "...")`;
    })
    .join('; ');
}

/** Finds the words for a label in the text as it is now, or tells which are missing. */
function gateLabel(
  request: ReviewRequest,
  item: ReviewedItem,
  codebook: Codebook,
  tools: ReviewTools,
  draft: Draft,
): { label: CellLabel } | Extract<Plan, { cells: null }> {
  const problems: ParameterProblem[] = [];
  const miss = (parameter: string, message: string) =>
    problems.push({ parameter, message, allowed: null, nearest: null });
  const indicator = codebook.indicators.find(({ id }) => id === draft.indicator);
  if (!indicator) miss('indicator', `${draft.indicator} is not in the codebook any more`);
  const { input } = item;
  const evidence: EvidenceSpan[] = [];
  let names: EvidenceSpan[] | null = null;
  const kept = refitSpans(input, draft.evidence);
  for (const target of ['act', ...draft.participants]) {
    const given = target === 'act' ? request.act : (request.words[target] ?? null);
    if (given !== null) {
      const span = findWords(input, target, given);
      if (span) evidence.push(span);
      else miss(target === 'act' ? 'act' : 'words', `"${given.slice(0, 80)}" does not stand in the item`);
      continue;
    }
    const known = kept.filter((span) => span.for === target);
    if (known.length > 0) {
      evidence.push(...known);
      continue;
    }
    names ??= target === 'act' ? null : tools.findNames(input);
    const name = names?.find((span) => span.for === target);
    if (name) evidence.push(name);
    else if (target === 'act') miss('act', 'is missing: give the words of the item that show the act');
    else miss('words', `of ${target} are missing: nothing in the item names it, so give the words that do`);
  }
  const direction = directionOf(draft, indicator?.direction ?? 'either');
  if (draft.direction !== null && draft.direction !== 'mutual' && direction === null)
    miss('to_direction', `${draft.direction} does not run between two participants`);
  if (problems.length > 0 || !indicator) return { cells: null, problems };
  if (!isEvidenced(input, { participants: draft.participants, evidence }))
    return refused('act', 'the words do not stand in the item') as Extract<Plan, { cells: null }>;
  const { participants, status, severity, flags } = draft;
  return {
    label: {
      domain: indicator.domain,
      polarity: indicator.polarity,
      participants,
      direction,
      status,
      severity: severity as CellLabel['severity'],
      // A person who looked is sure; how often people are wrong is not known to us.
      confidence: 1,
      flags,
      rules: [],
      evidence,
    },
  };
}

function directionOf(draft: Draft, kind: 'directed' | 'mutual' | 'either'): string | null {
  if (kind === 'mutual') return 'mutual';
  if (draft.direction === null || draft.direction === 'mutual') return draft.direction;
  const [from, to] = draft.direction.split('>');
  const runs = from !== to && draft.participants.includes(from ?? '') && draft.participants.includes(to ?? '');
  return runs ? draft.direction : null;
}
