import { STATUSES, type Status } from '../codebook/codebook.js';
import type { Model, NetData, SuggestionsData } from '../codebook/data.js';
import { type Rated, settle, visitChoice } from './choice.js';
import { type Example, fitLogistic } from './fit.js';
import { fitNet, type NetExample } from './fit-net.js';
import { fitSuggestions, type WordExample } from './fit-suggestions.js';
import { type GoldItem, type Judgement, partOf, rowsOf } from './gold.js';
import { isHopeless, joinLogits, netLogit, openNet } from './net.js';
import type { RulesCoder } from './rules-coder.js';
import { collectFeatures, loudest, predict, sigmoid, sumOf } from './weights.js';

/** How strongly each family of features is held to zero: the more particular, the stronger. */
export function penaltyOf(feature: string): number {
  if (feature === 'bias' || feature === 'score') return 0.05;
  if (/^[ts] /.test(feature)) return 3;
  if (/^(part-[ab]|parts|between|order|order-part|opens|starts|negated|outsider-part)( |$)/.test(feature)) return 2.5;
  if (feature.startsWith('c ')) return 2.4;
  if (/^(listed-alone|topic-of)/.test(feature)) return 1;
  if (/^(mode|listed)/.test(feature)) return 2.5;
  if (/^(weak-)?beside /.test(feature)) return 2;
  return 0.7;
}

function choicePenalty(feature: string): number {
  if (feature === 'bias' || feature === 'probability') return 0.05;
  return /^(beside|top .*\.|indicator) ?/.test(feature) ? 2 : 0.5;
}

function statusPenalty(feature: string): number {
  if (feature === 'no-denial') return 0.1;
  if (feature === 'bias') return 0.05;
  return /^(t|s|ph) /.test(feature) ? 3 : 1;
}

function severityPenalty(feature: string): number {
  if (feature === 'bias') return 0.05;
  if (feature.startsWith('anchor')) return 0.2;
  return /^(t|c|role|size(-here)? \S+\.\S+) /.test(feature) ? 3 : 1;
}

interface Drafted {
  item: GoldItem;
  drafts: ReturnType<RulesCoder['drafts']>;
  /** Share of the pairs of each draft that the gold has. */
  targets: number[];
  weight: number;
}

/** What an item to be judged by weighs beside a further one: its conventions count, and further ones are many times as many. */
const OWN_WEIGHT = 3;

/** Makes the coder that drafts with these suggestions. */
export type MakeCoder = (suggestions: SuggestionsData | null) => RulesCoder;

function wordsOf(coder: RulesCoder, items: readonly GoldItem[]): Array<WordExample & { item: GoldItem }> {
  return items.flatMap((item) => {
    const words = coder.words(item.input);
    return words === null ? [] : [{ item, words, indicators: new Set(item.labels.map((l) => l.indicator)) }];
  });
}

/** A coder for the items of each part, whose suggestions come from the other parts: those of its own would all be right. */
function codersAcross(makeCoder: MakeCoder, items: readonly GoldItem[], parts: number): (item: GoldItem) => RulesCoder {
  const examples = wordsOf(makeCoder(null), items);
  const coders = Array.from({ length: parts }, (_, part) =>
    makeCoder(fitSuggestions(examples.filter(({ item }) => partOf(item, parts) !== part))),
  );
  return (item) => coders[partOf(item, parts)]!;
}

function draftOne(coderOf: (item: GoldItem) => RulesCoder, item: GoldItem, times: number): Drafted {
  const drafts = coderOf(item).drafts(item.input);
  const gold = rowsOf(item.labels);
  const targets = drafts.map(({ indicator, participants }) => {
    const rows = [...rowsOf([{ indicator, participants }])];
    return rows.filter((row) => gold.has(row)).length / rows.length;
  });
  return { item, drafts, targets, weight: item.weight * times };
}

