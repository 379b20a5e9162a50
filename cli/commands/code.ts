import { once } from 'node:events';
import { createReadStream, createWriteStream, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import type { CoderInput, EvidenceSpan } from '../../core/coder/label.js';
import type { NearMiss, RulesCoder } from '../../core/coder/rules-coder.js';
import { Failure } from '../../core/errors.js';
import { openCoder, readBatchLine, renderLabel } from '../coder-input.js';
import { EXIT, type Io, UsageError } from '../io.js';

interface CodeOptions {
  json?: boolean;
  summary?: string;
  lang?: string;
  bloc?: string;
  file?: string;
  out?: string;
  codebook?: string;
}

/** A line beyond this many characters is no item. */
const MAX_LINE = 1_000_000;

/** `axiswatch code TEXT` explains how a text is coded; `code --file IN --out OUT` codes a JSONL file. */
export function build(io: Io, exit: (code: number) => void): Command {
  return new Command('code')
    .description('Code a text and show the words and rules behind each label, or code a JSONL file of items.')
    .argument('[text]', 'the headline')
    .option('--summary <text>', 'the summary under the headline')
    .option('--lang <code>', 'language of the text (ISO 639-1); default: by its script')
    .option('--bloc <bloc>', 'group of the outlet, for "our country"')
    .option('--json', 'the labels as JSON')
    .option('--file <in>', 'JSONL of {id, title, summary, lang?, source?, bloc?, published?}; - is standard input')
    .option('--out <out>', 'where the JSONL of {id, labels} goes; - is standard output', '-')
    .option('--codebook <dir>', 'another codebook folder')
    .action(async (text: string | undefined, options: CodeOptions) => {
      if (options.file !== undefined) {
        if (text !== undefined) throw new UsageError('code: give either a TEXT or --file, not both');
        const { coder } = openCoder(io, options.codebook);
        const bad = await codeFile(io, coder, options.file, options.out ?? '-');
        if (bad > 0) exit(EXIT.failed);
        return;
      }
      if (text === undefined || text.trim() === '')
        throw new UsageError('code: nothing to code; give a TEXT, or --file IN --out OUT');
      const { coder } = openCoder(io, options.codebook);
      const input: CoderInput = {
        title: text,
        summary: options.summary ?? '',
        language: options.lang ?? null,
        source: null,
        country: null,
        bloc: options.bloc ?? null,
        publishedAt: null,
      };
      const { labels, nearMisses } = coder.explain(input);
      if (options.json) io.out.write(`${JSON.stringify({ id: null, labels: labels.map(renderLabel) })}\n`);
      else io.out.write(showExplanation(coder, labels, nearMisses));
    });
}

/** Codes a file line by line; returns how many lines could not be read. The output appears only when it is complete. */
async function codeFile(io: Io, coder: RulesCoder, from: string, to: string): Promise<number> {
  const input = from === '-' ? process.stdin : createReadStream(from, { encoding: 'utf8' });
  const partial = `${to}.partial`;
  const file = to === '-' ? null : createWriteStream(partial);
  const failed = new Promise<never>((_, reject) => {
    input.on('error', (error: Error) => reject(new Failure('unavailable', `cannot read ${from}: ${error.message}`)));
    file?.on('error', (error: Error) => reject(new Failure('unavailable', `cannot write ${to}: ${error.message}`)));
  });
  const counts = await Promise.race([codeLines(io, coder, input, file ?? io.out), failed]);
  if (file) {
    file.end();
    await Promise.race([once(file, 'finish'), failed]);
    renameSync(partial, to);
  }
  const skipped = counts.bad > 0 ? `, ${counts.bad} lines skipped` : '';
  io.err.write(`coded ${counts.items} items, ${counts.labelled} with labels${skipped}\n`);
  return counts.bad;
}

async function codeLines(io: Io, coder: RulesCoder, input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
  let [number, items, labelled, bad] = [0, 0, 0, 0];
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    const line = number === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (line.trim() === '') continue;
    const read = line.length > MAX_LINE ? { problem: `longer than ${MAX_LINE} characters` } : readBatchLine(line);
    if ('problem' in read) {
      bad++;
      io.err.write(`line ${number}: ${read.problem}; skipped\n`);
      continue;
    }
    const labels = coder.code(read.input);
    items++;
    if (labels.length > 0) labelled++;
    const more = output.write(`${JSON.stringify({ id: read.id, labels: labels.map(renderLabel) })}\n`);
    if (!more) await once(output, 'drain');
    if (items % 50_000 === 0) io.err.write(`coded ${items} items\n`);
  }
  return { items, labelled, bad };
}

function showExplanation(coder: RulesCoder, labels: ReturnType<RulesCoder['code']>, nearMisses: NearMiss[]): string {
  const lines: string[] = [];
  if (labels.length === 0) lines.push('No label.');
  for (const label of labels) {
    const direction = label.direction === null ? '' : ` ${label.direction}`;
    const flags = label.flags.length === 0 ? '' : ` [${label.flags.join(', ')}]`;
    lines.push(
      `${label.indicator}  ${label.participants.join(' ')}${direction}  ${label.status}, severity ${label.severity}, confidence ${label.confidence}${flags}`,
      ...label.evidence.map(showSpan),
      `    rules: ${label.rules.join(', ')}`,
    );
  }
  if (nearMisses.length > 0) {
    lines.push('', 'Nearly:');
    for (const { label, notes } of nearMisses)
      lines.push(
        `  ${label.indicator}  ${label.participants.join(' ')}  confidence ${label.confidence} (${notes.join(', ')}; ${label.rules.join(', ')})`,
      );
  }
  lines.push('', `coder ${coder.name} ${coder.version}, codebook ${coder.codebookVersion}`);
  return `${lines.join('\n')}\n`;
}

function showSpan(span: EvidenceSpan): string {
  const implied = span.implied ? ', implied' : '';
  return `    ${span.for}: "${span.text}" (${span.field} ${span.start}-${span.end}${implied})`;
}
