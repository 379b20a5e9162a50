import { createHash } from 'node:crypto';
import { dyadsOf } from '../codebook/codebook.js';
import { type Counts, type Figure, figureOf, ratio, type Share, shareOf } from './figures.js';
import type { CoderInput, Label } from './label.js';

export { type Figure, seeded } from './figures.js';

/** A labelled item of a gold file. */
export interface GoldItem {
  id: string;
  input: CoderInput;
  kind: string;
  /** How much the item counts in fitting, beside 1. */
  weight: number;
  /** Items about one act share it, so that they are never on both sides of a split. */
  story: string;
  labels: Array<{ indicator: string; participants: string[]; status: string | null; severity: number | null }>;
}

/** What a coder said of one gold item, reduced to what is counted. */
export interface Judgement {
  item: GoldItem;
  labels: Label[];
}

type AnyLabel = { indicator: string; participants: string[]; status?: string | null };

/** Rows `indicator|dyad` of labels. */
export function rowsOf(labels: readonly AnyLabel[]): Set<string> {
  return new Set(labels.flatMap((l) => dyadsOf(l.participants).map((dyad) => `${l.indicator}|${dyad}`)));
}

/** Rows `indicator|dyad|status`, of labels that have one. */
function statusRowsOf(labels: readonly AnyLabel[]): Set<string> {
  const known = labels.filter((l) => l.status);
  return new Set(known.flatMap((l) => [...rowsOf([l])].map((row) => `${row}|${l.status}`)));
}

const LEVELS: Record<string, (row: string) => string> = {
  indicator: (row) => row,
  domain: (row) => row.replace(/\.[^|]*/, ''),
  dyad: (row) => row.split('|')[1] ?? '',
  relevance: () => 'relevant',
};

/** Precision, recall and F1 on one level of detail, over the rows that `keep` lets through. */
export function figure(
  items: readonly Judgement[],
  level: string,
  keep: (row: string) => boolean = () => true,
): Figure {
  const project = (labels: readonly AnyLabel[]) => new Set([...rowsOf(labels)].map(LEVELS[level]!));
  return figureOf(items.map(({ item, labels }) => compare(project(item.labels), project(labels), keep)));
}

function compare(gold: Set<string>, given: Set<string>, keep: (row: string) => boolean): Counts {
  const counts: Counts = [0, 0, 0];
  for (const row of given) if (keep(row)) counts[gold.has(row) ? 0 : 1]++;
  for (const row of gold) if (keep(row) && !given.has(row)) counts[2]++;
  return counts;
}

export interface GoldReport {
  items: number;
  overall: Record<string, Figure>;
  per_indicator: Record<string, Figure>;
  /** On (domain, dyad), by the prefix of the indicators. */
  per_domain: Record<string, Figure>;
  per_dyad: Record<string, Figure>;
  per_language: Record<string, Figure>;
  per_bloc: Record<string, Figure>;
  per_kind: Record<string, Figure>;
  /** On (indicator, dyad, status): a label with another status counts as wrong. */
  per_status: Record<string, Figure>;
  false_positive_rate: Record<string, { items: number; labelled: number; rate: number } & Share>;
  status: { matched: number; right: number; accuracy: number | null; confusion: Record<string, number> } & Share;
  severity: { matched: number; right: number | null; within_one: number | null };
  calibration: {
    labels: number;
    expected_error: number | null;
    bins: Array<{ from: number; labels: number; mean: number; right: number }>;
  };
  /** Indicator given where another one of the same pair was right, most frequent first. */
  confusion: Array<{ gold: string; given: string; items: number }>;
  worst: Array<{ id: string; title: string; missed: string[]; wrong: string[] }>;
}

