import type { Interval } from '../core/coder/figures.js';
import type { Figure, GoldReport } from '../core/coder/gold.js';
import { type Column, cleanText, cutText, renderTable } from './table.js';

const show = (value: number | null) => (value === null ? '-' : value.toFixed(3));
const range = ({ low, high }: Interval) => (low === null || high === null ? '' : `${show(low)}-${show(high)}`);

/** Figures of the coder in tables for a person. Intervals are 95 %. */
export function showGold(report: GoldReport & { coder: string; codebook: string }): string {
  const { status, severity, calibration } = report;
  const section = (title: string, figures: Record<string, Figure>) =>
    numbers(
      [title, 'F1', '95 %', 'precision', '95 %', 'recall', '95 %', 'gold', 'given'],
      Object.entries(figures).map(([name, f]) => [
        name,
        show(f.f1),
        range(f),
        show(f.precision),
        range(f.precision_interval),
        show(f.recall),
        range(f.recall_interval),
        String(f.gold),
        String(f.given),
      ]),
    );
  const parts = [
    `${report.items} items, coder ${report.coder}, codebook ${report.codebook}\n`,
    section('level', report.overall),
    section('indicator', report.per_indicator),
    section('domain', report.per_domain),
    section('pair', report.per_dyad),
    section('language', report.per_language),
    section('outlets', report.per_bloc),
    section('kind', report.per_kind),
    section('status', report.per_status),
    numbers(
      ['without labels in gold', 'items', 'labelled', 'rate', '95 %'],
      Object.entries(report.false_positive_rate).map(([kind, r]) => [
        kind,
        String(r.items),
        String(r.labelled),
        show(r.rate),
        range(r),
      ]),
    ),
    `status right on ${status.right} of ${status.matched} matched labels (${show(status.accuracy)}, 95 % ${range(status) || '-'}); severity right on ${show(severity.right)}, within one step ${show(severity.within_one)}\n`,
    numbers(
      ['status meant > given', 'labels'],
      Object.entries(status.confusion)
        .sort(([, a], [, b]) => b - a)
        .map(([pair, n]) => [pair, String(n)]),
    ),
    `expected calibration error ${show(calibration.expected_error)} over ${calibration.labels} labels\n`,
    numbers(
      ['confidence', 'labels', 'mean', 'right'],
      calibration.bins
        .filter((b) => b.labels > 0)
        .map((b) => [`${b.from.toFixed(1)}-`, String(b.labels), show(b.mean), show(b.right)]),
    ),
    renderTable(
      [{ title: 'indicator meant' }, { title: 'given' }, { title: 'items', right: true }],
      report.confusion.map((c) => [c.gold, c.given, String(c.items)]),
    ),
    renderTable(
      [{ title: 'worst items' }, { title: 'missed' }, { title: 'wrong' }, { title: 'title' }],
      report.worst.map((w) => [w.id, w.missed.join(' '), w.wrong.join(' '), cutText(cleanText(w.title), 60)]),
    ),
  ];
  return parts.join('\n');
}

/** A table whose first column is words and the rest numbers. */
function numbers(titles: string[], rows: string[][]): string {
  return renderTable(
    titles.map((title, i): Column => ({ title, right: i > 0 })),
    rows,
  );
}
