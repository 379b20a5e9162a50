import type { Grouping, Pattern } from '../codebook/data.js';
import type { Hit } from './concept-hits.js';
import type { Doc } from './document.js';
import type { Mention } from './mentions.js';

/** Members that take part in one act, with the mention that shows each, and how firmly the text joins them to it. */
export interface Party {
  members: Mention[];
  /** Name of the kind of link, a key of `links` in the coder's settings. */
  link: string;
  /** `pair` of two; `joint` or `group` of more, with or without words that say so; `sides` one pair of several. */
  reading: 'pair' | 'joint' | 'group' | 'sides';
}

/** All of a pattern that decides who takes part: patterns with equal rules find the same parties for an act. */
export interface PartyRules {
  /** Below `PARTY_RULES`; equal rules have equal numbers. */
  number: number;
  grouping: Grouping;
  wantsMedia: boolean;
}

const GROUPINGS: readonly Grouping[] = ['pair', 'joint', 'directed', 'star'];
export const PARTY_RULES = GROUPINGS.length * 2;

export function partyRulesOf({ grouping, kinds, all }: Pattern): PartyRules {
  const wantsMedia = kinds.includes('media') || all.some((group) => group.includes('@media'));
  return { number: GROUPINGS.indexOf(grouping) * 2 + (wantsMedia ? 1 : 0), grouping, wantsMedia };
}

/** Characters from a mention to the act beyond which another sentence part is meant. */
const FAR = 400;

/**
 * Who takes part in the act that a pattern with these rules found around `act`: the members of its sentence first, then those the headline or
 * the first sentence gives it ("the two sides signed ..."), never those that only report, host or are talked about.
 */
export function findParties(doc: Doc, rules: PartyRules, act: Hit, window: readonly number[]): Party[] {
  const actors = actorsIn(doc, rules, window);
  const distinct = codesOf(actors);
  if (distinct.size >= 2) {
    const own = groupParties(doc, rules, act, actors, linkWithin(doc, act, actors, window));
    return [...own, ...headlinePair(doc, rules, act, own), ...withAll(doc, rules, act, distinct, window)];
  }
  const others = withoutBystanders(doc, borrowed(doc, act, window), rules).filter((m) => !distinct.has(m.member));
  const all = [...actors, ...firstOfEach(others)];
  if (codesOf(all).size < 2) return [];
  const outsider = doc.mentions.some((m) => m.kind === 'outsider' && window.includes(m.sentence));
  const link =
    distinct.size === 1 ? (outsider ? 'borrowed-outsider' : 'borrowed') : outsider ? 'referred-outsider' : 'referred';
  return groupParties(doc, rules, act, all, link);
}

/** A joint act may be about, or told by, a further member who gains by it: the group of all who are named is a reading too. */
function withAll(
  doc: Doc,
  rules: PartyRules,
  act: Hit,
  actors: ReadonlySet<string | null>,
  window: readonly number[],
): Party[] {
  if (rules.grouping !== 'joint') return [];
  const named = doc.members.filter(
    (m) => m.kind !== 'media' && (m.field === 0 || window.includes(m.sentence)) && !isAbstainer(doc, m),
  );
  if (codesOf(named).size <= actors.size) return [];
  return [{ members: sortByCode(nearestOfEach(named, act)), link: 'everybody', reading: 'group' }];
}

/** Who acts in each window, by item; many patterns ask for the same. */
const known = new WeakMap<Doc, Map<string, Mention[]>>();

function actorsIn(doc: Doc, rules: PartyRules, window: readonly number[]): Mention[] {
  let byWindow = known.get(doc);
  if (byWindow === undefined) {
    byWindow = new Map();
    known.set(doc, byWindow);
  }
  const key = `${window.length === 1 ? window[0] : 'all'} ${rules.number}`;
  let actors = byWindow.get(key);
  if (actors === undefined) {
    actors = withoutBystanders(
      doc,
      doc.members.filter((m) => window.includes(m.sentence)),
      rules,
    );
    byWindow.set(key, actors);
  }
  return actors;
}

