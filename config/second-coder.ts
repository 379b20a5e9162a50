import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodebookData } from '../core/codebook/data.js';
import { Failure } from '../core/errors.js';
import { nearestValue } from '../core/nearest.js';
import type { Budget, Prices } from '../core/second-coder/cost.js';
import type { Band } from '../core/second-coder/decide.js';
import { type Instructions, PART_NAMES, renderInstructions } from '../core/second-coder/instructions.js';
import type { Setting } from './settings.js';
import { Wrong } from './wrong.js';

export const SECOND_CODER_MODES = ['off', 'parallel', 'adjudicate'] as const;

/** Where the second coder is and how much it may cost. */
export interface SecondCoderSettings {
  mode: 'parallel' | 'adjudicate';
  /** Up to and without `/chat/completions`. */
  baseUrl: string;
  model: string;
  apiKey: string | null;
  budget: Budget;
  prices: Prices;
  timeoutMs: number;
  maxTokens: number;
  /** Part of the items that name two members, 0 to 1. */
  share: number;
  band: Band;
}

/** What the second coder is told, and what is not sent to it. */
export interface SecondCoderTexts {
  instructions: Instructions;
  notSent: RegExp[];
}

/** Reads one setting: its parsed value, its default, or null; problems are collected by whoever gives this. */
export type ReadSetting = <T>(name: string, parse: (text: string) => T | Wrong) => T | null;

const NAME = 'AXISWATCH_SECOND_CODER';

/**
 * The settings of the second coder, or null when it is off. What only makes sense together is checked when it is on: `report` hears
 * of it.
 */
export function readSecondCoder(
  read: ReadSetting,
  report: (name: string, message: string) => void,
): SecondCoderSettings | null {
  const mode = read(NAME, readMode) ?? 'off';
  const baseUrl = read(`${NAME}_URL`, readBaseUrl);
  const model = read(`${NAME}_MODEL`, readModel);
  const apiKey = read(`${NAME}_API_KEY`, (text) => text);
  const money = read(`${NAME}_BUDGET`, (text) => readNumber(text, 0, 1_000_000));
  const calls = read(`${NAME}_CALLS`, (text) => readWhole(text, 0, 10_000_000));
  const prices = read(`${NAME}_PRICE`, readPrices) ?? { input: 0, output: 0 };
  const timeoutSeconds = read(`${NAME}_TIMEOUT`, (text) => readNumber(text, 1, 600)) ?? 0;
  const maxTokens = read(`${NAME}_MAX_TOKENS`, (text) => readWhole(text, 100, 100_000)) ?? 0;
  const share = read(`${NAME}_SHARE`, (text) => readNumber(text, 0, 1)) ?? 0;
  const band = read(`${NAME}_BAND`, readBand) ?? { least: 0, most: 0 };
  if (mode === 'off') return null;
  if (baseUrl === null) report(`${NAME}_URL`, `is needed when ${NAME} is ${mode}, like http://127.0.0.1:11434/v1`);
  if (model === null) report(`${NAME}_MODEL`, `is needed when ${NAME} is ${mode}`);
  if (money !== null && prices.input === 0 && prices.output === 0)
    report(`${NAME}_PRICE`, `is needed with ${NAME}_BUDGET: without a price nothing would be counted`);
  const budget = { money, calls };
  const timeoutMs = timeoutSeconds * 1000;
  return {
    mode,
    baseUrl: baseUrl ?? '',
    model: model ?? '',
    apiKey,
    budget,
    prices,
    timeoutMs,
    maxTokens,
    share,
    band,
  };
}

/** Every variable of the second coder; part of the list of all settings. */
export const SECOND_CODER_SETTINGS: readonly Setting[] = [
  setting('', {
    type: SECOND_CODER_MODES.join(', '),
    defaultValue: 'off',
    sentence:
      'A language model as second coder: parallel only compares, adjudicate also decides about uncertain labels. Costs money.',
  }),
  setting('_URL', {
    type: 'http(s) address',
    sentence:
      'OpenAI-compatible API of the second coder up to /v1. It may be on this machine or in a private network; redirects are not followed.',
  }),
  setting('_MODEL', { type: 'name', sentence: 'Model of the second coder, as its server names it.' }),
  setting('_API_KEY', { type: 'token', secret: true, sentence: 'Bearer token for that server.' }),
  setting('_BUDGET', {
    type: 'number',
    defaultText: 'no limit in money',
    sentence:
      'What the second coder may cost in a month (UTC), in the currency of the price. Nothing is asked beyond it.',
  }),
  setting('_CALLS', {
    type: 'whole number',
    defaultValue: '1000',
    sentence: 'Calls of the second coder in a month (UTC).',
  }),
  setting('_PRICE', {
    type: 'two numbers',
    defaultValue: '0,0',
    sentence: 'Price of a million tokens of input and of output.',
  }),
  setting('_TIMEOUT', { type: 'seconds', defaultValue: '120', sentence: 'How long one answer may take.' }),
  setting('_MAX_TOKENS', { type: 'whole number', defaultValue: '2000', sentence: 'Longest answer, in tokens.' }),
  setting('_SHARE', {
    type: '0 to 1',
    defaultValue: '0.2',
    sentence: 'Part of the items naming two members that is asked in parallel mode.',
  }),
  setting('_BAND', {
    type: 'two numbers from 0 to 1',
    defaultValue: '0-0.7',
    sentence: 'Labels whose confidence is in here are uncertain; adjudicate asks about them.',
  }),
];

