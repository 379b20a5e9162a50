import { loadCodebook } from '../config/codebook.js';
import { readEnv } from '../config/env.js';
import { configFile } from '../config/load.js';
import { BLOCS } from '../config/schema.js';
import type { CodebookData } from '../core/codebook/data.js';
import type { CoderInput, Label } from '../core/coder/label.js';
import { createRulesCoder, type RulesCoder } from '../core/coder/rules-coder.js';
import { canonicalLanguage, languageName } from '../core/language.js';
import { nearestValue } from '../core/nearest.js';
import type { Io } from './io.js';

/** The coder of the configured codebook, or of the folder that `--codebook` names. */
export function openCoder(io: Io, codebookDir?: string): { coder: RulesCoder; data: CodebookData } {
  const { data } = loadCodebook(codebookDir ?? configFile(readEnv(io.env).configDir, 'codebook'));
  return { coder: createRulesCoder(data), data };
}

/** The outside shape of a label; what only explanations show is left out. */
export function renderLabel(label: Label) {
  const { indicator, participants, status, severity, direction, polarity, confidence, evidence } = label;
  return { indicator, participants, status, severity, direction, polarity, confidence, evidence };
}

/** The words that items and their labels may use. */
export interface Vocabulary {
  indicators: string[];
  members: string[];
  /** Languages that the codebook has names in (ISO 639-1). */
  languages: string[];
  blocs: string[];
}

/** The words of a codebook; outlets may also stand in the groups of its members. */
export function vocabularyOf(data: CodebookData): Vocabulary {
  const blocs = data.members.flatMap((member) => (member.bloc === null ? [] : [member.bloc]));
  return {
    indicators: data.codebook.indicators.map((indicator) => indicator.id),
    members: data.codebook.members.map((member) => member.code),
    languages: [...new Set(data.gazetteer.flatMap((entry) => Object.keys(entry.forms)))].sort(),
    blocs: [...new Set([...BLOCS, ...blocs])],
  };
}

/** A value that may have been understood otherwise than it was written; `note` says how, null when nothing need be said. */
export interface Understood {
  value: string | null;
  note: string | null;
}

/**
 * A language as its ISO 639-1 code: regions and scripts are left off, codes of three letters are taken. One that is no language is
 * null, so that the script of the text decides.
 */
export function readLanguage(text: string, { languages }: Vocabulary): Understood {
  const wanted = text.trim().replaceAll('_', '-');
  if (wanted === '') return { value: null, note: null };
  const code = canonicalLanguage(wanted);
  if (code !== null && languages.includes(code)) {
    const same = wanted.toLowerCase().split('-')[0] === code;
    return { value: code, note: same ? null : `read as "${code}"` };
  }
  if (code !== null) return { value: code, note: `the codebook has no names in it (it has ${languages.join(', ')})` };
  const meant = languageNamed(wanted, languages) ?? nearestValue(wanted, languages);
  const hint = meant ? `: did you mean "${meant}"?` : ` (the codebook has ${languages.join(', ')})`;
  return { value: null, note: `is no language${hint}` };
}

function languageNamed(name: string, languages: readonly string[]): string | null {
  return languages.find((code) => languageName(code)?.toLowerCase() === name.toLowerCase()) ?? null;
}

/** A group of outlets, in any case of letters; an unknown one is null. */
export function readBloc(text: string, { blocs }: Vocabulary): Understood {
  const wanted = text.trim().toLowerCase().replaceAll('_', '-');
  if (wanted === '') return { value: null, note: null };
  if (blocs.includes(wanted)) return { value: wanted, note: null };
  const meant = nearestValue(wanted, blocs);
  return {
    value: null,
    note: `is no group of outlets${meant ? `: did you mean "${meant}"?` : ` (${blocs.join(', ')})`}`,
  };
}

/** What is wrong with a line of a batch file, or the item it holds and what had to be understood otherwise. */
export type BatchLine =
  | { id: string; input: CoderInput; raw: Record<string, unknown>; notes: string[] }
  | { problem: string };

const TEXTS = ['title', 'summary', 'lang', 'source', 'bloc', 'published'] as const;

/**
 * Reads one line of a batch file: `{id, title, summary, lang?, source?, bloc?, published?}`; further keys are ignored. A language,
 * a group of outlets or a date that means nothing is left out and noted; what has no id or no text is a problem.
 */
export function readBatchLine(line: string, vocabulary: Vocabulary): BatchLine {
  let raw: Record<string, unknown>;
  try {
    raw = JSON.parse(line) as Record<string, unknown>;
  } catch (error) {
    return { problem: `not JSON (${(error as Error).message.slice(0, 200)})` };
  }
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return { problem: 'not a JSON object' };
  if ((typeof raw.id !== 'string' && typeof raw.id !== 'number') || raw.id === '') return { problem: 'no "id"' };
  for (const key of TEXTS) {
    const value = raw[key];
    if (value !== undefined && value !== null && typeof value !== 'string') return { problem: `"${key}" is no text` };
  }
  if (typeof raw.title !== 'string' && typeof raw.summary !== 'string')
    return { problem: 'neither "title" nor "summary"' };
  const text = (key: (typeof TEXTS)[number]) => (typeof raw[key] === 'string' ? raw[key] : '');
  const language = readLanguage(text('lang'), vocabulary);
  const bloc = readBloc(text('bloc'), vocabulary);
  const published = readPublished(text('published'));
  const note = (key: 'lang' | 'bloc' | 'published', { note }: Understood) =>
    note === null ? [] : [`"${key}" is ${JSON.stringify(text(key).slice(0, 60))}: ${note}`];
  return {
    id: raw.id as string,
    raw,
    notes: [...note('lang', language), ...note('bloc', bloc), ...note('published', published)],
    input: {
      title: text('title'),
      summary: text('summary'),
      language: language.value,
      source: text('source') || null,
      country: null,
      bloc: bloc.value,
      publishedAt: published.value === null ? null : new Date(published.value),
    },
  };
}

function readPublished(text: string): Understood {
  if (text.trim() === '') return { value: null, note: null };
  if (!Number.isNaN(new Date(text).getTime())) return { value: text, note: null };
  return { value: null, note: 'is no date (write it as 2026-01-31 or 2026-01-31T08:00:00Z)' };
}
