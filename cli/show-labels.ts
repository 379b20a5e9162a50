import type { EvidenceSpan, Label } from '../core/coder/label.js';
import type { NearMiss, RulesCoder } from '../core/coder/rules-coder.js';
import { cleanText } from './table.js';

/** Labels with the words and rules behind each, and what almost became one, for a person. */
export function showLabels(coder: RulesCoder, labels: readonly Label[], nearMisses: readonly NearMiss[]): string {
  const lines: string[] = [];
  if (labels.length === 0) lines.push('No label.');
  for (const label of labels) {
    const direction = label.direction === null ? '' : ` ${label.direction}`;
    const flags = label.flags.length === 0 ? '' : ` [${label.flags.join(', ')}]`;
    lines.push(
      `${label.indicator}  ${label.participants.join(' ')}${direction}  ${label.status}, severity ${label.severity}, confidence ${label.confidence}${flags}`,
      ...label.evidence.map(showEvidence),
      `    rules: ${label.rules.join(', ')}`,
    );
  }
  if (nearMisses.length > 0) {
    lines.push('', 'Nearly:');
    for (const { label, notes } of nearMisses)
      lines.push(
        `  ${label.indicator}  ${label.participants.join(' ')}  confidence ${label.confidence} (${notes.join(', ')}; ${label.rules.join(', ')})`,
      );
  }
  lines.push('', `coder ${coder.name} ${coder.version}, codebook ${coder.codebookVersion}`);
  return `${lines.join('\n')}\n`;
}

/** One span of evidence as a line. */
export function showEvidence(span: EvidenceSpan): string {
  const implied = span.implied ? ', implied' : '';
  return `    ${span.for}: "${cleanText(span.text)}" (${span.field} ${span.start}-${span.end}${implied})`;
}
