import type { DyadLabel } from '../coder/expand-labels.js';
import type { LiveLabel } from './moves.js';

/** What a coder says of one stored item, as `put_observations` takes it. */
export interface Coding {
  itemId: string;
  revision: number;
  /** The day that the item counts on. */
  day: string;
  labels: Array<DyadLabel & { domain: string }>;
  /** How many items of the page were read up to this one, itself included: progress when a page is written in parts. */
  position: number;
}

/** Who codes: what every observation of the recoding carries. */
export interface CoderName {
  name: string;
  version: string;
  codebookVersion: string;
}

/** The cells of an item that a standing decision covers: whatever a machine says there is left out. */
export type DecidedCells = ReadonlySet<string>;

export const cellKey = (indicator: string, dyad: string) => `${indicator} ${dyad}`;

/**
 * True when storing this coding would change the table: a live label of this coder carries other versions or an older revision, or a
 * cell has no label yet. What people decided stays as it is either way.
 */
export function changesStore(
  coding: Pick<Coding, 'revision' | 'labels'>,
  coder: CoderName,
  live: readonly LiveLabel[],
  decided: DecidedCells,
): boolean {
  const own = live.filter((label) => label.coder === coder.name);
  if (own.some((label) => !isCurrent(label, coding, coder))) return true;
  const known = new Set(own.map(({ indicator, dyad }) => cellKey(indicator, dyad)));
  return coding.labels.some(({ indicator, dyad }) => {
    const key = cellKey(indicator, dyad);
    return !known.has(key) && !decided.has(key);
  });
}

/** The live labels that storing this coding would leave: a forecast of `put_observations`, for a dry run. */
export function forecast(
  coding: Coding,
  coder: CoderName,
  live: readonly LiveLabel[],
  decided: DecidedCells,
): LiveLabel[] {
  const kept = live.filter((label) => label.coder !== coder.name || isCurrent(label, coding, coder));
  const known = new Set(
    kept.filter((label) => label.coder === coder.name).map(({ indicator, dyad }) => cellKey(indicator, dyad)),
  );
  const added = coding.labels
    .filter(({ indicator, dyad }) => !known.has(cellKey(indicator, dyad)) && !decided.has(cellKey(indicator, dyad)))
    .map(({ indicator, dyad, participants, direction, status, severity, confidence }) => ({
      itemId: coding.itemId,
      day: coding.day,
      indicator,
      dyad,
      participants,
      direction,
      status,
      severity,
      confidence,
      coder: coder.name,
      coderVersion: coder.version,
      codebookVersion: coder.codebookVersion,
      revision: coding.revision,
    }));
  return [...kept, ...added];
}

function isCurrent(label: LiveLabel, { revision }: Pick<Coding, 'revision'>, coder: CoderName): boolean {
  return (
    label.revision === revision &&
    label.coderVersion === coder.version &&
    label.codebookVersion === coder.codebookVersion
  );
}
