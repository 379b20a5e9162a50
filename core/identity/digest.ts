import { createHash } from 'node:crypto';

/** First `length` hex digits of the SHA-256 of `text`: 32 digits (128 bits) identify an item among billions. */
export function digest(text: string | Uint8Array, length = 32): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