/**
 * Drafts of the items to be judged by, and of further ones. Of the latter, status and severity are learnt from right drafts
 * alone: what they would be learnt from of the others takes half of the memory, and is left out.
 */
function draftAll(makeCoder: MakeCoder, own: readonly GoldItem[], further: readonly GoldItem[], parts: number) {
  const coderOf = codersAcross(makeCoder, [...own, ...further], parts);
  const unused = { statusFeatures: NO_FEATURES, severityFeatures: NO_FEATURES };
  return {
    coderOf,
    drafted: own.map((item) => draftOne(coderOf, item, OWN_WEIGHT)),
    further: further.map((item) => {
      const one = draftOne(coderOf, item, 1);
      return { ...one, drafts: one.drafts.map((d, i) => (one.targets[i]! > 0 ? d : { ...d, ...unused })) };
    }),
  };
}

const NO_FEATURES: Map<string, number> = new Map();

/** What rates each draft by its own words. */
interface First {
  weights: Map<string, number>;
  net: NetData;
}

function fitFirst(drafted: readonly Drafted[]): First {
  const examples = drafted.flatMap(({ drafts, targets, weight }) =>
    drafts.map(
      ({ indicator, features, runs }, i): NetExample => ({
        indicator,
        features,
        runs,
        target: targets[i]!,
        weight,
      }),
    ),
  );
  return { weights: fitLogistic(examples, penaltyOf), net: fitNet(examples) };
}

function createRater({ weights, net: data }: First): (drafted: Drafted) => Rated[] {
  const net = openNet(data);
  return ({ drafts }) =>
    drafts.map(({ indicator, participants, features, runs, side }) => {
      const sum = sumOf(features, weights);
      const logit = isHopeless(sum) ? sum : joinLogits(sum, netLogit(net, indicator, features, runs));
      return { indicator, members: participants, probability: sigmoid(logit), side };
    });
}

type RatedItems = Map<Drafted, Rated[]>;

/** Each item rated by weights fitted on the other parts, since the second step must see errors as they really come. */
function rateAcross(drafted: readonly Drafted[], parts: number): RatedItems {
  const out: RatedItems = new Map();
  for (let part = 0; part < parts; part++) {
    const inPart = drafted.filter((d) => partOf(d.item, parts) === part);
    if (inPart.length === 0) continue;
    const rate = createRater(fitFirst(drafted.filter((d) => partOf(d.item, parts) !== part)));
    for (const d of inPart) out.set(d, rate(d));
  }
  return out;
}

const choiceFeatures = (rated: readonly Rated[], at: number) =>
  collectFeatures((visit) => visitChoice(rated, at, visit));

function fitChoice(drafted: readonly Drafted[], rated: RatedItems): Map<string, number> {
  return fitLogistic(
    drafted.flatMap((d) =>
      d.drafts.map(
        (_, i): Example => ({
          features: choiceFeatures(rated.get(d)!, i),
          target: d.targets[i]!,
          weight: d.weight,
        }),
      ),
    ),
    choicePenalty,
  );
}

/** Labels of the gold that are drafted too, each with its draft. */
function matched(drafted: readonly Drafted[]) {
  return drafted.flatMap(({ item, drafts }) =>
    item.labels.flatMap((gold) => {
      const key = [...gold.participants].sort().join();
      const draft = drafts.find((d) => d.indicator === gold.indicator && d.participants.join() === key);
      return draft ? [{ gold, draft }] : [];
    }),
  );
}

/** One table of weights per class that tells it from the others. */
function fitClasses(
  classes: readonly string[],
  known: ReadonlyArray<{ is: string; features: Map<string, number> }>,
  penalty: (feature: string) => number,
): Record<string, Record<string, number>> {
  return Object.fromEntries(
    classes.map((name) => {
      const examples = known.map((k) => ({ features: k.features, target: k.is === name ? 1 : 0, weight: 1 }));
      return [name, trim(fitLogistic(examples, penalty))];
    }),
  );
}

