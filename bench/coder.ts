/**
 * Cost of the coder beside the floor (NFKC, lower-case, Unicode split) and beside the regexes it replaces. All three read the
 * same items in turn within each round, since absolute times move between minutes; what counts is the median of the rounds'
 * ratios, in processor time. `npx tsx bench/coder.ts [ITEMS] [ROUNDS]`
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadCodebook } from '../config/codebook.js';
import { buildAutomaton, createHits, scan } from '../core/coder/automaton.js';
import { foldUnits } from '../core/coder/fold.js';
import { seeded } from '../core/coder/gold.js';
import type { CoderInput } from '../core/coder/label.js';
import { createRulesCoder } from '../core/coder/rules-coder.js';
import { readFeedBytes } from '../feeds/parse.js';

const ALLOCATION = process.argv[2] === 'allocation';
const ITEMS = Number((ALLOCATION ? undefined : process.argv[2]) ?? 20_000);
const ROUNDS = Number(process.argv[3] ?? 15);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Share of the languages in the mixed corpus. */
const MIXED = { en: 50, ru: 20, zh: 12, fa: 9, ko: 9 };
const ENGLISH = { en: 1 };
/**
 * Share of items that name two members without an act between them, beside the relevant ones. Of the entries of three real
 * feeds 1.1 % name two members at all, 0.6 % are relevant.
 */
const TWO_NAMED = 0.005;

const ALLOCATION_RUNS = 9;
const RUN_LENGTH = 5_000;

const NO_WORD = /[^\p{L}\p{N}]+/u;

const folder = here('../config/codebook');
const loadMs = waited(() => loadCodebook(folder));
const { data } = loadCodebook(folder);
const heapBefore = heapAfterGc();
const buildMs = waited(() => createRulesCoder(data));
const coder = createRulesCoder(data);

