import { describe, expect, it } from 'vitest';
import { coder, input } from './support.js';

/** Members of all labels of a text (headline || summary), each once. */
function membersOf(text: string): string[] {
  const [title = '', summary = ''] = text.split(' || ');
  const labels = coder.code(input(title, { summary }));
  return [...new Set(labels.flatMap((label) => label.participants))].sort();
}

describe('who takes part', () => {
  it.each([
    ['a weapon of a third', 'North Korea and Russia to build Shahed drone factory together', ['PRK', 'RUS']],
    [
      "a third's weapon by name",
      "Chinese and Russian companies are developing attack drone like Iran's Shahed",
      ['CHN', 'RUS'],
    ],
    ['the maker, when nobody else is named', 'Iran ships Shahed drones to Russia', ['IRN', 'RUS']],
    [
      'a state that abstains',
      "Russia vetoes UN sanctions monitors' mandate on North Korea as China abstained",
      ['PRK', 'RUS'],
    ],
    [
      'a title that two members use',
      'Kim Jong Un guides Russian defence minister Shoigu round arms show || The Supreme Leader held talks with Shoigu.',
      ['PRK', 'RUS'],
    ],
  ])('%s: %s', (_, text, expected) => {
    expect(membersOf(text)).toEqual(expected);
  });
});
