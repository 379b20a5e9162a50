import { createHash } from 'node:crypto';
import type { CoderInput } from '../coder/label.js';

/** What is sent of a field at most, in UTF-16 units; spans keep their meaning because the beginning is kept. */
const MAX_TITLE = 1000;
const MAX_SUMMARY = 4000;

/** The item as the second coder is shown it: cut to a length that bounds the price of a call. */
export function shownItem(input: CoderInput): CoderInput {
  return { ...input, title: cut(input.title, MAX_TITLE), summary: cut(input.summary, MAX_SUMMARY) };
}

/** Never in the middle of a character. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return /[\ud800-\udbff]/.test(text[most - 1]!) ? text.slice(0, most - 1) : text.slice(0, most);
}

/**
 * The item as delimited data. The marker is made from a hash of the text itself, so that no text can hold its own marker and pretend
 * to end: whoever changes the text changes the marker. Deterministic, so that equal items are asked equally.
 */
export function renderItem(input: CoderInput, home: string | null): string {
  const { title, summary } = input;
  const marker = createHash('sha256').update(`${title}\n${summary}`).digest('hex').slice(0, 20);
  const language = /^[a-z]{2,3}\b/i.exec(input.language ?? '')?.[0] ?? 'unknown';
  const day = input.publishedAt?.toISOString().slice(0, 10) ?? 'unknown';
  return [
    `language: ${language}; day: ${day}; home of the outlet: ${home ?? 'no member'}`,
    `----- item ${marker} begins`,
    'title:',
    title,
    'summary:',
    summary,
    `----- item ${marker} ends`,
  ].join('\n');
}
