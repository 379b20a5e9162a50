import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodebookProblems, loadCodebook } from '../../config/codebook.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { codebook, INVENTED, input, short } from './support.js';

function copyWith(change: (text: string) => string): string {
  const dir = mkdtempSync(join(tmpdir(), 'codebook-'));
  cpSync(INVENTED, dir, { recursive: true });
  const file = join(dir, 'codebook.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return dir;
}

function problemsOf(change: (text: string) => string): string[] {
  try {
    loadCodebook(copyWith(change));
  } catch (error) {
    if (error instanceof CodebookProblems)
      return error.problems.map((p) => `${p.file}:${p.line}:${p.column} ${p.message}`);
    throw error;
  }
  return [];
}

describe('the shipped codebook', () => {
  it('has four members, their six pairs, four domains and 32 indicators', () => {
    expect(codebook.members.map((m) => m.code)).toEqual(['RUS', 'CHN', 'IRN', 'PRK']);
    expect(codebook.dyads).toEqual(['CHN-IRN', 'CHN-PRK', 'CHN-RUS', 'IRN-PRK', 'IRN-RUS', 'PRK-RUS']);
    expect(codebook.domains.map((d) => d.name)).toEqual(['military', 'economic', 'political', 'informational']);
    expect(codebook.indicators).toHaveLength(32);
    expect(codebook.indicators.filter((i) => i.polarity === -1).map((i) => i.id)).toEqual([
      'mil.restraint',
      'econ.friction',
      'pol.divergence',
      'info.divergence',
    ]);
  });

  it('carries its number and a hash of its content as its version', () => {
    expect(codebook.version).toMatch(/^1\.0\+[0-9a-f]{8}$/);
  });
});

describe('another codebook of invented members', () => {
  const { codebook: other, data } = loadCodebook(INVENTED);
  const coder = createRulesCoder(data);

  it('gives its own members, pairs and domains', () => {
    expect(other.dyads).toEqual(['ALD-BRE', 'ALD-CYR', 'BRE-CYR']);
    expect(other.indicators.map((i) => i.domain)).toEqual(['maritime', 'maritime', 'cultural']);
  });

  it.each([
    ['Aldorian patrol seizes Brevonian trawler off cape', {}, ['sea.quarrel ALD-BRE']],
    ['Aldoria and Brevonia sign fishing accord', {}, ['sea.fishing ALD-BRE']],
    ['Aldorien: Kutter aus Brevonien beschlagnahmt', { language: 'de' }, ['sea.quarrel ALD-BRE']],
    ['Brevonian trawler impounded in our islands', { bloc: 'cyrennian' }, ['sea.quarrel BRE-CYR']],
    ['Aldorian orchestra to tour Cyrennia', {}, ['art.tours ALD-CYR']],
    ['Cy Young award goes to Aldoria pitcher, boat seized', {}, []],
    ['Russia and China sign fishing accord', {}, []],
  ])('codes by the same engine: %s', (title, more, expected) => {
    expect(short(coder.code(input(title, { language: 'en', ...more })))).toEqual(expected);
  });

  it('tells who acts and who is hurt', () => {
    const [label] = coder.code(input('Aldorian patrol seizes Brevonian trawler', { language: 'en' }));
    expect([label?.direction, label?.polarity]).toEqual(['ALD>BRE', -1]);
  });
});

describe('mistakes in a codebook', () => {
  it('are named with file, line, column, value and the nearest valid one, all at once', () => {
    const found = problemsOf((text) =>
      text
        .replace('member: BRE, kind', 'member: BRX, kind')
        .replace('indicator: sea.quarrel', 'indicator: sea.quarel')
        .replace('all: [seize, boat]', 'all: [sieze, boat]')
        .replace('ambig: [Cy]', 'ambig: [Cyr]'),
    );
    expect(found).toEqual([
      'codebook.yaml:30:28 unknown member "BRX", perhaps "BRE"',
      'codebook.yaml:31:83 unknown form in ambig "Cyr", perhaps "Cy"',
      'codebook.yaml:38:37 unknown indicator "sea.quarel", perhaps "sea.quarrel"',
      'codebook.yaml:38:55 unknown concept "sieze", perhaps "seize"',
    ]);
  });

  it.each([
    ['a section that does not exist', (t: string) => `${t}\nlexikon: {}\n`, /unknown key "lexikon", perhaps "lexicon"/],
    [
      'a polarity of 2',
      (t: string) => t.replace('polarity: 1', 'polarity: 2'),
      /^codebook\.yaml:\d+:\d+ indicators\.0\.polarity/,
    ],
    ['text that is not YAML', (t: string) => `${t}\n  - [`, /^codebook\.yaml:\d+:\d+ /],
    [
      'an indicator of another domain',
      (t: string) => t.replace('id: art.tours', 'id: sea.tours'),
      /does not begin with its domain/,
    ],
    [
      'a comma within braces',
      (t: string) => t.replace(/^concepts:\n/m, 'concepts:\n  ferries:\n    en: "{big, small} ferries"\n'),
      /commas part phrases also within braces/,
    ],
  ])('are told: %s', (_, change, expected) => {
    const found = problemsOf(change);
    expect(
      found.some((line) => expected.test(line)),
      found.join('\n'),
    ).toBe(true);
  });
});
