import { createHash } from 'node:crypto';
import { stringify } from 'csv-stringify/sync';
import type { Question } from './api/context.js';

/** A body as the API sends it and as `--json` prints it, byte for byte. */
export function renderJson(body: unknown): string {
  return `${JSON.stringify(body)}\n`;
}

/**
 * The rows of a body as CSV (RFC 4180, header first). Text that a spreadsheet would run as a formula is escaped; null is an empty
 * field, so that a gap is never a zero.
 */
export function renderCsv<B>(question: Question<B>, body: B): string {
  return stringify(question.rows(body), {
    header: true,
    columns: [...question.columns],
    escape_formulas: true,
    record_delimiter: '\r\n',
    cast: { boolean: (value) => (value ? 'true' : 'false') },
  });
}

/** Weak ETag of a body: equal while the numbers are, whenever they were asked for. */
export function etagOf(body: unknown): string {
  const steady = JSON.stringify(body, (key, value) => (key === 'generated_at' ? null : value));
  return `W/"${createHash('sha256').update(steady).digest('base64url').slice(0, 22)}"`;
}
