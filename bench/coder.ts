/**
 * Cost of the coder beside the floor (NFKC, lower-case, Unicode split) and beside the regexes it replaces, interleaved in one
 * run, since absolute times move between minutes. `npx tsx bench/coder.ts [ITEMS] [ROUNDS]`
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadCodebook } from '../config/codebook.js';
import { buildAutomaton, createHits, scan } from '../core/coder/automaton.js';
import { foldUnits } from '../core/coder/fold.js';
import { seeded } from '../core/coder/gold.js';
import type { CoderInput } from '../core/coder/label.js';
import { createRulesCoder } from '../core/coder/rules-coder.js';

const ITEMS = Number(process.argv[2] ?? 20_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

interface Text {
  title: string;
  summary: string;
  lang: string;
  positive: boolean;
}

/** Gold items for the words of each language; `share` of relevant ones, the rest is everyday news and single-member items. */
function sample(count: number, langs: Record<string, number>, share: number, random: () => number): CoderInput[] {
  const all: Text[] = ['chronology', 'multilingual'].flatMap((name) =>
    readFileSync(here(`../../shared/gold/${name}.jsonl`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const raw = JSON.parse(line) as { title: string; summary: string; lang: string; kind: string };
        return { title: raw.title, summary: raw.summary, lang: raw.lang, positive: raw.kind !== 'easy-negative' };
      }),
  );
  const pick = <T>(list: T[]): T => list[Math.floor(random() * list.length)]!;
  const total = Object.values(langs).reduce((a, b) => a + b, 0);
  return Array.from({ length: count }, () => {
    let left = random() * total;
    const lang =
      Object.entries(langs).find(([, n]) => {
        left -= n;
        return left < 0;
      })?.[0] ?? 'en';
    const wanted = random() < share;
    const text = pick(all.filter((t) => t.lang === lang && t.positive === wanted));
    return {
      title: text.title,
      summary: `${text.summary} ${pick(all.filter((t) => t.lang === lang && !t.positive)).summary}`,
      language: lang,
      source: null,
      country: null,
      bloc: 'western',
      publishedAt: null,
    };
  });
}

const WORDS = /[\p{L}\p{N}]+/gu;
function floor(items: readonly CoderInput[]): number {
  let words = 0;
  for (const { title, summary } of items)
    words += (`${title} ${summary}`.normalize('NFKC').toLowerCase().match(WORDS) ?? []).length;
  return words;
}

function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const folder = here('../config/codebook');
const loadMs = timed(() => loadCodebook(folder));
const { data } = loadCodebook(folder);
const buildMs = timed(() => createRulesCoder(data));
const coder = createRulesCoder(data);
console.log(`codebook read in ${loadMs.toFixed(0)} ms, coder built in ${buildMs.toFixed(0)} ms`);

/** The usual tool: one alternation of all names, one regex per concept. */
const escapeForm = (form: string) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\\\*/g, '\\p{L}*');
const nameRegex = new RegExp(
  data.gazetteer
    .flatMap((g) => Object.values(g.forms).flat())
    .map(escapeForm)
    .join('|'),
  'gu',
);
const conceptRegexes = Object.values(data.concepts).flatMap((forms) =>
  Object.values(forms).map((list) => new RegExp(list.map((f) => escapeForm(f.replace(/[~{}]/g, ''))).join('|'), 'giu')),
);
function regexes(items: readonly CoderInput[]): number {
  let found = 0;
  for (const { title, summary } of items) {
    const text = `${title} ${summary}`;
    found += text.match(nameRegex)?.length ?? 0;
    for (const regex of conceptRegexes) found += text.match(regex)?.length ?? 0;
  }
  return found;
}

function codeAll(items: readonly CoderInput[]): void {
  for (const item of items) coder.code(item);
}

for (const [name, langs, share] of [
  ['mixed, 20 % relevant', { en: 50, ru: 20, zh: 12, fa: 9, ko: 9 }, 0.2],
  ['mixed, 1 % relevant', { en: 50, ru: 20, zh: 12, fa: 9, ko: 9 }, 0.01],
  ['English, 20 % relevant', { en: 1 }, 0.2],
  ['English, 1 % relevant', { en: 1 }, 0.01],
] as const) {
  const items = sample(ITEMS, langs as Record<string, number>, share, seeded(7));
  const few = items.slice(0, Math.min(200, items.length));
  floor(items);
  for (const item of items) coder.code(item);
  const rounds = Array.from({ length: ROUNDS }, () => ({
    floor: timed(() => floor(items)) / items.length,
    coder: timed(() => codeAll(items)) / items.length,
    regex: timed(() => regexes(few)) / few.length,
  }));
  const of = (key: 'floor' | 'coder' | 'regex') => median(rounds.map((r) => r[key])) * 1000;
  console.log(
    `${name}: floor ${of('floor').toFixed(2)} us, coder ${of('coder').toFixed(2)} us (${(of('coder') / of('floor')).toFixed(2)}x), ` +
      `regexes ${of('regex').toFixed(0)} us (${(of('regex') / of('coder')).toFixed(0)}x the coder)`,
  );
}

/** Bytes left on the heap per irrelevant item; needs `node --expose-gc` to be exact, else a lower bound of the noise. */
const irrelevant = sample(5_000, { en: 50, ru: 20, zh: 12, fa: 9, ko: 9 }, 0, seeded(11));
for (const item of irrelevant) coder.code(item);
const gc = (globalThis as { gc?: () => void }).gc;
const deltas = Array.from({ length: 5 }, () => {
  gc?.();
  const before = process.memoryUsage().heapUsed;
  for (const item of irrelevant) coder.code(item);
  return (process.memoryUsage().heapUsed - before) / irrelevant.length;
});
console.log(`allocation ${median(deltas).toFixed(0)} bytes per irrelevant item`);

/** How the cost of one pass grows with the number of phrases. */
const random = seeded(3);
const letters = 'etaoinshrdlucmfwygpbvk';
const phrase = () =>
  Array.from({ length: 1 + Math.floor(random() * 2) }, () =>
    Array.from(
      { length: 4 + Math.floor(random() * 6) },
      () => letters[Math.floor(random() ** 2 * letters.length)],
    ).join(''),
  ).join(' ');
const texts = sample(5_000, { en: 1 }, 0.2, seeded(5)).map((i) => `${i.title} ${i.summary}`);
const costs = [300, 3_000, 30_000].map((count) => {
  const keys = Array.from({ length: count }, () => [1, ...foldUnits(phrase())]);
  const start = performance.now();
  const automaton = buildAutomaton(keys);
  const built = performance.now() - start;
  const hits = createHits();
  const run = () => {
    for (const text of texts) {
      hits.count = 0;
      scan(automaton, text, hits);
    }
  };
  run();
  const us = (median(Array.from({ length: ROUNDS }, () => timed(run))) / texts.length) * 1000;
  console.log(
    `${count} phrases: ${us.toFixed(2)} us per item, built in ${built.toFixed(0)} ms, ${automaton.states} states`,
  );
  return us;
});
console.log(`cost exponent 300 to 30,000 phrases: ${(Math.log(costs[2]! / costs[0]!) / Math.log(100)).toFixed(3)}`);
console.log(`files in the codebook: ${readdirSync(folder, { recursive: true }).length}`);
