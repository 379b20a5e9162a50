import { type Family, familiesOf, familyOf, type Visit } from './families.js';
import { areContrasted } from './modes.js';

/** A draft with the probability that its own words give it. */
export interface Rated {
  indicator: string;
  members: readonly string[];
  probability: number;
  /** Clause in which its act stands, where the sentence sets one against another. */
  side: number;
}

/** Drafts below this probability say nothing about the others. */
const HEARD = 0.15;

const logit = (p: number) => Math.log(p / (1 - p));
const clip = (p: number, low = 0.01) => Math.min(0.99, Math.max(low, p));

const families = new Map<string, { beside: Family; top: Family }>();

function ownOf(indicator: string) {
  let known = families.get(indicator);
  if (known === undefined) {
    known = { beside: familyOf(`beside ${indicator}`), top: familyOf(`top ${indicator}`) };
    families.set(indicator, known);
  }
  return known;
}

const OF = familiesOf(
  'bias',
  'probability',
  'indicator',
  'rank',
  'top',
  'top-logit',
  'sum',
  'gap',
  'top-of-domain',
  'top-elsewhere',
  'top-of-group',
  'members',
);

/**
 * What the second step looks at: how a draft stands among all drafts of its item, now that each has a probability. One act is
 * often drafted under several indicators and groups of members, of which a careful reader gives one.
 */
export function visitChoice(rated: readonly Rated[], at: number, visit: Visit): void {
  const me = rated[at]!;
  const { indicator, members, probability } = me;
  const own = ownOf(indicator);
  const domain = indicator.slice(0, indicator.indexOf('.'));
  let [rank, top, sum, topOfDomain, topElsewhere, topOfGroup] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < rated.length; i++) {
    const other = rated[i]!;
    if (i === at) continue;
    if (areContrasted(me.side, other.side)) continue;
    const p = other.probability;
    if (haveSameMembers(other, me)) {
      if (p > probability) rank++;
      top = Math.max(top, p);
      sum += p;
      if (other.indicator.startsWith(domain)) topOfDomain = Math.max(topOfDomain, p);
      if (p > HEARD) visit(own.beside, other.indicator, p);
    } else if (other.indicator === indicator && isNested(members, other.members)) topOfGroup = Math.max(topOfGroup, p);
    else topElsewhere = Math.max(topElsewhere, p);
  }
  visit(OF.bias, '', 1);
  visit(OF.probability, '', logit(clip(probability)));
  visit(OF.indicator, indicator, 0.5);
  visit(OF.rank, rank === 0 ? 'first' : rank === 1 ? 'second' : 'later', 1);
  visit(OF.rank, '', Math.min(3, rank));
  visit(OF.top, '', top);
  visit(OF['top-logit'], '', logit(clip(top, 0.02)) / 4);
  visit(OF.sum, '', Math.min(3, sum));
  visit(OF.gap, '', probability - top);
  visit(OF['top-of-domain'], '', topOfDomain);
  visit(OF['top-elsewhere'], '', topElsewhere);
  visit(OF['top-of-group'], '', topOfGroup);
  visit(OF.members, String(members.length), 1);
  visit(own.top, rank === 0 ? 'first' : 'not first', 0.5);
  visit(own.top, '', top);
}

function isNested(a: readonly string[], b: readonly string[]): boolean {
  return a.every((m) => b.includes(m)) || b.every((m) => a.includes(m));
}

/**
 * Confidence of each draft. The likeliest draft of a set of members keeps its probability: whether they did anything is told by
 * the words. A further label must hold its own beside it, and is never surer than the first. Where that is below `least`, the
 * further ones are not weighed: their confidence is below it too, by how much nobody asks.
 */
export function settle(rated: readonly Rated[], beside: (at: number) => number, least = 0): number[] {
  return rated.map((me, i) => {
    let best = rated.findIndex((other) => compete(me, other));
    for (let k = best + 1; k < rated.length; k++)
      if (rated[k]!.probability > rated[best]!.probability && compete(me, rated[k]!)) best = k;
    const { probability } = rated[best]!;
    return best === i || probability < least ? probability : Math.min(beside(i), probability);
  });
}

/** Readings of the same words: clauses that are set against each other each have their own. */
const compete = (a: Rated, b: Rated): boolean => haveSameMembers(a, b) && !areContrasted(a.side, b.side);

function haveSameMembers(a: Rated, b: Rated): boolean {
  return a.members.length === b.members.length && a.members.every((code, k) => code === b.members[k]);
}