/** A headline that names exactly two members tells whom its summary is about, whoever else the summary names. */
function headlinePair(doc: Doc, rules: PartyRules, act: Hit, own: readonly Party[]): Party[] {
  if (act.field === 0) return [];
  const inTitle = withoutBystanders(
    doc,
    doc.members.filter((m) => m.field === 0),
    rules,
  );
  if (codesOf(inTitle).size !== 2) return [];
  const members = sortByCode(firstOfEach(inTitle));
  const same = own.some((p) => p.members.length === 2 && p.members.every((m, i) => m.member === members[i]!.member));
  return same ? [] : [{ members, link: 'referred', reading: 'pair' }];
}

const codesOf = (mentions: readonly Mention[]) => new Set(mentions.map((m) => m.member));

function firstOfEach(mentions: readonly Mention[]): Mention[] {
  const seen = new Set<string | null>();
  return mentions.filter((m) => {
    if (seen.has(m.member)) return false;
    seen.add(m.member);
    return true;
  });
}

/** The sentence whose subjects an act without two named members refers to: the headline, or for it the first sentence. */
function borrowed(doc: Doc, act: Hit, window: readonly number[]): Mention[] {
  const at = window[0] ?? 0;
  if (at > 0) {
    const before = doc.members.filter((m) => m.sentence < at);
    return before.sort(
      (a, b) => b.sentence - a.sentence || Math.abs(a.start - act.start) - Math.abs(b.start - act.start),
    );
  }
  const following = doc.members.filter((m) => m.sentence === 1);
  return following.length > 0 ? following : doc.members.filter((m) => m.sentence > 1);
}

function linkWithin(doc: Doc, act: Hit, actors: readonly Mention[], window: readonly number[]): string {
  if (window.length > 1) return 'item';
  const near = actors.filter((m) => Math.abs(m.start - act.start) < FAR);
  if (codesOf(near).size < 2) return 'far';
  const low = Math.min(act.start, ...near.map((m) => m.start));
  const high = Math.max(act.end, ...near.map((m) => m.end));
  const text = doc.fields[act.field].slice(low, high);
  return /[;；]|\s[—–-]\s/.test(text) ? 'sentence' : 'clause';
}

/** Leaves out media that report, speakers, who abstains, topics, mere places and makers of weapons when two other members remain. */
function withoutBystanders(doc: Doc, mentions: readonly Mention[], rules: PartyRules): Mention[] {
  let left = mentions.filter((m) => m.kind !== 'media' || rules.wantsMedia);
  for (const isBystander of [isSpeaker, isAbstainer, isTopic, isPlace, isMaker]) {
    if (rules.grouping === 'joint' && isBystander !== isSpeaker && isBystander !== isAbstainer) continue;
    const kept = left.filter(
      (m) => !isBystander(doc, m) || left.some((o) => o !== m && o.member === m.member && !isBystander(doc, o)),
    );
    const clean = kept.filter((m) => !isBystander(doc, m));
    if (codesOf(clean).size >= 2) left = clean;
  }
  return left;
}

/** A hit of `concept` that ends right before the mention, or starts right after it. */
export function beside(doc: Doc, mention: Mention, concept: string, side: 'before' | 'after', gap = 2): boolean {
  const hits = doc.hits.get(concept);
  if (!hits) return false;
  return hits.some((h) => {
    if (h.field !== mention.field) return false;
    const distance = side === 'before' ? mention.start - h.end : h.start - mention.end;
    return distance >= 0 && distance <= gap;
  });
}

function isSpeaker(doc: Doc, m: Mention): boolean {
  if (beside(doc, m, 'say', 'after', 12) && m.field === 0) return true;
  const next = doc.fields[m.field].slice(m.end, m.end + 2);
  return m.field === 0 && m.start === 0 && /^\s?[:：]/.test(next);
}

function isTopic(doc: Doc, m: Mention): boolean {
  return beside(doc, m, 'topic-before', 'before') || beside(doc, m, 'topic-after', 'after', 1);
}

/** A weapon, or the name right before it, stands for its maker, who needs no part in what two others do with it. */
function isMaker(doc: Doc, m: Mention): boolean {
  if (m.kind === 'weapon') return true;
  return doc.members.some(
    (o) =>
      o.kind === 'weapon' && o.member === m.member && o.field === m.field && o.start >= m.end && o.start - m.end <= 3,
  );
}

