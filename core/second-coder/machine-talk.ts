import type { Codebook } from '../codebook/codebook.js';
import type { CoderInput } from '../coder/label.js';

/**
 * Whether a text talks to a machine instead of a reader: it matches one of the patterns, or holds an indicator's id, which no
 * newspaper prints. Such a text is not sent, so that an obedient model has nothing to obey.
 */
export function talksToMachine(
  input: Pick<CoderInput, 'title' | 'summary'>,
  codebook: Codebook,
  patterns: readonly RegExp[],
): boolean {
  const text = `${input.title}\n${input.summary}`.normalize('NFKC');
  return patterns.some((pattern) => pattern.test(text)) || codebook.indicators.some(({ id }) => text.includes(id));
}
