import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readEnv } from '../../config/env.js';
import { configFile } from '../../config/load.js';
import type { Model } from '../../core/codebook/data.js';
import { crossValidate, fitModel } from '../../core/coder/fit-model.js';
import { type Figure, type GoldItem, type GoldReport, reportGold } from '../../core/coder/gold.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { Failure } from '../../core/errors.js';
import { openCoder, readBatchLine } from '../coder-input.js';
import type { Io } from '../io.js';
import { renderTable } from '../table.js';

interface GoldOptions {
  json?: boolean;
  cross?: boolean;
  with?: string[];
  fit?: boolean;
  codebook?: string;
}

/** `axiswatch gold FILE...`: precision, recall and F1 of the coder on labelled items. */
export function build(io: Io): Command {
  return new Command('gold')
    .description('How well the coder does on labelled items (JSONL in the gold format).')
    .argument('<file...>', 'JSONL of {id, title, summary, lang, kind, labels: [{indicator, participants, status}]}')
    .option('--json', 'all figures as JSON')
    .option('--cross', 'weights fitted on the other stories for each item (8 parts), so that fitting does not flatter')
    .option('--with <file...>', 'with --cross and --fit: further items to fit on, which are not judged')
    .option('--fit', 'fit the weights on these items and write model.json into the codebook folder')
    .option('--codebook <dir>', 'another codebook folder')
    .action((files: string[], options: GoldOptions) => {
      const items = files.flatMap(readGold);
      const further = (options.with ?? []).flatMap(readGold);
      const { coder, data } = openCoder(io, options.codebook);
      // A new fit takes the threshold of the settings; judging takes the fitted one.
      const threshold = (options.fit ? undefined : data.model?.threshold) ?? data.settings.threshold;
      if (options.fit) {
        const model = fitModel(createRulesCoder({ ...data, model: null }), [...items, ...further], threshold);
        const path = join(options.codebook ?? configFile(readEnv(io.env).configDir, 'codebook'), 'model.json');
        writeFileSync(path, renderModel(model));
        io.err.write(`wrote ${Object.keys(model.weights).length} weights to ${path}\n`);
        return;
      }
      const judged = options.cross
        ? crossValidate(coder, items, threshold, further)
        : items.map((item) => ({ item, labels: coder.code(item.input) }));
      const report = {
        coder: `${coder.name} ${coder.version}`,
        codebook: coder.codebookVersion,
        ...reportGold(judged),
      };
      io.out.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : showReport(report));
    });
}

/** One weight a line, so that a review sees what a new fit changed. */
export function renderModel(model: Model): string {
  const sorted = (weights: Record<string, number>) =>
    Object.fromEntries(Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1)));
  const status = Object.fromEntries(Object.entries(model.status).map(([name, weights]) => [name, sorted(weights)]));
  return `${JSON.stringify({ model: { threshold: model.threshold, weights: sorted(model.weights), status } }, null, 1)}
`;
}

/** Reads a gold file; a line that is no labelled item stops it, since figures over half a file would mislead. */
export function readGold(file: string): GoldItem[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure('invalid-config', `cannot read ${file}: ${(error as Error).message}`);
  }
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, i) => {
      if (line.trim() === '') return [];
      const read = readBatchLine(line);
      if ('problem' in read) throw new Failure('invalid-config', `${file}:${i + 1}: ${read.problem}`);
      const { raw } = read;
      const labels = Array.isArray(raw.labels) ? (raw.labels as Array<Record<string, unknown>>) : null;
      if (labels === null) throw new Failure('invalid-config', `${file}:${i + 1}: no "labels"`);
      return [
        {
          id: String(read.id),
          input: read.input,
          kind: typeof raw.kind === 'string' ? raw.kind : 'unknown',
          story: typeof raw.story === 'string' && raw.story !== '' ? raw.story : String(read.id),
          labels: labels.map((l) => ({
            indicator: String(l.indicator),
            participants: Array.isArray(l.participants) ? l.participants.map(String).sort() : [],
            status: typeof l.status === 'string' ? l.status : null,
            severity: typeof l.severity === 'number' ? l.severity : null,
          })),
        },
      ];
    });
}

const show = (value: number | null) => (value === null ? '-' : value.toFixed(3));

function showReport(report: GoldReport & { coder: string; codebook: string }): string {
  const section = (title: string, figures: Record<string, Figure>) =>
    renderTable(
      [
        { title },
        { title: 'F1', right: true },
        { title: '95 %', right: true },
        { title: 'precision', right: true },
        { title: 'recall', right: true },
        { title: 'gold', right: true },
        { title: 'given', right: true },
      ],
      Object.entries(figures).map(([name, f]) => [
        name,
        show(f.f1),
        `${show(f.low)}-${show(f.high)}`,
        show(f.precision),
        show(f.recall),
        String(f.gold),
        String(f.given),
      ]),
    );
  const { status, severity, calibration } = report;
  const parts = [
    `${report.items} items, coder ${report.coder}, codebook ${report.codebook}\n`,
    section('level', report.overall),
    section('indicator', report.per_indicator),
    section('pair', report.per_dyad),
    section('language', report.per_language),
    section('outlets', report.per_bloc),
    renderTable(
      [
        { title: 'without labels in gold' },
        { title: 'items', right: true },
        { title: 'labelled', right: true },
        { title: 'rate', right: true },
      ],
      Object.entries(report.false_positive_rate).map(([kind, r]) => [
        kind,
        String(r.items),
        String(r.labelled),
        show(r.rate),
      ]),
    ),
    `status right on ${status.right} of ${status.matched} matched labels (${show(status.accuracy)}); severity within one step ${show(severity.within_one)}\n`,
    `expected calibration error ${show(calibration.expected_error)} over ${calibration.labels} labels\n`,
    renderTable(
      [
        { title: 'confidence' },
        { title: 'labels', right: true },
        { title: 'mean', right: true },
        { title: 'right', right: true },
      ],
      calibration.bins
        .filter((b) => b.labels > 0)
        .map((b) => [`${b.from.toFixed(1)}-`, String(b.labels), show(b.mean), show(b.right)]),
    ),
    renderTable(
      [{ title: 'meant' }, { title: 'given' }, { title: 'items', right: true }],
      report.confusion.map((c) => [c.gold, c.given, String(c.items)]),
    ),
    renderTable(
      [{ title: 'worst items' }, { title: 'missed' }, { title: 'wrong' }],
      report.worst.map((w) => [w.id, w.missed.join(' '), w.wrong.join(' ')]),
    ),
  ];
  return parts.join('\n');
}
