import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCodebook } from '../../config/codebook.js';
import { thresholdsOf } from '../../core/codebook/thresholds.js';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { loadInstallation } from '../../runtime/load-installation.js';
import { REVIEW_CODEBOOK_DIR, REVIEW_DATA } from '../support/review-data.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'axiswatch-thresholds-'));
  cpSync(REVIEW_CODEBOOK_DIR, join(folder, 'codebook'), { recursive: true });
  writeFileSync(join(folder, 'sources.yaml'), 'sources: []\n');
  writeFileSync(join(folder, 'channels.yaml'), 'channels: []\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The codebook of the tests with other thresholds. */
function withThresholds(text: string): string {
  const file = join(folder, 'codebook', 'codebook.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('{review: 0.7}', text));
  return join(folder, 'codebook');
}

describe('thresholds by use', () => {
  it('follow from the model, else from the settings, where none are given', () => {
    const { settings } = REVIEW_DATA;
    expect(thresholdsOf({ settings: { ...settings, thresholds: undefined }, model: null })).toEqual({
      series: 0.4,
      first: 0.4,
      alert: 0.4,
      review: 0.7,
    });
    const model = { ...REVIEW_DATA.model!, threshold: 0.75 };
    expect(thresholdsOf({ settings: { ...settings, thresholds: { alert: 0.9 } }, model })).toEqual({
      series: 0.75,
      first: 0.75,
      alert: 0.9,
      review: 0.75,
    });
  });

  it('that of the series decides which labels are given', () => {
    const input = {
      title: 'Alphaland arms Betaland',
      summary: '',
      language: 'en',
      source: null,
      country: null,
      bloc: null,
      publishedAt: null,
    };
    expect(createRulesCoder(REVIEW_DATA).code(input)).toHaveLength(1);
    const { data } = loadCodebook(withThresholds('{series: 0.95}'));
    expect(createRulesCoder(data).code(input)).toEqual([]);
  });

  it('a label that the likeliest one of its members shuts out says so', () => {
    const { data } = loadCodebook(withThresholds('{series: 0.1, first: 0.99}'));
    const { labels, nearMisses } = createRulesCoder(data).explain({
      title: 'Alphaland arms Betaland',
      summary: '',
      language: 'en',
      source: null,
      country: null,
      bloc: null,
      publishedAt: null,
    });
    expect(labels).toEqual([]);
    expect(nearMisses.map(({ notes }) => notes.at(-1))).toEqual(['below first']);
  });

  it.each([
    ['{series: 0.5, first: 0.4}', 'first: lies below series'],
    ['{series: 0.5, alert: 0.4}', 'alert: lies below series'],
    ['{series: 0.5, review: 0.4}', 'review: lies below series'],
    ['{series: 1.5}', 'series'],
    ['{serie: 0.5}', 'serie'],
  ])('%s is told with its line', (text, message) => {
    expect(() => loadCodebook(withThresholds(text))).toThrow(new RegExp(`codebook\\.yaml:26:\\d+ .*${message}`));
  });

  it('that of alerts is for rules that ask for it', () => {
    withThresholds('{alert: 0.8}');
    writeFileSync(
      join(folder, 'rules.yaml'),
      `rules:
  - {id: sure, kind: level, scope: {confidence: alert}, window_days: 7, threshold: 5}
  - {id: surer, kind: level, scope: {confidence: 0.9}, window_days: 7, threshold: 5}
  - {id: any, kind: level, window_days: 7, threshold: 5}
`,
    );
    const { rules } = loadInstallation(folder).config;
    expect(rules.map(({ scope }) => scope.confidence)).toEqual([0.8, 0.9, undefined]);
    writeFileSync(
      join(folder, 'rules.yaml'),
      'rules:\n  - {id: x, kind: level, scope: {confidence: high}, window_days: 7, threshold: 5}\n',
    );
    expect(() => loadInstallation(folder)).toThrow(/rules\.yaml:2:\d+ .*rules\[0\]\.scope\.confidence/);
  });
});
