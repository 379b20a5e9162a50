import { byteOf } from './windows-1252.js';

/** The first byte of a wide character and one that may follow, both as windows-1252 shows them. */
const WIDE =
  /[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]/;

/**
 * Undoes UTF-8 that was read as windows-1252 and encoded again (`PÃ©kin` for `Pékin`). Only when the whole field fits: every
 * character exists in windows-1252, and the bytes so made are valid UTF-8 with at least one wide character. Real text
 * practically never does: `Ã` before `©` is no word of any language. Returns null when there is nothing to undo.
 */
export function undoMojibake(text: string): string | null {
  if (!WIDE.test(text)) return null;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = byteOf(text.charCodeAt(i));
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
