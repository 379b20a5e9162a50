import type { Codebook } from '../codebook/codebook.js';
import { canonicalLanguage, languageName } from '../language.js';
import { nearestValue } from '../nearest.js';
import { type ParameterReader, quote } from './parameters.js';

/** Every value that a question may name. All of it is data: codebook and sources of this installation. */
export interface Vocabulary {
  codebook: Codebook;
  blocs: string[];
  languages: string[];
  sources: string[];
  feeds: string[];
}

/** Dyads, sorted whatever the order given: `RUS-CHN`, `rus–chn` and `CHN-RUS` are one. */
export function readDyads(reader: ParameterReader, codebook: Codebook): string[] {
  return reader.manyOf('dyad', 'a dyad', codebook.dyads, (value) =>
    value.toUpperCase().split(/[-–—]/).sort().join('-'),
  );
}

/** Domains by name (`economic`) or by the prefix of their indicators (`econ`); the name comes back. */
export function readDomains(reader: ParameterReader, codebook: Codebook): string[] {
  const names = codebook.domains.map((domain) => domain.name);
  return reader.manyOf('domain', 'a domain', names, (value) => {
    const wanted = value.toLowerCase();
    return codebook.domains.find((domain) => domain.code.toLowerCase() === wanted)?.name ?? wanted;
  });
}

export function readIndicators(reader: ParameterReader, codebook: Codebook): string[] {
  const ids = codebook.indicators.map((indicator) => indicator.id);
  return reader.manyOf('indicator', 'an indicator', ids, (value) => value.toLowerCase());
}

/** `1`, `+1` or `cooperation`; `-1` or `friction`. */
export function readPolarity(reader: ParameterReader): 1 | -1 | null {
  const words: Record<string, 1 | -1> = { '1': 1, '+1': 1, cooperation: 1, '-1': -1, friction: -1 };
  const value = reader.one('polarity');
  if (value === null) return null;
  // A plus sign in a URL that was not encoded arrives as a space and is trimmed away.
  const polarity = words[value.toLowerCase()];
  if (polarity === undefined)
    reader.refuse('polarity', `must be 1 (cooperation) or -1 (friction)`, ['1', '-1', 'cooperation', 'friction'], null);
  return polarity ?? null;
}

export function readLanguages(reader: ParameterReader, vocabulary: Vocabulary): string[] {
  // A language is detected, too: any code may occur, not only those that sources declare.
  return reader.many('language').flatMap((value) => {
    const code = /^[a-z]{2,3}$/i.test(value) ? canonicalLanguage(value) : null;
    if (code !== null) return [code];
    const named = vocabulary.languages.find((known) => languageName(known)?.toLowerCase() === value.toLowerCase());
    const meant = named ?? nearestValue(value, vocabulary.languages);
    const hint = meant ? `, did you mean "${meant}"?` : '';
    reader.refuse(
      'language',
      `must be an ISO 639 code, like "en" (got ${quote(value)}${hint})`,
      vocabulary.languages,
      meant,
    );
    return [];
  });
}