function setting(
  suffix: string,
  given: { type: string; sentence: string; defaultValue?: string; defaultText?: string; secret?: boolean },
): Setting {
  const { type, sentence, defaultValue = '', secret = false } = given;
  const defaultText = given.defaultText ?? (defaultValue || 'empty');
  return { name: `${NAME}${suffix}`, type, defaultValue, defaultText, secret, sentence };
}

function readMode(text: string): (typeof SECOND_CODER_MODES)[number] | Wrong {
  const mode = SECOND_CODER_MODES.find((name) => name === text.toLowerCase());
  if (mode) return mode;
  const near = nearestValue(text, [...SECOND_CODER_MODES]);
  return new Wrong(`must be ${SECOND_CODER_MODES.join(', ')} (got "${text}")`, near);
}

function readBaseUrl(text: string): string | Wrong {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return new Wrong('must be an http or https address, like https://api.example.org/v1');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return new Wrong(`must hold no user, password or parameters: a key belongs into ${NAME}_API_KEY`);
  return url.href.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
}

function readModel(text: string): string | Wrong {
  return text.length <= 200 && !/\p{Cc}/u.test(text) ? text : new Wrong('must be the name of a model');
}

function readNumber(text: string, least: number, most: number): number | Wrong {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value >= least && value <= most) return value;
  return new Wrong(`must be a number from ${least} to ${most} (got "${text}")`);
}

function readWhole(text: string, least: number, most: number): number | Wrong {
  const value = readNumber(text, least, most);
  return typeof value === 'number' && !Number.isInteger(value) ? new Wrong(`must be whole (got "${text}")`) : value;
}

function readPrices(text: string): Prices | Wrong {
  const parts = text.split(',').map((part) => readNumber(part.trim(), 0, 100_000));
  const [input, output] = parts;
  if (parts.length === 2 && typeof input === 'number' && typeof output === 'number') return { input, output };
  return new Wrong(`must be two prices for a million tokens, input and output, like 0.15,0.60 (got "${text}")`);
}

function readBand(text: string): Band | Wrong {
  const parts = text.split('-').map((part) => readNumber(part.trim(), 0, 1));
  const [least, most] = parts;
  if (parts.length === 2 && typeof least === 'number' && typeof most === 'number' && least < most)
    return { least, most };
  return new Wrong(`must be two numbers from 0 to 1, like 0.4-0.7 (got "${text}")`);
}

/** Folder of the texts within a codebook folder. */
export const TEXTS_FOLDER = 'second-coder';

/**
 * Reads what the second coder is told: `instructions.md` with the codebook's words put in, and `not-sent.txt`. Throws
 * {@link Failure} `invalid-config` with file and line of the first mistake.
 */
export function loadSecondCoderTexts(codebookDir: string, data: CodebookData): SecondCoderTexts {
  const template = readTemplate(join(codebookDir, TEXTS_FOLDER, 'instructions.md'));
  const notSent = readPatterns(join(codebookDir, TEXTS_FOLDER, 'not-sent.txt'));
  return { instructions: renderInstructions(template, data), notSent };
}

function readTemplate(file: string): { number: string; body: string } {
  const text = readText(file);
  const [, number, body] = /^version: ([\w.]+)\r?\n---\r?\n([\s\S]+)$/.exec(text) ?? [];
  if (number === undefined || body === undefined)
    throw new Failure('invalid-config', `${file}:1 must begin with "version: NUMBER" and a line "---"`);
  for (const [line, content] of text.split('\n').entries())
    for (const [, name = ''] of content.matchAll(/\{\{(.*?)\}\}/g))
      if (!PART_NAMES.includes(name))
        throw new Failure(
          'invalid-config',
          `${file}:${line + 1} unknown part "{{${name}}}": allowed are ${PART_NAMES.join(', ')}`,
        );
  return { number, body };
}

function readPatterns(file: string): RegExp[] {
  return readText(file)
    .split(/\r?\n/)
    .flatMap((line, index) => {
      if (line.trim() === '' || line.startsWith('#')) return [];
      try {
        return [new RegExp(line, 'ium')];
      } catch (error) {
        throw new Failure(
          'invalid-config',
          `${file}:${index + 1} is no regular expression: ${(error as Error).message}`,
        );
      }
    });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure('invalid-config', `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
