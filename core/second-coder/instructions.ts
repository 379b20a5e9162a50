import { createHash } from 'node:crypto';
import type { CodebookData } from '../codebook/data.js';

/** What the second coder is told, and by which version it is known; a changed word is another version. */
export interface Instructions {
  text: string;
  /** Number of the file and a hash of everything that is told, e.g. `1.0+3f9a0c21`. */
  version: string;
}

/** The parts of the codebook that the text may ask for as `{{name}}`. */
const PARTS: Record<string, (data: CodebookData) => string> = {
  members: ({ codebook }) => codebook.members.map(({ code, name }) => `${code}: ${name}`).join('\n'),
  indicators: (data) => data.codebook.indicators.map((indicator) => describeIndicator(data, indicator)).join('\n'),
  rules: ({ rules }) => rules.map(({ id, rule }) => `${id}: ${rule}`).join('\n'),
};

/** Names of the parts, for whoever checks a text. */
export const PART_NAMES = Object.keys(PARTS);

/**
 * Puts the codebook's own words into the text of the instructions: `{{members}}`, `{{indicators}}`, `{{rules}}`. The version is
 * the number of the text with a hash of the result, so that opinions of two codebooks are never mistaken for each other.
 */
export function renderInstructions(template: { number: string; body: string }, data: CodebookData): Instructions {
  const text = template.body.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => PARTS[name]?.(data) ?? whole).trim();
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { text, version: `${template.number}+${hash}` };
}

function describeIndicator(data: CodebookData, indicator: CodebookData['codebook']['indicators'][number]): string {
  const { id, title, direction, polarity, definition } = indicator;
  const { include = [], exclude = [], boundary = [] } = data.guidance[id] ?? {};
  const line = (name: string, list: string[]) => (list.length > 0 ? [`  ${name}: ${list.join('; ')}`] : []);
  return [
    `${id} (${title}; ${polarity < 0 ? 'friction' : 'cooperation'}, ${direction}): ${definition}`,
    ...line('takes in', include),
    ...line('leaves out', exclude),
    ...line('apart from', boundary),
  ].join('\n');
}
