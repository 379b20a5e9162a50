import type { CodebookData, Pattern } from '../codebook/data.js';
import type { Doc, Hit } from './document.js';

type Severity = 1 | 2 | 3 | 4 | 5;

/** Where the text gives nothing to judge by. */
const DEFAULT: Severity = 2;

/**
 * Severity of an act: what its pattern says, raised or lowered by the cue concepts `severity-up-1`, `severity-down-1` and
 * `severity-N` of the codebook in the sentence of the act, and by large numbers beside it.
 */
export function decideSeverity(doc: Doc, pattern: Pattern, act: Hit, data: CodebookData): Severity {
  let level: number = pattern.severity ?? data.settings.severity[pattern.indicator] ?? DEFAULT;
  const has = (name: string) => (doc.hits.get(name) ?? []).some((h) => h.sentence === act.sentence);
  for (let n = 5; n >= 1; n--) {
    if (has(`${pattern.indicator.split('.')[1]}-severity-${n}`)) {
      level = n;
      break;
    }
  }
  if (has('first-of-kind') && level < 4) level += 1;
  if (has('ceremony')) level -= 1;
  return Math.max(1, Math.min(5, level)) as Severity;
}