/** Who abstains votes neither with nor against the others. */
function isAbstainer(doc: Doc, m: Mention): boolean {
  return beside(doc, m, 'abstain', 'after', 6);
}

function isPlace(doc: Doc, m: Mention): boolean {
  if (!['name', 'place'].includes(m.kind)) return false;
  return beside(doc, m, 'place-before', 'before', 1) || beside(doc, m, 'place-after', 'after', 1);
}

/**
 * Ways to read three or more members of one act: all as one group, and each of one side with each of the other. Which of the
 * readings holds is weighed later, by what else the text says.
 */
function groupParties(doc: Doc, rules: PartyRules, act: Hit, mentions: Mention[], link: string): Party[] {
  const nearest = nearestOfEach(mentions, act);
  if (nearest.length <= 2) return [{ members: sortByCode(nearest), link, reading: 'pair' }];
  const pairs = sidesOf(doc, act, nearest).map((members) => ({
    members: sortByCode(members),
    link,
    reading: 'sides' as const,
  }));
  const together = rules.grouping === 'joint' || isJoint(doc, act);
  if (!together && rules.grouping === 'directed') return pairs;
  const group: Party = { members: sortByCode(nearest), link, reading: together ? 'joint' : 'group' };
  return [group, ...pairs];
}

/** Pairs of the members on the two sides of the act, or on the two sides of the widest gap between their names. */
function sidesOf(doc: Doc, act: Hit, mentions: Mention[]): Mention[][] {
  const [left, right] = splitByList(doc, mentions);
  if (left.length > 0 && right.length > 0) return left.flatMap((a) => right.map((b) => [a, b]));
  const before = mentions.filter((m) => position(m) < position(act));
  const after = mentions.filter((m) => position(m) >= position(act));
  if (before.length > 0 && after.length > 0) return before.flatMap((a) => after.map((b) => [a, b]));
  return mentions.flatMap((a, i) => mentions.slice(i + 1).map((b) => [a, b]));
}

const position = (place: { field: number; start: number }) => place.field * 1e6 + place.start;

function sortByCode(mentions: readonly Mention[]): Mention[] {
  return [...mentions].sort((a, b) => (a.member! < b.member! ? -1 : 1));
}

/** For each member the mention closest to the act; an explicit name before an implied one. */
function nearestOfEach(mentions: readonly Mention[], act: Hit): Mention[] {
  const best = new Map<string, Mention>();
  const cost = (m: Mention) => Math.abs(position(m) - position(act)) + (m.implied ? 1e7 : 0);
  for (const m of mentions) {
    const known = best.get(m.member!);
    if (!known || cost(m) < cost(known)) best.set(m.member!, m);
  }
  return [...best.values()];
}

/** Does the sentence, or the one before it, say that they act as one? */
function isJoint(doc: Doc, act: Hit): boolean {
  const hits = doc.hits.get('joint_action') ?? [];
  return (
    hits.some((h) => h.sentence === act.sentence) &&
    !(doc.hits.get('separate_action') ?? []).some((h) => h.sentence === act.sentence)
  );
}

/** Members that stand in one list ("A, B and C") are one side; the rest are the other. */
function splitByList(doc: Doc, mentions: Mention[]): [Mention[], Mention[]] {
  const ordered = [...mentions].sort((a, b) => position(a) - position(b));
  let widest = 0;
  let cut = 0;
  for (let i = 1; i < ordered.length; i++) {
    const a = ordered[i - 1]!;
    const b = ordered[i]!;
    const gap = a.field === b.field ? b.start - a.end : 1000;
    const text = a.field === b.field ? doc.fields[a.field].slice(a.end, b.start) : ' ';
    const listed = /^[\s,、،]*(and|и|和|与|و|와|과|及|&)?[\s]*$/.test(text);
    if (!listed && gap > widest) {
      widest = gap;
      cut = i;
    }
  }
  return cut === 0 ? [[], []] : [ordered.slice(0, cut), ordered.slice(cut)];
}