function fitStatus(drafted: readonly Drafted[]): Model['status'] {
  const known = matched(drafted).flatMap(({ gold, draft }) =>
    gold.status === null ? [] : [{ is: gold.status, features: draft.statusFeatures }],
  );
  return fitClasses(STATUSES, known, statusPenalty);
}

const SEVERITIES = ['1', '2', '3', '4', '5'];

function fitSeverity(drafted: readonly Drafted[]): Model['severity'] {
  const known = matched(drafted).flatMap(({ gold, draft }) =>
    gold.severity === null ? [] : [{ is: String(gold.severity), features: draft.severityFeatures }],
  );
  return fitClasses(SEVERITIES, known, severityPenalty);
}

/** Weights that hardly matter are left out, the rest are rounded. */
function trim(weights: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries(
    [...weights].filter(([, w]) => Math.abs(w) >= 0.02).map(([name, w]) => [name, Math.round(w * 1000) / 1000]),
  );
}

/**
 * Fits the weights on `items`, whose conventions count, and on further ones. `parts` splits them by story for what the second
 * step learns from.
 */
export function fitModel(
  makeCoder: MakeCoder,
  items: readonly GoldItem[],
  further: readonly GoldItem[],
  threshold: number,
  parts = 8,
): Model {
  const own = draftAll(makeCoder, items, further, parts);
  const drafted: Drafted[] = [...own.drafted, ...own.further];
  const { weights, net } = fitFirst(drafted);
  return {
    threshold,
    suggestions: fitSuggestions(wordsOf(makeCoder(null), [...items, ...further])),
    weights: trim(weights),
    net,
    choice: trim(fitChoice(drafted, rateAcross(drafted, parts))),
    status: fitStatus(drafted),
    severity: fitSeverity(drafted),
  };
}

/**
 * What the coder says of each item with weights fitted on the others only (`parts` splits by story), so that the figures are
 * not flattered by the items they were fitted on. `always` are further items to fit on that are not judged. The few weights of
 * the second step are fitted on the other parts too, whose ratings come from weights that had seen this part.
 */
export function crossValidate(
  makeCoder: MakeCoder,
  items: readonly GoldItem[],
  always: readonly GoldItem[] = [],
  parts = 8,
): Judgement[] {
  const { coderOf, drafted, further } = draftAll(makeCoder, items, always, parts);
  const everything = [...drafted, ...further];
  const rated = rateAcross(everything, parts);
  const judged = new Set(drafted);
  const out: Judgement[] = [];
  for (let part = 0; part < parts; part++) {
    const mine = drafted.filter((d) => partOf(d.item, parts) === part);
    const others = everything.filter((d) => !judged.has(d) || partOf(d.item, parts) !== part);
    const choice = fitChoice(others, rated);
    const status = fitStatus(others);
    const severity = fitSeverity(others);
    for (const d of mine) {
      const key = (indicator: string, members: readonly string[]) => `${indicator} ${members.join('-')}`;
      const ratings = rated.get(d)!;
      const settled = settle(ratings, (i) => predict(choiceFeatures(ratings, i), choice));
      const confidences = new Map(
        ratings.map((r, i) => [key(r.indicator, r.members), Math.round(settled[i]! * 1000) / 1000]),
      );
      const drafts = new Map(d.drafts.map((draft) => [key(draft.indicator, draft.participants), draft]));
      const labels = coderOf(d.item)
        .labelsWith(d.item.input, (name) => confidences.get(name) ?? 0)
        .map((label) => {
          const draft = drafts.get(key(label.indicator, label.participants));
          if (draft === undefined) return label;
          const grade = Number(loudest(draft.severityFeatures, severity)) as 1 | 2 | 3 | 4 | 5;
          return { ...label, status: loudest(draft.statusFeatures, status) as Status, severity: grade };
        });
      out.push({ item: d.item, labels });
    }
  }
  return out;
}
