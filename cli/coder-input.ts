import { loadCodebook } from '../config/codebook.js';
import { readEnv } from '../config/env.js';
import { configFile } from '../config/load.js';
import type { CodebookData } from '../core/codebook/data.js';
import type { CoderInput, Label } from '../core/coder/label.js';
import { createRulesCoder, type RulesCoder } from '../core/coder/rules-coder.js';
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

/** What is wrong with a line of a batch file, or the item it holds. */
export type BatchLine = { id: string; input: CoderInput; raw: Record<string, unknown> } | { problem: string };

const OPTIONAL = ['lang', 'source', 'bloc', 'published'] as const;

/** Reads one line of a batch file: `{id, title, summary, lang?, source?, bloc?, published?}`; further keys are ignored. */
export function readBatchLine(line: string): BatchLine {
  let raw: Record<string, unknown>;
  try {
    raw = JSON.parse(line) as Record<string, unknown>;
  } catch (error) {
    return { problem: `not JSON (${(error as Error).message})` };
  }
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return { problem: 'not a JSON object' };
  if (typeof raw.id !== 'string' && typeof raw.id !== 'number') return { problem: 'no "id"' };
  for (const key of ['title', 'summary']) {
    const value = raw[key];
    if (value !== undefined && value !== null && typeof value !== 'string') return { problem: `"${key}" is no text` };
  }
  if (typeof raw.title !== 'string' && typeof raw.summary !== 'string')
    return { problem: 'neither "title" nor "summary"' };
  for (const key of OPTIONAL) {
    const value = raw[key];
    if (value !== undefined && value !== null && typeof value !== 'string') return { problem: `"${key}" is no text` };
  }
  const text = (key: string) => (typeof raw[key] === 'string' ? (raw[key] as string) : null);
  const published = text('published');
  const publishedAt = published === null ? null : new Date(published);
  return {
    id: raw.id as string,
    raw,
    input: {
      title: text('title') ?? '',
      summary: text('summary') ?? '',
      language: text('lang'),
      source: text('source'),
      country: null,
      bloc: text('bloc'),
      publishedAt: publishedAt && !Number.isNaN(publishedAt.getTime()) ? publishedAt : null,
    },
  };
}
