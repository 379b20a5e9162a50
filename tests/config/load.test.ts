import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHIPPED_CONFIG_DIR } from '../../config/env.js';
import { loadConfig } from '../../config/load.js';
import { type ConfigProblem, ConfigProblems, formatProblems } from '../../config/problem.js';

type Files = Partial<Record<'sources.yaml' | 'rules.yaml' | 'channels.yaml', string>>;

function folder(files: Files): string {
  const dir = mkdtempSync(join(tmpdir(), 'axiswatch-config-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

/** Problems as `line:column path message`. */
function problemsOf(files: Files, known = {}): string[] {
  return caught(files, known).map((p) => `${p.line}:${p.column} ${p.path} ${p.message}`);
}

function caught(files: Files, known = {}): ConfigProblem[] {
  try {
    loadConfig(folder({ 'sources.yaml': 'sources: []', 'rules.yaml': '', 'channels.yaml': '', ...files }), known);
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
  return [];
}

const SOURCE = `sources:
  - id: example
    name: Example Agency
    country: RU
    language: en
    bloc: russian
    timezone: Europe/Moscow
    feeds:
      - id: example-world
        url: https://example.org/rss.xml
        every: 15m
`;

describe('a configuration folder', () => {
  it('is read with its defaults filled in', () => {
    const config = loadConfig(folder({ 'sources.yaml': SOURCE, 'rules.yaml': '', 'channels.yaml': '' }));
    expect(config.sources).toEqual([
      {
        id: 'example',
        name: 'Example Agency',
        country: 'RU',
        language: 'en',
        bloc: 'russian',
        family: 'example',
        timezone: 'Europe/Moscow',
        feeds: [
          { id: 'example-world', url: 'https://example.org/rss.xml', kind: 'feed', everySeconds: 900, options: {} },
        ],
      },
    ]);
    expect([config.rules, config.channels, config.routes]).toEqual([[], [], []]);
  });

  it('takes the shipped file for a missing one', () => {
    const config = loadConfig(folder({ 'sources.yaml': SOURCE }));
    expect(config.sources).toHaveLength(1);
    expect(config.rules).toEqual(loadConfig(SHIPPED_CONFIG_DIR).rules);
  });

  it('that does not exist is one clear problem', () => {
    expect(() => loadConfig('/nowhere/axiswatch')).toThrow(/is no folder: create it with "axiswatch init"/);
  });
});

describe('mistakes in sources.yaml', () => {
  it('are all told at once, with line, column, value and what was meant', () => {
    const text = `sources:
  - id: tass
    name: TASS
    bloc: russain
    feeds:
      - id: tass-en
        url: htp://tass.com/rss
        every: 15 minutes
      - id: tass-two
        ulr: https://tass.com/2
`;
    const problems = caught({ 'sources.yaml': text });
    expect(problems.map((p) => `${p.line}:${p.column} ${p.path} ${p.message}`)).toEqual([
      '4:11 sources[0].bloc unknown value "russain": did you mean "russian"?',
      '7:14 sources[0].feeds[0].url Invalid URL "htp://tass.com/rss": did you mean https://?',
      '8:16 sources[0].feeds[0].every use 15m, 2h or 1d (got "15 minutes")',
      '9:9 sources[0].feeds[1].url "url" is required',
      '10:9 sources[0].feeds[1] Unrecognized key "ulr": did you mean "url"?',
    ]);
    expect(problems.map((p) => p.nearest)).toEqual(['russian', 'https://', null, null, 'url']);
    expect(problems[2]?.value).toBe('15 minutes');
  });

  it.each([
    ['every: 15m', 'every: 30s', 'must be from 1m to 30d (got "30s")'],
    ['every: 15m', 'every: 31d', 'must be from 1m to 30d (got "31d")'],
    ['every: 15m', 'every: 900', 'use 15m, 2h or 1d (got 900)'],
    ['id: example\n', 'id: Example\n', 'must be lower-case letters, digits and hyphens (got "Example")'],
    ['country: RU', 'country: Russia', 'must be two capital letters (ISO 3166 alpha-2, EU or UN) (got "Russia")'],
    ['Europe/Moscow', 'Europe/Moscw', 'unknown time zone "Europe/Moscw": did you mean "Europe/Moscow"?'],
    ['https://example', 'ftp://example', 'Invalid URL "ftp://example.org/rss.xml": only http and https'],
    ['https://example', 'example', 'Invalid URL "example.org/rss.xml": did you mean https://?'],
    ['every: 15m', 'kind: html-list', 'a feed of kind html-list needs "list: {entry: ...}"'],
    ['every: 15m', 'list: { entry: li }', '"list" is for kind html-list only'],
    ['    name: Example Agency\n', '', '"name" is required'],
  ])('%j as %j', (from, to, message) => {
    const problems = caught({ 'sources.yaml': SOURCE.replace(from, to) });
    expect(problems.map((p) => p.message)).toEqual([message]);
  });

  it('doubles of ids and URLs are told across sources', () => {
    const text = `${SOURCE}${SOURCE.replace('sources:\n', '').replace('example-world', 'example-two')}`;
    expect(problemsOf({ 'sources.yaml': text })).toEqual([
      '12:9 sources[1].id id "example" is already used by sources[0]',
      '20:14 sources[1].feeds[0].url URL "https://example.org/rss.xml" is already used by feed "example-world"',
    ]);
  });

  it('a secret in a URL is refused and never shown', () => {
    for (const url of ['https://ana:hunter2@example.org/rss', 'https://example.org/rss?api_key=hunter2']) {
      const problems = caught({ 'sources.yaml': SOURCE.replace('https://example.org/rss.xml', url) });
      expect(problems).toHaveLength(1);
      expect(problems[0]?.message).toContain('no place for secrets');
      expect(JSON.stringify(problems)).not.toContain('hunter2');
    }
  });

  it.each([
    ['polarity: 3', 'unknown value 3: allowed: 1, -1'],
    ['polarity: "1"', 'unknown value "1": write it without quotation marks'],
  ])('%s of a rule', (scope, message) => {
    const rule = `rules: [{ id: a, kind: first-seen, scope: { ${scope} }, quiet_days: 30 }]`;
    expect(caught({ 'rules.yaml': rule }).map((p) => p.message)).toEqual([message]);
  });

  it('a folder with nothing of ours is refused, with the one that was probably meant', () => {
    const dir = mkdtempSync(join(tmpdir(), 'axiswatch-config-'));
    writeFileSync(join(dir, 'notes.txt'), 'hello');
    expect(() => loadConfig(dir)).toThrow(/holds none of sources\.yaml, rules\.yaml, channels\.yaml, codebook/);
    mkdirSync(join(dir, 'config'));
    writeFileSync(join(dir, 'config', 'rules.yaml'), '');
    expect(() => loadConfig(dir)).toThrow(`did you mean ${join(dir, 'config')}?`);
    expect(loadConfig(join(dir, 'config')).rules).toEqual([]);
  });

  it('broken YAML is told with its place', () => {
    const [problem, ...more] = problemsOf({ 'sources.yaml': 'sources:\n  - id: [x\n' });
    expect(problem).toMatch(/^3:1 {2}/);
    expect(more).toEqual([]);
  });

  it('an entity bomb is refused', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
      .concat([...'bcdefghi'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`))
      .join('\n');
    expect(problemsOf({ 'sources.yaml': bomb })[0]).toContain('alias');
  });

  it('a list where a map belongs is told', () => {
    expect(caught({ 'sources.yaml': '- a\n- b\n' })[0]).toMatchObject({ line: 1, column: 1, path: '' });
  });
});

describe('mistakes in rules.yaml', () => {
  const known = {
    codebook: {
      dyads: ['CHN-RUS'],
      domains: [{ code: 'mil', name: 'military' }],
      indicators: [{ id: 'mil.arms-transfer' }],
    },
  };

  it('kinds, their parameters and codes of the codebook', () => {
    const text = `rules:
  - id: a
    kind: levle
  - id: a
    kind: level
    window_dasy: 7
    threshold: 3
  - id: b
    kind: first-seen
    quiet_days: 0
    scope: { dyad: [RUS-CHN], domain: militry }
`;
    expect(problemsOf({ 'rules.yaml': text }, known)).toEqual([
      '3:11 rules[0].kind unknown kind "levle": did you mean "level"?',
      '4:9 rules[1].id id "a" is used twice',
      '6:5 rules[1] Unrecognized key "window_dasy": did you mean "window_days"?',
      '11:21 rules[2].scope.dyad[0] unknown dyad "RUS-CHN": allowed: CHN-RUS',
      '11:39 rules[2].scope.domain unknown domain "militry": did you mean "military"?',
      '10:17 rules[2].quiet_days Too small: expected number to be >=1 (got 0)',
    ]);
  });
});

describe('mistakes in channels.yaml', () => {
  it('a pasted secret is refused and never shown', () => {
    const text = `channels:
  - id: analysts
    kind: slack
    url: https://hooks.example.org/services/hunter2
  - id: archive
    kind: webhook
    url_env: https://hooks.example.org/hunter2
    secret_env: whsec_hunter2
routes:
  - channels: [analysts]
`;
    const problems = caught({ 'channels.yaml': text });
    expect(problems.map((p) => `${p.line}:${p.column} ${p.path} ${p.message}`)).toEqual([
      '4:10 channels[0].url "url" would put a secret into this file: use "url_env" with the name of a variable, or "url_file"',
      '7:14 channels[1].url_env must be the name of an environment variable, not its value',
      '8:17 channels[1].secret_env must be the name of an environment variable, not its value',
    ]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('a default route is required, routes name channels, nothing stands after the default', () => {
    const channels = 'channels:\n  - { id: analysts, kind: slack, url_env: A }\n';
    expect(problemsOf({ 'channels.yaml': channels })).toEqual([
      '1:1 routes a default route is required: the last one without "match", so that no alert is lost',
    ]);
    const routes = 'routes:\n  - channels: [analyst]\n  - channels: [analysts]\n    match: { severity: hgih }\n';
    expect(problemsOf({ 'channels.yaml': channels + routes })).toEqual([
      '4:16 routes[0].channels[0] unknown channel "analyst": did you mean "analysts"?',
      '4:5 routes[0] this route takes every alert: those after it are never reached',
      '6:24 routes[1].match.severity unknown severity "hgih": did you mean "high"?',
    ]);
  });
});

describe('the shipped configuration', () => {
  const config = loadConfig(SHIPPED_CONFIG_DIR);
  const feeds = config.sources.flatMap((source) => source.feeds);

  it('holds at least 45 feeds, each with language, country and zone', () => {
    expect(feeds.length).toBeGreaterThanOrEqual(45);
    for (const source of config.sources)
      expect([source.country, source.language, source.timezone], source.id).not.toContain(null);
  });

  it('speaks the languages of the members and covers every bloc', () => {
    expect(new Set(config.sources.map((source) => source.language))).toEqual(new Set(['en', 'ru', 'fa']));
    expect(new Set(config.sources.map((source) => source.bloc)).size).toBe(7);
  });

  it('reads a page where there is no feed and a query where a feed was taken down', () => {
    expect(feeds.filter((feed) => feed.kind === 'html-list').map((feed) => feed.id)).toEqual(['ofac-actions']);
    expect(feeds.filter((feed) => feed.kind === 'search').length).toBeGreaterThanOrEqual(5);
  });

  it('has rules and no channel', () => {
    expect(config.rules.map((rule) => rule.kind)).toEqual(['first-seen', 'first-seen', 'level', 'level']);
    expect(config.channels).toEqual([]);
  });
});

it('problems are printed in columns, files named from the working folder', () => {
  const at = (line: number, path: string) => ({
    file: join(process.cwd(), 'config', 'sources.yaml'),
    line,
    column: 5,
    path,
    message: 'wrong',
    value: null,
    nearest: null,
  });
  expect(formatProblems([at(3, 'sources[0].url'), at(14, 'sources[1]')])).toBe(
    'config/sources.yaml:3:5   sources[0].url  wrong\nconfig/sources.yaml:14:5  sources[1]      wrong',
  );
});
