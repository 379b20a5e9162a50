import { fileURLToPath } from 'node:url';
import { loadCodebook } from '../../config/codebook.js';
import type { CoderInput, Label } from '../../core/coder/label.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';

export const SHIPPED = fileURLToPath(new URL('../../config/codebook', import.meta.url));
export const INVENTED = fileURLToPath(new URL('./fixtures/codebook-invented', import.meta.url));
export const { codebook, data } = loadCodebook(SHIPPED);
export const coder = createRulesCoder(data);

export function input(title: string, more: Partial<CoderInput> = {}): CoderInput {
  return { title, summary: '', language: null, source: null, country: null, bloc: null, publishedAt: null, ...more };
}

/** Labels in short: `mil.arms-transfer PRK-RUS alleged`. */
export function short(labels: readonly Label[]): string[] {
  return labels.map((l) => `${l.indicator} ${l.participants.join('-')}`).sort();
}
