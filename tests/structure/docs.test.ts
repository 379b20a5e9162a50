import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CHANNELS } from '../../channels/registry.js';
import { COMMAND_NAMES } from '../../cli/index.js';
import { SETTINGS } from '../../config/settings.js';
import { RULE_KINDS } from '../../core/alerts/rule-kinds.js';
import { CHANNEL_REASONS, FEED_REASONS } from '../../core/errors.js';
import { DROP_REASONS } from '../../core/second-coder/gate.js';
import { OPINION_OUTCOMES } from '../../db/opinions.js';
import { KINDS } from '../../feeds/kinds.js';
import { REPAIRS } from '../../feeds/repair.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const reference = read('docs/reference.md');

it.each([
  ['command', COMMAND_NAMES],
  ['reason of a feed', FEED_REASONS],
  ['reason of a channel', CHANNEL_REASONS],
  ['repair', REPAIRS],
  ['outcome of asking the second coder', OPINION_OUTCOMES],
  ['reason to throw a label away', DROP_REASONS],
  ['kind of feed', Object.keys(KINDS)],
  ['kind of alert rule', Object.keys(RULE_KINDS)],
  ['kind of channel', Object.keys(CHANNELS)],
])('every %s stands in the reference', (_, names) => {
  expect(names.filter((name) => !reference.includes(`\`${name}\``))).toEqual([]);
});

it('every setting of ours stands in .env.example', () => {
  const example = read('.env.example');
  expect(SETTINGS.map(({ name }) => name).filter((name) => !example.includes(`#${name}=`))).toEqual([]);
});

it('every command that the README shows exists', () => {
  const shown = [...read('README.md').matchAll(/(?:`|npx |^\$ )axiswatch ([a-z]+)/gm)].map((match) => match[1]!);
  expect(shown.length).toBeGreaterThan(10);
  expect([...new Set(shown)].filter((name) => !COMMAND_NAMES.includes(name))).toEqual([]);
});
