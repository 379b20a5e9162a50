import { nearestValue } from '../core/nearest.js';

/** What to say of an id that is neither a feed nor a source. */
export function unknownFeed(id: string, known: readonly string[]): string {
  const meant = nearestValue(id, known);
  return `no feed or source "${id}"${meant ? `: did you mean "${meant}"?` : ': see "axiswatch sources list"'}`;
}
