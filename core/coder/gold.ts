import { createHash } from 'node:crypto';
import { dyadsOf } from '../codebook/codebook.js';
import type { CoderInput, Label } from './label.js';

/** A labelled item of a gold file. */
export interface GoldItem {
  id: string;
  input: CoderInput;
  kind: string;
  /** Items about one act share it, so that they are never on both sides of a split. */
  story: string;
  labels: Array<{ indicator: string; participants: string[]; status: string | null; severity: number | null }>;
}

export interface Figure {
  precision: number | null;
  recall: number | null;
  f1: number | null;
  low: number | null;
  high: number | null;
  gold: number;
  given: number;
}

/** What a coder said of one gold item, reduced to what is counted. */
export interface Judgement {
  item: GoldItem;
  labels: Label[];
}

type Counts = [hits: number, wrong: number, missed: number];

/** Rows `indicator|dyad` of labels. */
export function rowsOf(labels: ReadonlyArray<{ indicator: string; participants: string[] }>): Set<string> {
  return new Set(labels.flatMap((l) => dyadsOf(l.participants).map((dyad) => `${l.indicator}|${dyad}`)));
}

const LEVELS: Record<string, (row: string) => string> = {
  indicator: (row) => row,
  domain: (row) => row.replace(/\.[^|]*/, ''),
  dyad: (row) => row.split('|')[1] ?? '',
  relevance: () => 'relevant',
};

function project(rows: Set<string>, level: string): Set<string> {
  return new Set([...rows].map(LEVELS[level]!));
}

function compare(gold: Set<string>, given: Set<string>, keep: (row: string) => boolean): Counts {
  const counts: Counts = [0, 0, 0];
  for (const row of given) if (keep(row)) counts[gold.has(row) ? 0 : 1]++;
  for (const row of gold) if (keep(row) && !given.has(row)) counts[2]++;
  return counts;
}

const ratio = (a: number, b: number) => (b > 0 ? a / b : null);
const f1Of = ([hits, wrong, missed]: Counts) => ratio(2 * hits, 2 * hits + wrong + missed);

/** Precision, recall and F1 with a bootstrap interval over items (percentiles of 400 resamples, fixed seed). */
export function figure(
  items: readonly Judgement[],
  level: string,
  keep: (row: string) => boolean = () => true,
): Figure {
  const counts = items.map(({ item, labels }) =>
    compare(project(rowsOf(item.labels), level), project(rowsOf(labels), level), keep),
  );
  const total = sum(counts);
  const random = seeded(20260101);
  const samples: number[] = [];
  for (let r = 0; r < 400; r++) {
    const sample: Counts = [0, 0, 0];
    for (let i = 0; i < counts.length; i++) {
      const at = counts[Math.floor(random() * counts.length)]!;
      for (let k = 0; k < 3; k++) sample[k]! += at[k]!;
    }
    const f1 = f1Of(sample);
    if (f1 !== null) samples.push(f1);
  }
  samples.sort((a, b) => a - b);
  const at = (q: number) => samples[Math.round(q * (samples.length - 1))] ?? null;
  return {
    precision: ratio(total[0], total[0] + total[1]),
    recall: ratio(total[0], total[0] + total[2]),
    f1: f1Of(total),
    low: at(0.025),
    high: at(0.975),
    gold: total[0] + total[2],
    given: total[0] + total[1],
  };
}

function sum(counts: readonly Counts[]): Counts {
  const total: Counts = [0, 0, 0];
  for (const c of counts) for (let k = 0; k < 3; k++) total[k]! += c[k]!;
  return total;
}

/** mulberry32: a small generator that gives equal numbers for equal seeds. */
export function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface GoldReport {
  items: number;
  overall: Record<string, Figure>;
  per_indicator: Record<string, Figure>;
  per_dyad: Record<string, Figure>;
  per_language: Record<string, Figure>;
  per_bloc: Record<string, Figure>;
  false_positive_rate: Record<string, { items: number; labelled: number; rate: number }>;
  status: { matched: number; right: number; accuracy: number | null; confusion: Record<string, number> };
  severity: { matched: number; within_one: number | null };
  calibration: {
    labels: number;
    expected_error: number | null;
    bins: Array<{ from: number; labels: number; mean: number; right: number }>;
  };
  /** Indicator given where another one of the same pair was right, most frequent first. */
  confusion: Array<{ gold: string; given: string; items: number }>;
  worst: Array<{ id: string; missed: string[]; wrong: string[] }>;
}

