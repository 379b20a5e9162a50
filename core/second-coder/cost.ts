/** What a month may cost; null is no limit. */
export interface Budget {
  /** In the currency of the prices. */
  money: number | null;
  calls: number | null;
}

/** In the currency of the budget, per million tokens. */
export interface Prices {
  input: number;
  output: number;
}

export interface Tokens {
  input: number;
  output: number;
}

/** UTC month, `2026-03`: what the budget is counted by. */
export function monthOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/** Cost in millionths of the currency, rounded up: a price per million tokens is a price per token in millionths. */
export function costMicros({ input, output }: Tokens, prices: Prices): number {
  return Math.ceil(input * prices.input + output * prices.output);
}

/**
 * Whether a server that says it read `read` tokens cannot have read everything: some cut what is longer than their context window
 * without a word. Writing of any kind takes fewer than eight bytes a token on average; null when it read enough, else about how
 * many tokens there were.
 */
export function missedTokens(sent: readonly string[], read: number): number | null {
  const bytes = sent.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return read < bytes / 8 ? Math.round(bytes / 4) : null;
}

/**
 * The most that a call can be charged for: no token is shorter than a byte, and the answer is cut at `maxTokens`. Counted against
 * the budget before the call, so that the limit holds whatever the server answers.
 */
export function mostTokens(sent: readonly string[], maxTokens: number): Tokens {
  return { input: sent.reduce((sum, text) => sum + Buffer.byteLength(text), 0), output: maxTokens };
}
