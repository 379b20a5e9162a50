/** Names of languages in English by code: `Intl` knows which codes are languages. */
const NAMES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/**
 * The code that a language goes by here: two letters of ISO 639-1 where it has them, without region and script (`en-US`, `zho`).
 * Null for what is no language.
 */
export function canonicalLanguage(tag: string): string | null {
  try {
    const code = Intl.getCanonicalLocales(tag)[0]?.split('-')[0] ?? '';
    return NAMES.of(code) === undefined ? null : code;
  } catch (error) {
    // No tag at all.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** English name of a language code; null when there is none. */
export function languageName(code: string): string | null {
  return NAMES.of(code) ?? null;
}