/** All figures of a coder on gold items. */
export function reportGold(items: readonly Judgement[]): GoldReport {
  const group = (key: (j: Judgement) => string): Map<string, Judgement[]> => {
    const out = new Map<string, Judgement[]>();
    for (const j of items) out.set(key(j), [...(out.get(key(j)) ?? []), j]);
    return new Map([...out].sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const rows = items.flatMap((j) => [...rowsOf(j.item.labels), ...rowsOf(j.labels)]);
  const indicators = [...new Set(rows.map((row) => row.split('|')[0]!))].sort();
  const dyads = [...new Set(rows.map((row) => row.split('|')[1]!))].sort();
  const byKey = <T>(keys: readonly string[], of: (key: string) => T) => Object.fromEntries(keys.map((k) => [k, of(k)]));
  const negatives = [...group((j) => j.item.kind)].filter(([kind]) => kind !== 'positive');
  return {
    items: items.length,
    overall: byKey(Object.keys(LEVELS), (level) => figure(items, level)),
    per_indicator: byKey(indicators, (id) => figure(items, 'indicator', (row) => row.startsWith(`${id}|`))),
    per_dyad: byKey(dyads, (dyad) => figure(items, 'dyad', (row) => row === dyad)),
    per_language: Object.fromEntries(
      [...group((j) => j.item.input.language ?? '?')].map(([k, v]) => [k, figure(v, 'indicator')]),
    ),
    per_bloc: Object.fromEntries(
      [...group((j) => j.item.input.bloc ?? '?')].map(([k, v]) => [k, figure(v, 'indicator')]),
    ),
    false_positive_rate: Object.fromEntries(
      negatives.map(([kind, list]) => {
        const labelled = list.filter((j) => j.labels.length > 0).length;
        return [kind, { items: list.length, labelled, rate: labelled / list.length }];
      }),
    ),
    ...compareMatched(items),
    calibration: calibrationOf(items),
    confusion: confusionOf(items),
    worst: worstOf(items),
  };
}

function compareMatched(items: readonly Judgement[]): Pick<GoldReport, 'status' | 'severity'> {
  let [matched, right, close, graded] = [0, 0, 0, 0];
  const confusion: Record<string, number> = {};
  for (const { item, labels } of items)
    for (const gold of item.labels)
      for (const label of labels) {
        if (label.indicator !== gold.indicator || label.participants.join() !== [...gold.participants].sort().join())
          continue;
        if (gold.status !== null) {
          matched++;
          if (label.status === gold.status) right++;
          else confusion[`${gold.status} > ${label.status}`] = (confusion[`${gold.status} > ${label.status}`] ?? 0) + 1;
        }
        if (gold.severity !== null) {
          graded++;
          if (Math.abs(label.severity - gold.severity) <= 1) close++;
        }
      }
  return {
    status: { matched, right, accuracy: ratio(right, matched), confusion },
    severity: { matched: graded, within_one: ratio(close, graded) },
  };
}

/** Expected calibration error over ten bins: how far confidence is from the share of labels that are right. */
function calibrationOf(items: readonly Judgement[]): GoldReport['calibration'] {
  const bins = Array.from({ length: 10 }, (_, i) => ({ from: i / 10, labels: 0, mean: 0, right: 0 }));
  for (const { item, labels } of items) {
    const gold = rowsOf(item.labels);
    for (const label of labels) {
      const rows = [...rowsOf([label])];
      const bin = bins[Math.min(9, Math.floor(label.confidence * 10))]!;
      bin.labels++;
      bin.mean += label.confidence;
      bin.right += rows.filter((row) => gold.has(row)).length / rows.length;
    }
  }
  const labels = bins.reduce((n, bin) => n + bin.labels, 0);
  const error = bins.reduce((n, bin) => n + Math.abs(bin.mean - bin.right), 0);
  return {
    labels,
    expected_error: ratio(error, labels),
    bins: bins.map((b) => ({ ...b, mean: b.labels ? b.mean / b.labels : 0, right: b.labels ? b.right / b.labels : 0 })),
  };
}

function confusionOf(items: readonly Judgement[]): GoldReport['confusion'] {
  const counts = new Map<string, number>();
  for (const { item, labels } of items) {
    const [gold, given] = [rowsOf(item.labels), rowsOf(labels)];
    const missed = [...gold].filter((row) => !given.has(row));
    const wrong = [...given].filter((row) => !gold.has(row));
    for (const m of missed)
      for (const w of wrong)
        if (m.split('|')[1] === w.split('|')[1]) {
          const key = `${m.split('|')[0]} ${w.split('|')[0]}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
  }
  return [...counts]
    .map(([key, n]) => ({ gold: key.split(' ')[0]!, given: key.split(' ')[1]!, items: n }))
    .sort((a, b) => b.items - a.items || (a.gold + a.given < b.gold + b.given ? -1 : 1))
    .slice(0, 20);
}

function worstOf(items: readonly Judgement[]): GoldReport['worst'] {
  return items
    .map(({ item, labels }) => {
      const [gold, given] = [rowsOf(item.labels), rowsOf(labels)];
      return {
        id: item.id,
        missed: [...gold].filter((row) => !given.has(row)),
        wrong: [...given].filter((row) => !gold.has(row)),
      };
    })
    .filter((w) => w.missed.length + w.wrong.length > 0)
    .sort((a, b) => b.missed.length + b.wrong.length - a.missed.length - a.wrong.length || (a.id < b.id ? -1 : 1))
    .slice(0, 20);
}

/** Number of the part of a split into `parts` that an item belongs to; items of one story stay together. */
export function partOf(item: Pick<GoldItem, 'story'>, parts: number): number {
  return Number.parseInt(createHash('sha256').update(item.story).digest('hex').slice(0, 8), 16) % parts;
}
