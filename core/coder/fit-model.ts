import { STATUSES } from '../codebook/codebook.js';
import type { Model } from '../codebook/data.js';
import { predict } from './features.js';
import { type Example, fitLogistic } from './fit.js';
import { type GoldItem, type Judgement, partOf, rowsOf } from './gold.js';
import type { RulesCoder } from './rules-coder.js';
import { weighStatus } from './status.js';

/** How strongly each family of features is held to zero: the more particular, the stronger. */
export function penaltyOf(feature: string): number {
  if (feature === 'bias' || feature === 'score') return 0.05;
  if (/^[ts] /.test(feature)) return 3;
  if (feature.startsWith('c ')) return 2.4;
  if (/^(weak-)?beside /.test(feature)) return 2;
  return 0.7;
}

type Drafted = { item: GoldItem; drafts: ReturnType<RulesCoder['drafts']> };

function examplesOf(items: readonly Drafted[]): Example[] {
  return items.flatMap(({ item, drafts }) => {
    const gold = rowsOf(item.labels);
    return drafts.map(({ indicator, participants, features }) => {
      const rows = [...rowsOf([{ indicator, participants }])];
      return { features, target: rows.filter((row) => gold.has(row)).length / rows.length, weight: 1 };
    });
  });
}

/** Weights that tell each status from the others, fitted on the labels that the patterns suggest too. */
function fitStatus(items: readonly Drafted[]): Model['status'] {
  const known = items.flatMap(({ item, drafts }) =>
    item.labels.flatMap((gold) => {
      const key = [...gold.participants].sort().join();
      const draft = drafts.find((d) => d.indicator === gold.indicator && d.participants.join() === key);
      return draft && gold.status !== null ? [{ status: gold.status, features: draft.statusFeatures }] : [];
    }),
  );
  return Object.fromEntries(
    STATUSES.map((status) => {
      const examples = known.map((k) => ({ features: k.features, target: k.status === status ? 1 : 0, weight: 1 }));
      return [status, trim(fitLogistic(examples, statusPenalty))];
    }),
  );
}

function statusPenalty(feature: string): number {
  if (feature === 'bias') return 0.05;
  if (/^(t|s|ph) /.test(feature)) return 3;
  return 1;
}

/** Weights that hardly matter are left out, the rest are rounded. */
function trim(weights: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries(
    [...weights].filter(([, w]) => Math.abs(w) >= 0.02).map(([name, w]) => [name, Math.round(w * 1000) / 1000]),
  );
}

/** Fits the weights on all items. */
export function fitModel(coder: RulesCoder, items: readonly GoldItem[], threshold: number): Model {
  const drafted = items.map((item) => ({ item, drafts: coder.drafts(item.input) }));
  return { threshold, weights: trim(fitLogistic(examplesOf(drafted), penaltyOf)), status: fitStatus(drafted) };
}

/**
 * What the coder says of each item with weights fitted on the others only (`parts` splits by story), so that the figures are
 * not flattered by the items they were fitted on. `always` are further items to fit on that are not judged.
 */
export function crossValidate(
  coder: RulesCoder,
  items: readonly GoldItem[],
  threshold: number,
  always: readonly GoldItem[] = [],
  parts = 8,
): Judgement[] {
  const draft = (item: GoldItem): Drafted => ({ item, drafts: coder.drafts(item.input) });
  const drafted = items.map(draft);
  const further = always.map(draft);
  const out: Judgement[] = [];
  for (let part = 0; part < parts; part++) {
    const others = [...drafted.filter((d) => partOf(d.item, parts) !== part), ...further];
    const weights = fitLogistic(examplesOf(others), penaltyOf);
    const status = Object.fromEntries(
      Object.entries(fitStatus(others)).map(([name, table]) => [name, new Map(Object.entries(table))]),
    );
    for (const { item, drafts } of drafted) {
      if (partOf(item, parts) !== part) continue;
      const confidences = new Map(
        drafts.map((d) => [
          `${d.indicator} ${d.participants.join('-')}`,
          Math.round(predict(d.features, weights) * 1000) / 1000,
        ]),
      );
      const statuses = new Map(
        drafts.map((d) => [`${d.indicator} ${d.participants.join()}`, weighStatus(d.statusFeatures, status)]),
      );
      const labels = coder.labelsWith(item.input, (key) => confidences.get(key) ?? 0, threshold);
      out.push({
        item,
        labels: labels.map((l) => ({
          ...l,
          status: statuses.get(`${l.indicator} ${l.participants.join()}`) ?? l.status,
        })),
      });
    }
  }
  return out;
}
