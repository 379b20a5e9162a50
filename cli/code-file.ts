import { once } from 'node:events';
import { createReadStream, createWriteStream, realpathSync, renameSync, statSync } from 'node:fs';
import type { RulesCoder } from '../core/coder/rules-coder.js';
import { Failure } from '../core/errors.js';
import { readBatchLine, renderLabel, type Vocabulary } from './coder-input.js';
import type { Io } from './io.js';
import { LineReport } from './line-report.js';
import { readLines } from './read-lines.js';

/** A line beyond this many characters is no item. */
const MAX_LINE = 1_000_000;
/** Ids remembered to find one that comes twice; some 100 MB. */
const MAX_IDS = 1_000_000;

/** Codes a file line by line; returns how many lines could not be read. The output appears only when it is complete. */
export async function codeFile(
  io: Io,
  coder: RulesCoder,
  vocabulary: Vocabulary,
  from: string,
  to: string,
): Promise<number> {
  const input = from === '-' ? process.stdin.setEncoding('utf8') : createReadStream(from, { encoding: 'utf8' });
  const target = targetOf(to);
  const file = to === '-' ? null : createWriteStream(target.partial);
  const failed = new Promise<never>((_, reject) => {
    input.on('error', (error: Error) => reject(new Failure('unavailable', `cannot read ${from}: ${error.message}`)));
    file?.on('error', (error: Error) => reject(new Failure('unavailable', `cannot write ${to}: ${error.message}`)));
  });
  const counts = await Promise.race([codeLines(io, coder, vocabulary, input, file ?? io.out), failed]);
  if (file) {
    file.end();
    await Promise.race([once(file, 'finish'), failed]);
    if (target.partial !== target.path) renameSync(target.partial, target.path);
  }
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} lines skipped` : '';
  io.err.write(`coded ${counts.items} items, ${counts.labelled} with labels${skipped}\n`);
  return counts.skipped;
}

/** Where to write first. A device or a pipe is written as it stands: a file moved onto it would take its place. */
function targetOf(to: string): { path: string; partial: string } {
  const known = statSync(to, { throwIfNoEntry: false });
  const path = known ? realpathSync(to) : to;
  return { path, partial: known && !known.isFile() ? path : `${path}.partial` };
}

async function codeLines(
  io: Io,
  coder: RulesCoder,
  vocabulary: Vocabulary,
  input: AsyncIterable<string | Buffer>,
  output: NodeJS.WritableStream,
) {
  const report = new LineReport((text) => io.err.write(text), 'line ');
  const ids = new Map<string, number>();
  let [items, labelled] = [0, 0];
  for await (const { number, text } of readLines(input as AsyncIterable<string>, MAX_LINE)) {
    if (text?.trim() === '') continue;
    const read = text === null ? { problem: `longer than ${MAX_LINE} characters` } : readBatchLine(text, vocabulary);
    if ('problem' in read) {
      report.skip(number, read.problem);
      continue;
    }
    for (const note of read.notes) report.note(number, note);
    const before = ids.get(String(read.id));
    if (before !== undefined)
      report.note(number, `id ${JSON.stringify(read.id)} stands on line ${before} already; both are coded`);
    else if (ids.size < MAX_IDS) ids.set(String(read.id), number);
    const labels = coder.code(read.input);
    items++;
    if (labels.length > 0) labelled++;
    const more = output.write(`${JSON.stringify({ id: read.id, labels: labels.map(renderLabel) })}\n`);
    if (!more) await once(output, 'drain');
    if (items % 50_000 === 0) io.err.write(`coded ${items} items\n`);
  }
  report.finish();
  return { items, labelled, skipped: report.skipped };
}
