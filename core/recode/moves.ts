import type { Day } from '../trends/calendar.js';

/** A live observation as a recoding compares it: what it counts as and who says so. */
export interface LiveLabel {
  itemId: string;
  /** UTC day the item counts on. */
  day: Day;
  indicator: string;
  dyad: string;
  participants: string[];
  direction: string | null;
  status: string;
  severity: number;
  confidence: number;
  coder: string;
  coderVersion: string;
  codebookVersion: string;
  revision: number;
}

/** What a recoding did to one cell of one item. A label that only got other versions or a new confidence has not moved. */
export type MoveKind = 'gained' | 'lost' | 'status';

export interface Move<L extends LiveLabel = LiveLabel> {
  itemId: string;
  day: Day;
  indicator: string;
  dyad: string;
  kind: MoveKind;
  before: L | null;
  after: L | null;
}

export interface MoveCounts {
  gained: number;
  lost: number;
  status: number;
}

/** What moved in one series, over the whole range or in one month of it. */
export interface SeriesMoves extends MoveCounts {
  indicator: string;
  dyad: string;
  /** `YYYY-MM`; null for the whole range. */
  month: string | null;
}

/** A cell counts an item once, whoever labelled it; of several coders the one that outranks the others is shown. */
const RANK: Record<string, number> = { human: 2, llm: 1 };

/** What moved between two sets of live labels of the same items, sorted by item, indicator and dyad. */
export function movesOf<L extends LiveLabel>(before: readonly L[], after: readonly L[]): Move<L>[] {
  const [old, now] = [cellsOf(before), cellsOf(after)];
  const moves: Move<L>[] = [];
  for (const key of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [b, a] = [old.get(key) ?? null, now.get(key) ?? null];
    const kind = b === null ? 'gained' : a === null ? 'lost' : a.status !== b.status ? 'status' : null;
    if (kind === null) continue;
    const { itemId, day, indicator, dyad } = (a ?? b)!;
    moves.push({ itemId, day, indicator, dyad, kind, before: b, after: a });
  }
  return moves;
}

function cellsOf<L extends LiveLabel>(labels: readonly L[]): Map<string, L> {
  const cells = new Map<string, L>();
  for (const label of labels) {
    const key = `${label.itemId} ${label.indicator} ${label.dyad}`;
    const known = cells.get(key);
    if (!known || (RANK[label.coder] ?? 0) > (RANK[known.coder] ?? 0)) cells.set(key, label);
  }
  return cells;
}

export function countMoves(moves: ReadonlyArray<Pick<Move, 'kind'>>): MoveCounts {
  const counts: MoveCounts = { gained: 0, lost: 0, status: 0 };
  for (const { kind } of moves) counts[kind] += 1;
  return counts;
}

/** Moves added up by series, and by month where asked; sorted by indicator, dyad and month. */
export function sumMoves(
  moves: ReadonlyArray<Pick<Move, 'kind' | 'indicator' | 'dyad' | 'day'>>,
  by: 'range' | 'month',
): SeriesMoves[] {
  const series = new Map<string, SeriesMoves>();
  for (const { kind, indicator, dyad, day } of moves) {
    const month = by === 'month' ? day.slice(0, 7) : null;
    const key = `${indicator} ${dyad} ${month ?? ''}`;
    const sum = series.get(key) ?? { indicator, dyad, month, gained: 0, lost: 0, status: 0 };
    sum[kind] += 1;
    series.set(key, sum);
  }
  return [...series.keys()].sort().map((key) => series.get(key)!);
}
