import type { Grouping, Pattern } from '../codebook/data.js';
import type { Hit } from './concept-hits.js';
import type { Doc } from './document.js';
import { insertionSort } from './insertion-sort.js';
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

/** Sentences over which "the two sides" still refer to those named before; the headline is never too far. */
const REFERRED = 3;
/** Characters from a mention to the act beyond which another sentence part is meant. */
const FAR = 400;

/**
 * Who takes part in the act that a pattern with these rules found around `act`: the members of its sentence first, then those the headline or
 * the first sentence gives it ("the two sides signed ..."), never those that only report, host or are talked about.
 */
export function findParties(doc: Doc, rules: PartyRules, act: Hit, window: readonly number[]): Party[] {
  const actors = actorsIn(doc, rules, window);
  const count = countCodes(actors);
  if (count >= 2) {
    const parties = groupParties(doc, rules, act, actors, linkWithin(doc, act, actors, window));
    const headline = headlinePair(doc, rules, act);
    if (headline !== null && !parties.some((party) => isSamePair(party, headline))) parties.push(headline);
    const everybody = withAll(doc, rules, act, count, window);
    if (everybody !== null) parties.push(everybody);
    return parties;
  }
  const others = withoutBystanders(doc, borrowed(doc, act, window), rules).filter((m) => !names(actors, m.member));
  const all = [...actors, ...firstOfEach(others)];
  if (countCodes(all) < 2) return [];
  const outsider = doc.mentions.some((m) => m.kind === 'outsider' && window.includes(m.sentence));
  const link =
    count === 1 ? (outsider ? 'borrowed-outsider' : 'borrowed') : outsider ? 'referred-outsider' : 'referred';
  return groupParties(doc, rules, act, all, link);
}

/** A joint act may be about, or told by, a further member who gains by it: the group of all who are named is a reading too. */
function withAll(doc: Doc, rules: PartyRules, act: Hit, actors: number, window: readonly number[]): Party | null {
  if (rules.grouping !== 'joint') return null;
  const named = doc.members.filter(
    (m) => m.kind !== 'media' && (m.field === 0 || window.includes(m.sentence)) && !isAbstainer(doc, m),
  );
  if (countCodes(named) <= actors) return null;
  return { members: sortByCode(nearestOfEach(named, act)), link: 'everybody', reading: 'group' };
}

/** What many patterns ask for of the present item, by window and rules. */
const known = {
  doc: null as Doc | null,
  actors: new Map<number, readonly Mention[]>(),
  headline: new Map<number, Party | null>(),
};

function knownOf(doc: Doc): typeof known {
  if (known.doc !== doc) {
    known.doc = doc;
    known.actors.clear();
    known.headline.clear();
  }
  return known;
}

