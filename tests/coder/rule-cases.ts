import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CoderInput, Label } from '../../core/coder/label.js';
import { coder, input } from './support.js';

/** One line of a table of examples: a text, where it stands, and the labels that the codebook gives it. */
export interface RuleCase {
  rule: string;
  text: string;
  expected: string;
  input: CoderInput;
}

/** Reads a table of tests/coder/fixtures; its head says how the lines are written. */
export function readCases(name: string): RuleCase[] {
  const text = readFileSync(fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url)), 'utf8');
  return parseCases(text);
}

export function parseCases(table: string): RuleCase[] {
  return table
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseCase);
}

function parseCase(line: string): RuleCase {
  const match = /^(\S+) (.+?) =>(.*)$/.exec(line);
  if (match === null) throw new Error(`no "RULE text => labels": ${line}`);
  const [, rule = '', text = '', right = ''] = match;
  const [title = '', summary = ''] = text.split(' || ');
  const where = [...right.matchAll(/@(\S+)/g)].map((m) => m[1]!);
  const day = where.find((w) => /^\d/.test(w));
  return {
    rule,
    text,
    expected: right.trim(),
    input: input(title, {
      summary,
      bloc: where.find((w) => !/^\d/.test(w)) ?? null,
      publishedAt: day === undefined ? null : new Date(day),
    }),
  };
}

/** The labels given where they differ from the expected ones, in the words of the table; null where they are as expected. */
export function differenceOf({ expected, input }: RuleCase): string | null {
  const given = coder.code(input);
  const wanted = expected
    .replace(/@\S+/g, '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const left = new Set(given);
  let differs = false;
  for (const part of wanted) {
    const words = part.replace(/[()]/g, '').split(/\s+/);
    const label = given.find((l) => l.indicator === words[0] && l.participants.join('-') === words[1]);
    if (label) left.delete(label);
    if (label ? !words.slice(2).every((word) => holds(label, word)) : !part.startsWith('(')) differs = true;
  }
  if (!differs && left.size === 0) return null;
  return given.length === 0 ? 'no label' : given.map((label) => describeLabel(label, wanted)).join('; ');
}

/** Does a label have a status, severity, direction or flag? */
function holds(label: Label, word: string): boolean {
  if (/^s[1-5]$/.test(word)) return label.severity === Number(word[1]);
  if (word.startsWith('+')) return label.flags.includes(word.slice(1));
  if (word.includes('>') || word === 'mutual') return label.direction === word;
  return label.status === word;
}

function describeLabel(label: Label, wanted: readonly string[]): string {
  const words = [label.indicator, label.participants.join('-'), label.status];
  if (/ s[1-5]/.test(wanted.join(' '))) words.push(`s${label.severity}`);
  return [...words, ...label.flags.map((flag) => `+${flag}`)].join(' ');
}
