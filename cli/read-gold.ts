import { readFileSync } from 'node:fs';
import { STATUSES } from '../core/codebook/codebook.js';
import type { GoldItem } from '../core/coder/gold.js';
import { Failure } from '../core/errors.js';
import { nearestValue } from '../core/nearest.js';
import { readBatchLine, type Vocabulary } from './coder-input.js';

/** What an item may be: with labels, without them but hard to tell, or plainly about something else. */
const KINDS = ['positive', 'hard-negative', 'easy-negative'];
/** A gold file is written by hand; a million characters is no line of one. */
const MAX_LINE = 1_000_000;
const MAX_PARTICIPANTS = 4;
const MAX_WEIGHT = 10;

/** What is wrong with one line of a gold file. */
export interface GoldProblem {
  file: string;
  line: number;
  message: string;
}

/**
 * Reads a gold file. A line with a mistake is left out and every mistake in it is told: an indicator, member, status, kind, language
 * or group of outlets that does not exist, labels that do not fit the kind, an id or a label that comes twice.
 */
export function readGoldFile(file: string, vocabulary: Vocabulary): { items: GoldItem[]; problems: GoldProblem[] } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure('invalid-config', `cannot read ${file}: ${(error as Error).message}`);
  }
  const problems: GoldProblem[] = [];
  const ids = new Map<string, number>();
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const items = lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    const read =
      line.length > MAX_LINE ? [`longer than ${MAX_LINE} characters`] : readGoldLine(line, vocabulary, ids, i + 1);
    if (!Array.isArray(read)) return [read];
    for (const message of read) problems.push({ file, line: i + 1, message });
    return [];
  });
  return { items, problems };
}

/** The item, or all that is wrong with it. */
function readGoldLine(
  line: string,
  vocabulary: Vocabulary,
  ids: Map<string, number>,
  number: number,
): GoldItem | string[] {
  const read = readBatchLine(line, vocabulary);
  if ('problem' in read) return [read.problem];
  const { raw } = read;
  const id = String(read.id);
  const wrong = [...read.notes.filter((note) => !/: read as "\w+"$/.test(note))];
  const before = ids.get(id);
  if (before === undefined) ids.set(id, number);
  else wrong.push(`"id" is ${JSON.stringify(id)}: stands on line ${before} already`);
  if (!Array.isArray(raw.labels)) return [...wrong, 'no "labels" (a list, empty for an item without any)'];
  const labels = raw.labels.map((label, i) => readLabel(label, `labels[${i}]`, vocabulary, wrong));
  const keys = labels.map((label) => `${label.indicator} ${label.participants.join('-')}`);
  for (const [i, key] of keys.entries())
    if (keys.indexOf(key) !== i) wrong.push(`labels[${i}]: ${key} stands in labels[${keys.indexOf(key)}] already`);
  const kind = readKind(raw.kind, labels.length, wrong);
  if (raw.story !== undefined && raw.story !== null && typeof raw.story !== 'string') wrong.push('"story" is no text');
  const weight = raw.weight ?? 1;
  if (typeof weight !== 'number' || !(weight > 0 && weight <= MAX_WEIGHT))
    wrong.push(`"weight" is ${JSON.stringify(raw.weight)}: a number above 0, at most ${MAX_WEIGHT}`);
  if (wrong.length > 0) return wrong;
  const story = typeof raw.story === 'string' && raw.story !== '' ? raw.story : id;
  return { id, input: read.input, kind, weight: Number(weight), story, labels };
}

/** A kind that nobody wrote follows from the labels. */
function readKind(value: unknown, labels: number, wrong: string[]): string {
  if (value === undefined || value === null) return labels > 0 ? 'positive' : 'negative';
  if (!isOneOf(value, KINDS, '"kind"', wrong)) return '';
  if ((value === 'positive') !== labels > 0)
    wrong.push(`"kind" is "${value}" with ${labels === 0 ? 'no label' : `${labels} labels`}`);
  return value;
}

function readLabel(value: unknown, at: string, vocabulary: Vocabulary, wrong: string[]): GoldItem['labels'][number] {
  const label = { indicator: '', participants: [] as string[], status: null, severity: null };
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    wrong.push(`${at} is no object`);
    return label;
  }
  const { indicator, participants, status, severity } = value as Record<string, unknown>;
  isOneOf(indicator, vocabulary.indicators, `${at}.indicator`, wrong);
  const codes = Array.isArray(participants) ? participants : [];
  if (!Array.isArray(participants)) wrong.push(`${at}.participants is no list of members`);
  else if (codes.length < 2 || codes.length > MAX_PARTICIPANTS)
    wrong.push(`${at}.participants names ${codes.length}: a label has two to ${MAX_PARTICIPANTS}`);
  for (const [i, code] of codes.entries()) isOneOf(code, vocabulary.members, `${at}.participants[${i}]`, wrong);
  if (new Set(codes).size !== codes.length) wrong.push(`${at}.participants names a member twice`);
  if (status !== undefined && status !== null) isOneOf(status, STATUSES, `${at}.status`, wrong);
  if (severity !== undefined && severity !== null && ![1, 2, 3, 4, 5].includes(severity as number))
    wrong.push(`${at}.severity is ${JSON.stringify(severity)}: a whole number from 1 to 5`);
  return {
    indicator: String(indicator),
    participants: codes.map(String).sort(),
    status: typeof status === 'string' ? status : null,
    severity: typeof severity === 'number' ? severity : null,
  };
}

function isOneOf(value: unknown, allowed: readonly string[], at: string, wrong: string[]): value is string {
  if (typeof value === 'string' && allowed.includes(value)) return true;
  if (typeof value !== 'string') {
    wrong.push(`${at} is ${value === undefined ? 'missing' : 'no text'}`);
    return false;
  }
  const meant = nearestValue(value, allowed);
  const hint = meant ? `did you mean "${meant}"?` : allowed.length <= 8 ? `one of ${allowed.join(', ')}` : 'unknown';
  wrong.push(`${at} is ${JSON.stringify(value.slice(0, 60))}: ${hint}`);
  return false;
}