const gold = ['chronology', 'multilingual'].flatMap((name) =>
  readFileSync(here(`../../shared/gold/${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { title: string; summary: string; lang: string; kind: string; bloc: string }),
);

const escapeForm = (form: string) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\\\*/g, '\\p{L}*');
/** The usual tool: one alternation of all names, one regex per concept and language. */
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

if (ALLOCATION) await measureAllocation();
else await measureTime();

async function measureTime(): Promise<void> {
  console.log(
    `codebook read in ${loadMs.toFixed(0)} ms, coder built in ${buildMs.toFixed(0)} ms (goal 1000); ` +
      `${readdirSync(folder, { recursive: true }).length} files`,
  );
  warmUp();
  for (const [name, langs, share] of [
    ['mixed, 0.6 % relevant (as in real feeds)', MIXED, 0.006],
    ['mixed, 1 % relevant', MIXED, 0.01],
    ['mixed, 20 % relevant (stress)', MIXED, 0.2],
    ['English, 0.6 % relevant (as in real feeds)', ENGLISH, 0.006],
    ['English, 1 % relevant', ENGLISH, 0.01],
    ['English, 20 % relevant (stress)', ENGLISH, 0.2],
  ] as const)
    compare(name, sample(ITEMS, langs, share, seeded(7)));
  compare('mixed, everyday items only (early exit)', sample(ITEMS, MIXED, 0, seeded(7), 0));
  compare('English, everyday items only (early exit)', sample(ITEMS, ENGLISH, 0, seeded(7), 0));
  const real = await realEntries();
  compare('English, entries of three real newspaper feeds', repeat(real, ITEMS));
  measureGrowth();
  // Counted in a process of its own, whose young generation is large enough that nothing is collected meanwhile.
  const flags = ['--expose-gc', '--max-semi-space-size=512', '--min-semi-space-size=512', '--import', 'tsx'];
  const child = spawnSync(process.execPath, [...flags, here('./coder.ts'), 'allocation'], { encoding: 'utf8' });
  console.log(child.stdout.trim() || child.stderr);
}

/** As in a process that has run for a while: what relevant items need is compiled by then. */
function warmUp(): void {
  for (const item of sample(10_000, MIXED, 1, seeded(13))) coder.code(item);
}

/** Items of the gold files by language and kind; each gets an everyday summary of its language appended, as feeds run on. */
function sample(
  count: number,
  langs: Record<string, number>,
  share: number,
  random: () => number,
  twoNamed = TWO_NAMED,
): CoderInput[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const total = Object.values(langs).reduce((a, b) => a + b, 0);
  const of = (lang: string, kind: string) => gold.filter((t) => t.lang === lang && t.kind === kind);
  const pools = Object.keys(langs).map((lang) => ({
    lang,
    positive: of(lang, 'positive'),
    'hard-negative': of(lang, 'hard-negative'),
    'easy-negative': of(lang, 'easy-negative'),
  }));
  const items = Array.from({ length: count }, () => {
    let left = random() * total;
    const pool = pools.find(({ lang }) => {
      left -= langs[lang]!;
      return left < 0;
    })!;
    const chance = random();
    const kind = chance < share ? 'positive' : chance < share + twoNamed ? 'hard-negative' : 'easy-negative';
    const text = pick(pool[kind]);
    const summary = `${text.summary} ${pick(pool['easy-negative']).summary}`;
    return toInput(text.title, summary, pool.lang, text.bloc);
  });
  // Through JSON, so that every text lies in one piece as it does when it comes from a feed or the database.
  return JSON.parse(JSON.stringify(items)) as CoderInput[];
}

function toInput(title: string, summary: string, language: string, bloc: string | null): CoderInput {
  return { title, summary, language, source: null, country: null, bloc, publishedAt: null };
}

async function realEntries(): Promise<CoderInput[]> {
  const replay = here('../../shared/corpus/replay/');
  const seen = new Map<string, CoderInput>();
  const context = { contentType: null, finalUrl: 'https://feed.example/', timezone: null, now: new Date('2025-05-01') };
  for (const file of readdirSync(replay).filter((name) => name.endsWith('.xml'))) {
    const { entries } = await readFeedBytes(readFileSync(replay + file), context);
    for (const { title, summary } of entries)
      seen.set(`${title}\n${summary}`, toInput(title ?? '', summary ?? '', 'en', 'western'));
  }
  return JSON.parse(JSON.stringify([...seen.values()])) as CoderInput[];
}

function repeat<T>(list: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => list[i % list.length]!);
}

function compare(name: string, items: readonly CoderInput[]): void {
  const few = items.slice(0, 4);
  const codeAll = () => {
    for (const item of items) coder.code(item);
  };
  for (let i = 0; i < 3; i++) {
    floor(items);
    codeAll();
  }
  const rounds = Array.from({ length: ROUNDS }, () => ({
    floor: (timed(() => floor(items)) / items.length) * 1000,
    coder: (timed(codeAll) / items.length) * 1000,
    regex: (timed(() => regexes(few)) / few.length) * 1000,
  }));
  const column = (of: (round: (typeof rounds)[number]) => number) => rounds.map(of).sort((a, b) => a - b);
  const at = (values: number[], share: number) => values[Math.floor((values.length - 1) * share)]!;
  const ratios = column((r) => r.coder / r.floor);
  const regexRatio = at(
    column((r) => r.regex / r.coder),
    0.5,
  );
  const [floorUs, coderUs] = [
    at(
      column((r) => r.floor),
      0.5,
    ),
    at(
      column((r) => r.coder),
      0.5,
    ),
  ];
  const labelled = items.filter((item) => coder.code(item).length > 0).length / items.length;
  console.log(
    `${name}: ${at(ratios, 0.5).toFixed(2)}x the floor (quartiles ${at(ratios, 0.25).toFixed(2)} to ` +
      `${at(ratios, 0.75).toFixed(2)}); floor ${floorUs.toFixed(2)} us, coder ${coderUs.toFixed(2)} us per item, ` +
      `${(labelled * 100).toFixed(1)} % labelled; regexes cost ${regexRatio.toFixed(0)}x the coder`,
  );
}

/** The least that any reading of words costs in this language. */
function floor(items: readonly CoderInput[]): number {
  let words = 0;
  for (const { title, summary } of items)
    words += `${title} ${summary}`.normalize('NFKC').toLowerCase().split(NO_WORD).length;
  return words;
}

function regexes(items: readonly CoderInput[]): number {
  let found = 0;
  for (const { title, summary } of items) {
    const text = `${title} ${summary}`;
    found += text.match(nameRegex)?.length ?? 0;
    for (const regex of conceptRegexes) found += text.match(regex)?.length ?? 0;
  }
  return found;
}

/** How the cost of one pass grows with the number of phrases; the three automata take turns. */
function measureGrowth(): void {
  const random = seeded(3);
  const letters = 'etaoinshrdlucmfwygpbvk';
  const word = () =>
    Array.from({ length: 4 + Math.floor(random() * 6) }, () => letters[Math.floor(random() ** 2 * letters.length)]);
  const phrase = () => Array.from({ length: 1 + Math.floor(random() * 2) }, () => word().join('')).join(' ');
  const texts = sample(5_000, ENGLISH, 0.2, seeded(5)).map((i) =>
    JSON.parse(JSON.stringify(`${i.title} ${i.summary}`)),
  );
  const hits = createHits();
  const automata = [300, 3_000, 30_000].map((count) => {
    const keys = Array.from({ length: count }, () => [1, ...foldUnits(phrase())]);
    let automaton = buildAutomaton([]);
    const builtMs = timed(() => {
      automaton = buildAutomaton(keys);
    });
    const run = () => {
      for (const text of texts) {
        hits.count = 0;
        scan(automaton, text, hits);
      }
    };
    run();
    return { count, run, builtMs, states: automaton.states };
  });
  const times = Array.from({ length: ROUNDS }, () => automata.map(({ run }) => timed(run)));
  const costs = automata.map((_, k) => median(times.map((row) => row[k]!)));
  automata.forEach(({ count, builtMs, states }, k) => {
    const us = (costs[k]! / texts.length) * 1000;
    console.log(`${count} phrases: ${us.toFixed(2)} us per item, built in ${builtMs.toFixed(0)} ms, ${states} states`);
  });
  const exponent = median(times.map((row) => Math.log(row[2]! / row[0]!) / Math.log(100)));
  console.log(`cost exponent from 300 to 30,000 phrases: ${exponent.toFixed(3)} (goal 0.15)`);
}

/**
 * Bytes allocated per item: how the used heap grows over runs of items between forced collections, in a process whose young
 * generation holds more than a run allocates, so that nothing is collected within one. The heap is counted in steps of a fifth
 * of a megabyte, so that short runs would measure those.
 */
async function measureAllocation(): Promise<void> {
  const heapOfCoder = (heapAfterGc() - heapBefore) / 2 ** 20;
  console.log(`two coders and their codebook hold ${heapOfCoder.toFixed(0)} MB of heap and arrays`);
  warmUp();
  const irrelevant = sample(5_000, MIXED, 0, seeded(11));
  const real = (await realEntries()).filter((item) => coder.code(item).length === 0);
  const named = gold.filter((t) => t.kind === 'hard-negative').map((t) => toInput(t.title, t.summary, t.lang, t.bloc));
  const groups: Array<[string, CoderInput[]]> = [
    ['everyday item (goal 256)', sample(5_000, MIXED, 0, seeded(11), 0)],
    ['irrelevant item, 0.5 % of which name two members (goal 256)', irrelevant],
    ['irrelevant entry of real feeds', repeat(real, 5_000)],
    ['item that names two members without an act', repeat(named, 2_000).filter((i) => coder.code(i).length === 0)],
  ];
  for (const [name, items] of groups) {
    for (let i = 0; i < 10; i++) for (const item of items) coder.code(item);
    const runs: number[] = [];
    for (let at = 0; runs.length < ALLOCATION_RUNS; at += RUN_LENGTH) {
      const run = Array.from({ length: RUN_LENGTH }, (_, i) => items[(at + i) % items.length]!);
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      for (const item of run) coder.code(item);
      runs.push((process.memoryUsage().heapUsed - before) / run.length);
    }
    const mean = runs.reduce((a, b) => a + b, 0) / runs.length;
    console.log(`allocated per ${name}: ${mean.toFixed(0)} bytes (${runs.length} runs of ${RUN_LENGTH})`);
  }
}

function heapAfterGc(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Milliseconds of processor time, garbage collection on other threads included, so that other programs do not count. */
function timed(run: () => unknown): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Milliseconds on the clock. */
function waited(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
