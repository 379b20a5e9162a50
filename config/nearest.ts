import { nearestValue } from '../core/nearest.js';

/** The allowed word that a misspelt one was probably meant to be, or null; takes any iterable (keys, sets). */
export function nearest(word: string, allowed: Iterable<string>): string | null {
  return nearestValue(word, [...allowed]);
}
