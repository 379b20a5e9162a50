import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadCodebook } from '../../config/codebook.js';
import { readEnv, SHIPPED_CONFIG_DIR } from '../../config/env.js';
import { configFile } from '../../config/load.js';
import type { CodebookData, Model } from '../../core/codebook/data.js';
import { crossValidate, fitModel, type MakeCoder } from '../../core/coder/fit-model.js';
import { type GoldItem, type GoldReport, reportGold } from '../../core/coder/gold.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { Failure } from '../../core/errors.js';
import { openCoder, type Vocabulary, vocabularyOf } from '../coder-input.js';
import { EXIT, type Io } from '../io.js';
import { type GoldProblem, readGoldFile } from '../read-gold.js';
import { showGold } from '../show-gold.js';

interface GoldOptions {
  json?: boolean;
  cross?: boolean;
  with?: string[];
  fit?: boolean;
  codebook?: string;
}

/** Mistakes in gold files told one by one. */
const TOLD_PROBLEMS = 200;

/** `axiswatch gold FILE...`: precision, recall and F1 of the coder on labelled items. */
export function build(io: Io, exit: (code: number) => void): Command {
  return new Command('gold')
    .description('How well the coder does on labelled items (JSONL in the gold format).')
    .argument('<file...>', 'JSONL of {id, title, summary, lang, kind, labels: [{indicator, participants, status}]}')
    .option('--json', 'all figures as JSON')
    .option('--cross', 'weights fitted on the other stories for each item (8 parts), so that fitting does not flatter')
    .option('--with <file...>', 'with --cross and --fit: further items to fit on, which are not judged')
    .option('--fit', 'fit the weights on these items and write model.json into the codebook folder')
    .option('--codebook <dir>', 'another codebook folder')
    .action((files: string[], options: GoldOptions) => {
      const { coder, data } = openCoder(io, options.codebook);
      const vocabulary = vocabularyOf(data);
      const judgedFiles = readFiles(files, vocabulary);
      const furtherFiles = readFiles(options.with ?? [], vocabulary);
      const { items } = judgedFiles;
      const further = furtherFiles.items;
      const skipped = tellProblems(io, [...judgedFiles.problems, ...furtherFiles.problems]);
      if (items.length === 0) throw new Failure('unavailable', `no labelled item in ${files.join(', ')}`);
      // A new fit takes the threshold of the settings; judging takes the fitted one.
      const threshold = (options.fit ? undefined : data.model?.threshold) ?? data.settings.threshold;
      if (options.fit) {
        if (skipped > 0) throw new Failure('unavailable', 'nothing is fitted on files with mistakes: mend them first');
        const model = fitModel(coderFor(data), items, further, threshold);
        const path = join(options.codebook ?? configFile(readEnv(io.env).configDir, 'codebook'), 'model.json');
        writeFileSync(path, renderModel(model));
        io.err.write(`wrote ${Object.keys(model.weights).length} weights to ${path}\n`);
        return;
      }
      const judged = options.cross
        ? crossValidate(coderFor(data), items, further)
        : items.map((item) => ({ item, labels: coder.code(item.input) }));
      const figures = reportGold(judged);
      const names = new Map(data.codebook.domains.map((domain) => [domain.code, domain.name]));
      const report: GoldReport & { coder: string; codebook: string } = {
        coder: `${coder.name} ${coder.version}`,
        codebook: coder.codebookVersion,
        ...figures,
        per_domain: Object.fromEntries(
          Object.entries(figures.per_domain).map(([code, f]) => [names.get(code) ?? code, f]),
        ),
      };
      io.out.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : showGold(report));
      if (skipped > 0) exit(EXIT.failed);
    });
}

function readFiles(files: readonly string[], vocabulary: Vocabulary): { items: GoldItem[]; problems: GoldProblem[] } {
  const read = files.map((file) => readGoldFile(file, vocabulary));
  return { items: read.flatMap((r) => r.items), problems: read.flatMap((r) => r.problems) };
}

/** What drafts for a fit: of a model it has the suggestions alone. */
export function coderFor(data: CodebookData): MakeCoder {
  const empty = { threshold: data.settings.threshold, net: null, weights: {}, choice: {}, status: {}, severity: {} };
  return (suggestions) => createRulesCoder({ ...data, model: { ...empty, suggestions } });
}

/** Tells every mistake as `file:line`, and returns how many lines are left out for them. */
function tellProblems(io: Io, problems: readonly GoldProblem[]): number {
  for (const { file, line, message } of problems.slice(0, TOLD_PROBLEMS)) io.err.write(`${file}:${line}: ${message}\n`);
  if (problems.length > TOLD_PROBLEMS) io.err.write(`${problems.length - TOLD_PROBLEMS} more mistakes\n`);
  const lines = new Set(problems.map(({ file, line }) => `${file}:${line}`)).size;
  if (lines > 0) io.err.write(`${lines} ${lines === 1 ? 'line' : 'lines'} skipped\n`);
  return lines;
}

/** Reading the codebook takes longer than reading a gold file. */
let shipped: Vocabulary | null = null;

/** Items of a gold file in the words of the shipped codebook; throws with every mistake. */
export function readGold(file: string): GoldItem[] {
  shipped ??= vocabularyOf(loadCodebook(join(SHIPPED_CONFIG_DIR, 'codebook')).data);
  const { items, problems } = readGoldFile(file, shipped);
  if (problems.length === 0) return items;
  throw new Failure('invalid-config', problems.map((p) => `${p.file}:${p.line}: ${p.message}`).join('\n'));
}

/** One weight a line, so that a review sees what a new fit changed. */
export function renderModel(model: Model): string {
  const sorted = <T>(weights: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1)));
  const tables = (all: Record<string, Record<string, number>>) =>
    Object.fromEntries(Object.entries(all).map(([name, weights]) => [name, sorted(weights)]));
  const { threshold, suggestions, weights, net, choice, status, severity } = model;
  const ordered = {
    threshold,
    suggestions: suggestions && { ...suggestions, rows: sorted(suggestions.rows) },
    weights: sorted(weights),
    net: net && { bias: net.bias, outputs: sorted(net.outputs), rows: sorted(net.rows) },
    choice: sorted(choice),
    status: tables(status),
    severity: tables(severity),
  };
  return `${JSON.stringify({ model: ordered }, null, 1)}\n`;
}