/** All figures of a coder on gold items. */
export function reportGold(items: readonly Judgement[]): GoldReport {
  const rows = items.flatMap((j) => [...rowsOf(j.item.labels), ...rowsOf(j.labels)]);
  const keysOf = (key: (row: string) => string) => [...new Set(rows.map(key))].sort();
  const byKey = <T>(keys: readonly string[], of: (key: string) => T) => Object.fromEntries(keys.map((k) => [k, of(k)]));
  const byGroup = <T>(key: (j: Judgement) => string, of: (list: Judgement[]) => T) =>
    Object.fromEntries([...groupBy(items, key)].map(([name, list]) => [name, of(list)]));
  const onRows = (list: readonly Judgement[]) => figure(list, 'indicator');
  const statuses = items.flatMap((j) => [...j.item.labels, ...j.labels].map((l) => l.status)).filter((s) => s !== null);
  return {
    items: items.length,
    overall: byKey(Object.keys(LEVELS), (level) => figure(items, level)),
    per_indicator: byKey(
      keysOf((row) => row.split('|')[0]!),
      (id) => figure(items, 'indicator', (row) => row.startsWith(`${id}|`)),
    ),
    per_domain: byKey(
      keysOf((row) => row.split('.')[0]!),
      (code) => figure(items, 'domain', (row) => row.startsWith(`${code}|`)),
    ),
    per_dyad: byKey(
      keysOf((row) => row.split('|')[1]!),
      (dyad) => figure(items, 'dyad', (row) => row === dyad),
    ),
    per_language: byGroup((j) => j.item.input.language ?? '?', onRows),
    per_bloc: byGroup((j) => j.item.input.bloc ?? '?', onRows),
    per_kind: byGroup((j) => j.item.kind, onRows),
    per_status: byKey([...new Set(statuses)].sort(), (status) =>
      figureOf(
        items.map(({ item, labels }) =>
          compare(statusRowsOf(item.labels), statusRowsOf(labels), (row) => row.endsWith(`|${status}`)),
        ),
      ),
    ),
    false_positive_rate: falsePositives(items),
    ...compareMatched(items),
    calibration: calibrationOf(items),
    confusion: confusionOf(items),
    worst: worstOf(items),
  };
}

function groupBy(items: readonly Judgement[], key: (j: Judgement) => string): Map<string, Judgement[]> {
  const out = new Map<string, Judgement[]>();
  for (const j of items) out.set(key(j), [...(out.get(key(j)) ?? []), j]);
  return new Map([...out].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Items without labels in gold that got one, by kind. */
function falsePositives(items: readonly Judgement[]): GoldReport['false_positive_rate'] {
  const negatives = items.filter(({ item }) => item.labels.length === 0);
  return Object.fromEntries(
    [...groupBy(negatives, (j) => j.item.kind)].map(([kind, list]) => {
      const labelled = list.filter((j) => j.labels.length > 0).length;
      const share = shareOf(list.map((j) => ({ part: j.labels.length > 0 ? 1 : 0, whole: 1 })));
      return [kind, { items: list.length, labelled, rate: labelled / list.length, ...share }];
    }),
  );
}

function compareMatched(items: readonly Judgement[]): Pick<GoldReport, 'status' | 'severity'> {
  let [exact, close, graded] = [0, 0, 0];
  const confusion: Record<string, number> = {};
  const groups = items.map(({ item, labels }) => {
    const group = { part: 0, whole: 0 };
    for (const gold of item.labels)
      for (const label of labels) {
        if (label.indicator !== gold.indicator || label.participants.join() !== [...gold.participants].sort().join())
          continue;
        if (gold.status !== null) {
          group.whole++;
          if (label.status === gold.status) group.part++;
          else confusion[`${gold.status} > ${label.status}`] = (confusion[`${gold.status} > ${label.status}`] ?? 0) + 1;
        }
        if (gold.severity !== null) {
          graded++;
          if (label.severity === gold.severity) exact++;
          if (Math.abs(label.severity - gold.severity) <= 1) close++;
        }
      }
    return group;
  });
  const matched = groups.reduce((n, group) => n + group.whole, 0);
  const right = groups.reduce((n, group) => n + group.part, 0);
  return {
    status: { matched, right, accuracy: ratio(right, matched), ...shareOf(groups), confusion },
    severity: { matched: graded, right: ratio(exact, graded), within_one: ratio(close, graded) },
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

/** Rows of the gold labels that were not given, and rows given that are not in gold. */
function missesOf({ item, labels }: Judgement): { missed: string[]; wrong: string[] } {
  const [gold, given] = [rowsOf(item.labels), rowsOf(labels)];
  return {
    missed: [...gold].filter((row) => !given.has(row)),
    wrong: [...given].filter((row) => !gold.has(row)),
  };
}

function confusionOf(items: readonly Judgement[]): GoldReport['confusion'] {
  const counts = new Map<string, number>();
  for (const judgement of items) {
    const { missed, wrong } = missesOf(judgement);
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
    .map((judgement) => {
      const { id, input } = judgement.item;
      return { id, title: input.title || input.summary, ...missesOf(judgement) };
    })
    .filter((w) => w.missed.length + w.wrong.length > 0)
    .sort((a, b) => b.missed.length + b.wrong.length - a.missed.length - a.wrong.length || (a.id < b.id ? -1 : 1))
    .slice(0, 20);
}

/** Number of the part of a split into `parts` that an item belongs to; items of one story stay together. */
export function partOf(item: Pick<GoldItem, 'story'>, parts: number): number {
  return Number.parseInt(createHash('sha256').update(item.story).digest('hex').slice(0, 8), 16) % parts;
}
