import type { Tokens } from './cost.js';

/** What a chat server answered to one request: words, a refusal, or words that were cut at the limit. */
export type ChatAnswer =
  | { kind: 'said'; content: string; tokens: Tokens }
  | { kind: 'refused'; why: string; content: string | null; tokens: Tokens }
  | { kind: 'cut'; why: string; content: string | null; tokens: Tokens };

/** One question: instructions, material, and the JSON Schema of the answer. */
export interface ChatQuestion {
  system: string;
  user: string;
  schema: object;
}
