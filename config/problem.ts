import { relative } from 'node:path';
import { Failure } from '../core/errors.js';

/** One mistake in a configuration file, with its place and the word that was probably meant. */
export interface ConfigProblem {
  file: string;
  /** Both count from 1; null when the trouble is the file as a whole. */
  line: number | null;
  column: number | null;
  /** E.g. `sources[0].feeds[1].url`. */
  path: string;
  message: string;
  /** What stands there; null when nothing does or when it may be a secret. */
  value: unknown;
  nearest: string | null;
}

/** Every mistake at once; the message is the whole list as `config check` prints it. */
export class ConfigProblems extends Failure {
  constructor(readonly problems: ConfigProblem[]) {
    super('invalid-config', formatProblems(problems));
  }
}

/** `file:line:column  path  message`, one per line, in columns. */
export function formatProblems(problems: ConfigProblem[]): string {
  const rows = problems.map((p) => {
    const file = shorten(p.file);
    return { place: p.line === null ? file : `${file}:${p.line}:${p.column}`, path: p.path, message: p.message };
  });
  const placeWidth = Math.max(0, ...rows.map((row) => row.place.length));
  const pathWidth = Math.max(0, ...rows.map((row) => row.path.length));
  return rows.map((row) => `${row.place.padEnd(placeWidth)}  ${row.path.padEnd(pathWidth)}  ${row.message}`).join('\n');
}

/** Files below the working folder are named from there, as editors and terminals link them. */
function shorten(file: string): string {
  const short = relative(process.cwd(), file);
  return short === '' || short.startsWith('..') ? file : short;
}
