import { wilsonInterval } from './wilson.js';

/** Standing decisions of people about coders' labels, one row per cell, counted by everything that figures are grouped by. */
export interface DecisionCount {
  indicator: string;
  dyad: string;
  language: string | null;
  coder: string;
  coderVersion: string;
  verdict: 'confirm' | 'reject' | 'correct';
  /** A correction that kept indicator and dyad: the status, direction or severity was wrong. */
  isSameCell: boolean;
  /** Drawn in a random sample, so that the figure is not of what somebody chose to look at. */
  isSampled: boolean;
  count: number;
}

export interface PrecisionFigure {
  decided: number;
  confirmed: number;
  rejected: number;
  corrected: number;
  /** Of the corrected those with the right indicator and dyad. */
  corrected_within: number;
  /** confirmed / decided, with its 95 % interval (Wilson); null without decisions. */
  precision: number | null;
  low: number | null;
  high: number | null;
  /** The same when only indicator and dyad need to be right, as `axiswatch gold` counts. */
  precision_of_cells: number | null;
}

export interface PrecisionReport {
  overall: PrecisionFigure;
  sampled: PrecisionFigure;
  per_indicator: Record<string, PrecisionFigure>;
  per_dyad: Record<string, PrecisionFigure>;
  per_language: Record<string, PrecisionFigure>;
  per_coder: Record<string, PrecisionFigure>;
}

const round = (value: number | null | undefined) =>
  value === null || value === undefined ? null : Math.round(value * 10_000) / 10_000;

export function figureOf(counts: readonly DecisionCount[]): PrecisionFigure {
  const sum = (fits: (count: DecisionCount) => boolean) =>
    counts.filter(fits).reduce((total, { count }) => total + count, 0);
  const confirmed = sum(({ verdict }) => verdict === 'confirm');
  const rejected = sum(({ verdict }) => verdict === 'reject');
  const corrected = sum(({ verdict }) => verdict === 'correct');
  const within = sum(({ verdict, isSameCell }) => verdict === 'correct' && isSameCell);
  const decided = confirmed + rejected + corrected;
  const interval = wilsonInterval(confirmed, decided);
  return {
    decided,
    confirmed,
    rejected,
    corrected,
    corrected_within: within,
    precision: decided === 0 ? null : round(confirmed / decided),
    low: round(interval?.low),
    high: round(interval?.high),
    precision_of_cells: decided === 0 ? null : round((confirmed + within) / decided),
  };
}

/** How often coders' labels were right by the people who looked: overall, for the randomly drawn ones, and by what is asked most. */
export function reportPrecision(counts: readonly DecisionCount[]): PrecisionReport {
  const by = (key: (count: DecisionCount) => string) => {
    const groups = new Map<string, DecisionCount[]>();
    for (const count of counts) groups.set(key(count), [...(groups.get(key(count)) ?? []), count]);
    return Object.fromEntries([...groups.keys()].sort().map((name) => [name, figureOf(groups.get(name)!)]));
  };
  return {
    overall: figureOf(counts),
    sampled: figureOf(counts.filter(({ isSampled }) => isSampled)),
    per_indicator: by(({ indicator }) => indicator),
    per_dyad: by(({ dyad }) => dyad),
    per_language: by(({ language }) => language ?? 'unknown'),
    per_coder: by(({ coder, coderVersion }) => `${coder} ${coderVersion}`),
  };
}