/** Who acts in a window. */
function actorsIn(doc: Doc, rules: PartyRules, window: readonly number[]): readonly Mention[] {
  const { actors: byWindow } = knownOf(doc);
  const key = (window.length === 1 ? window[0]! + 1 : 0) * PARTY_RULES + rules.number;
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
function headlinePair(doc: Doc, rules: PartyRules, act: Hit): Party | null {
  if (act.field === 0) return null;
  const { headline } = knownOf(doc);
  let pair = headline.get(rules.number);
  if (pair === undefined) {
    const inTitle = withoutBystanders(
      doc,
      doc.members.filter((m) => m.field === 0),
      rules,
    );
    pair =
      countCodes(inTitle) === 2
        ? { members: sortByCode(firstOfEach(inTitle)), link: 'referred', reading: 'pair' }
        : null;
    headline.set(rules.number, pair);
  }
  return pair;
}

const isSamePair = (a: Party, b: Party): boolean =>
  a.members.length === 2 && a.members.every((m, i) => m.member === b.members[i]!.member);

function names(mentions: readonly Mention[], member: string | null): boolean {
  for (let i = 0; i < mentions.length; i++) if (mentions[i]!.member === member) return true;
  return false;
}

/** Of few mentions, without a set of their members. */
function countCodes(mentions: readonly Mention[]): number {
  let count = 0;
  for (let i = 0; i < mentions.length; i++) {
    let isNew = true;
    for (let k = 0; isNew && k < i; k++) isNew = mentions[k]!.member !== mentions[i]!.member;
    if (isNew) count++;
  }
  return count;
}

function firstOfEach(mentions: readonly Mention[]): Mention[] {
  const out: Mention[] = [];
  for (const mention of mentions) if (!names(out, mention.member)) out.push(mention);
  return out;
}

/** The sentence whose subjects an act without two named members refers to: the headline, or for it the first sentence. */
function borrowed(doc: Doc, act: Hit, window: readonly number[]): Mention[] {
  const at = window[0] ?? 0;
  if (at > 0) {
    const before = doc.members.filter((m) => m.sentence < at && (m.field === 0 || at - m.sentence <= REFERRED));
    return insertionSort(
      before,
      (a, b) => b.sentence - a.sentence || Math.abs(a.start - act.start) - Math.abs(b.start - act.start),
    );
  }
  const following = doc.members.filter((m) => m.sentence === 1);
  return following.length > 0 ? following : doc.members.filter((m) => m.sentence > 1);
}

function linkWithin(doc: Doc, act: Hit, actors: readonly Mention[], window: readonly number[]): string {
  if (window.length > 1) return 'item';
  const near = actors.filter((m) => Math.abs(m.start - act.start) < FAR);
  if (countCodes(near) < 2) return 'far';
  let low = act.start;
  let high = act.end;
  for (const m of near) {
    low = Math.min(low, m.start);
    high = Math.max(high, m.end);
  }
  const text = doc.fields[act.field].slice(low, high);
  return /[;；]|\s[—–-]\s/.test(text) ? 'sentence' : 'clause';
}

/** Leaves out media that report, speakers, who abstains, topics, mere places and makers of weapons when two other members remain. */
function withoutBystanders(doc: Doc, mentions: readonly Mention[], rules: PartyRules): readonly Mention[] {
  let left = rules.wantsMedia ? mentions : without(doc, mentions, isMedia);
  for (const isBystander of rules.grouping === 'joint' ? BYSTANDERS_OF_JOINT_ACTS : BYSTANDERS) {
    const clean = without(doc, left, isBystander);
    if (countCodes(clean) >= 2) left = clean;
  }
  return left;
}

type Claim = (doc: Doc, mention: Mention) => boolean;

/** The mentions of which a claim does not hold; mostly all of them, so that the list itself comes back. */
function without(doc: Doc, mentions: readonly Mention[], claim: Claim): readonly Mention[] {
  for (let i = 0; i < mentions.length; i++) if (claim(doc, mentions[i]!)) return mentions.filter((m) => !claim(doc, m));
  return mentions;
}

const isMedia: Claim = (_, { kind }) => kind === 'media';
const BYSTANDERS_OF_JOINT_ACTS = [isSpeaker, isAbstainer];
const BYSTANDERS = [...BYSTANDERS_OF_JOINT_ACTS, isTopic, isPlace, isMaker];

/** A hit of `concept` that ends right before the mention, or starts right after it. */
export function beside(doc: Doc, mention: Mention, concept: string, side: 'before' | 'after', gap = 2): boolean {
  const hits = doc.hits.get(concept);
  if (hits === undefined) return false;
  for (const hit of hits) {
    if (hit.field !== mention.field) continue;
    const distance = side === 'before' ? mention.start - hit.end : hit.start - mention.end;
    if (distance >= 0 && distance <= gap) return true;
  }
  return false;
}

function isSpeaker(doc: Doc, m: Mention): boolean {
  if (m.field !== 0) return false;
  if (beside(doc, m, 'say', 'after', 12)) return true;
  return m.start === 0 && /^\s?[:：]/.test(doc.fields[0].slice(m.end, m.end + 2));
}

export function isTopic(doc: Doc, m: Mention): boolean {
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
  if (m.kind !== 'name' && m.kind !== 'place') return false;
  return beside(doc, m, 'place-before', 'before', 1) || beside(doc, m, 'place-after', 'after', 1);
}

/**
 * Ways to read three or more members of one act: all as one group, and each of one side with each of the other. Which of the
 * readings holds is weighed later, by what else the text says.
 */
function groupParties(doc: Doc, rules: PartyRules, act: Hit, mentions: readonly Mention[], link: string): Party[] {
  const nearest = nearestOfEach(mentions, act);
  if (nearest.length <= 2) return [{ members: sortByCode(nearest), link, reading: 'pair' }];
  const apart = rules.grouping !== 'joint' && isApart(doc, act);
  const pairs = (apart ? hostAndGuests(doc, nearest) : sidesOf(doc, act, nearest)).map((members) => ({
    members: sortByCode(members),
    link,
    reading: 'sides' as const,
  }));
  if (apart) return pairs;
  const together = rules.grouping === 'joint' || isJoint(doc, act);
  if (!together && rules.grouping === 'directed') return pairs;
  const group: Party = { members: sortByCode(nearest), link, reading: together ? 'joint' : 'group' };
  return [group, ...pairs];
}

/** Does the sentence say that one comes after the other, or each for itself? */
function isApart(doc: Doc, act: Hit): boolean {
  return doc.hits.standsHere('separate_action', act.sentence) && !doc.hits.standsHere('joint_action', act.sentence);
}

/** Who is named first receives the others one by one; a list of two or more is one side as elsewhere. */
function hostAndGuests(doc: Doc, mentions: Mention[]): Mention[][] {
  const ordered = insertionSort([...mentions], (a, b) => position(a) - position(b));
  const [host, ...guests] = ordered as [Mention, ...Mention[]];
  const [left, right] = splitByList(doc, mentions);
  // Some names take their verb with them ("Xi receives"): a list needs a sign.
  const gap = doc.fields[host.field].slice(host.end, guests[0]!.start);
  if (left.length > 1 && gap.trim() !== '' && areListed(doc, host, guests[0]!))
    return left.flatMap((a) => right.map((b) => [a, b]));
  return guests.map((guest) => [host, guest]);
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
  return insertionSort([...mentions], (a, b) => (a.member! < b.member! ? -1 : 1));
}

/** For each member the mention closest to the act; an explicit name before an implied one. */
function nearestOfEach(mentions: readonly Mention[], act: Hit): Mention[] {
  const best: Mention[] = [];
  for (const m of mentions) {
    let at = 0;
    while (at < best.length && best[at]!.member !== m.member) at++;
    if (at === best.length || costOf(m, act) < costOf(best[at]!, act)) best[at] = m;
  }
  return best;
}

const costOf = (m: Mention, act: Hit): number => Math.abs(position(m) - position(act)) + (m.implied ? 1e7 : 0);

/** Does the sentence, or the one before it, say that they act as one? */
function isJoint(doc: Doc, act: Hit): boolean {
  return doc.hits.standsHere('joint_action', act.sentence) && !doc.hits.standsHere('separate_action', act.sentence);
}

/** Two names with nothing but a comma or "and" between them. */
function areListed(doc: Doc, a: Mention, b: Mention): boolean {
  const text = a.field === b.field ? doc.fields[a.field].slice(a.end, b.start) : ' ';
  return /^[\s,、،]*(and|и|和|与|و|와|과|及|&)?[\s]*$/.test(text);
}

/** Members that stand in one list ("A, B and C") are one side; the rest are the other. */
function splitByList(doc: Doc, mentions: Mention[]): [Mention[], Mention[]] {
  const ordered = insertionSort([...mentions], (a, b) => position(a) - position(b));
  let widest = 0;
  let cut = 0;
  for (let i = 1; i < ordered.length; i++) {
    const a = ordered[i - 1]!;
    const b = ordered[i]!;
    const gap = a.field === b.field ? b.start - a.end : 1000;
    const listed = areListed(doc, a, b);
    if (!listed && gap > widest) {
      widest = gap;
      cut = i;
    }
  }
  return cut === 0 ? [[], []] : [ordered.slice(0, cut), ordered.slice(cut)];
}
