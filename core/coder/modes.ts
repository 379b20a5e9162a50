import type { Hit } from './concept-hits.js';
import { westernDigits } from './digits.js';
import type { Doc } from './document.js';
import { familiesOf, familyOf, type Visit } from './families.js';
import type { Draft } from './features.js';
import { isTopic, type Party } from './participants.js';

/** Concepts of this beginning say how real an act is, and whether its members act as one: "might", "in a novel", "each". */
const PREFIX = 'mode-';
/** Concept of words that set one clause against another: "but", "even as". */
const CONTRAST = 'contrast';
/** A cue within this many characters of the act most likely means it. */
const NEAR = 40;
/** A year before 2014. */
const OLD_YEAR = /(?<![\d-])(19[4-9]\d|200\d|201[0-3]|13[3-8]\d|139[01])(?!\d)/;
const NEW_YEAR = /(?<!\d)(201[4-9]|202\d|139[3-9]|140\d)(?!\d)/;

const OF = familiesOf(
  'mode',
  'mode-title',
  'mode-else',
  'mode-right-before',
  'mode-before',
  'mode-right-after',
  'mode-after',
  'listed',
  'listed third',
  'listed-alone',
  'topic-of',
);

interface Modes {
  hits: Array<[name: string, hit: Hit]>;
  oldYear: boolean;
}

/** Of the present item; the same for all of its drafts. */
const known = { doc: null as Doc | null, modes: null as Modes | null };

function modesOf(doc: Doc): Modes {
  if (known.doc === doc && known.modes !== null) return known.modes;
  const hits: Modes['hits'] = [];
  for (const concept of doc.hits.found) {
    if (concept < doc.firstOfLexicon) continue;
    const name = doc.conceptNames[concept]!;
    if (name.startsWith(PREFIX)) for (const hit of doc.hits.of(concept)) hits.push([name, hit]);
  }
  const text = westernDigits(`${doc.fields[0]} ${doc.fields[1]}`);
  known.doc = doc;
  known.modes = { hits, oldYear: OLD_YEAR.test(text) && !NEW_YEAR.test(text) };
  return known.modes;
}

/**
 * Which clause of its sentence a place stands in, where the sentence sets one clause against another; 0 where it does not.
 * Places in different sentences never have the same number.
 */
export function sideOf(doc: Doc, { sentence, start }: Pick<Hit, 'sentence' | 'start'>): number {
  const contrasts = doc.hits.get(CONTRAST);
  if (contrasts === undefined) return 0;
  let [here, before] = [false, 0];
  for (const hit of contrasts) {
    if (hit.sentence !== sentence) continue;
    here = true;
    if (hit.start <= start) before++;
  }
  return here ? sentence * 10 + before + 1 : 0;
}

/** Do two acts stand in clauses of one sentence that are set against each other? */
export const areContrasted = (a: number, b: number) =>
  a !== b && a > 0 && b > 0 && Math.floor(a / 10) === Math.floor(b / 10);

/** What the model looks at to tell an act from one that is feared, told in a novel, or done by each alone. */
export function visitModes(doc: Doc, draft: Draft, visit: Visit): void {
  const { act, party } = draft.candidates[0]!;
  const { hits, oldYear } = modesOf(doc);
  if (oldYear) visit(OF.mode, 'old-year', 1);
  for (const [name, hit] of hits) {
    if (hit.sentence !== act.sentence) {
      visit(hit.field === 0 ? OF['mode-title'] : OF['mode-else'], name, 0.7);
      continue;
    }
    visit(OF.mode, name, 1);
    if (hit.end <= act.start)
      visit(act.start - hit.end < NEAR ? OF['mode-right-before'] : OF['mode-before'], name, 0.7);
    else if (hit.start >= act.end)
      visit(hit.start - act.end < NEAR ? OF['mode-right-after'] : OF['mode-after'], name, 0.7);
  }
  visitListed(doc, draft.indicator, act, party, visit);
  // What two others talk about takes no part in the talk.
  if (doc.mentions.some((m) => m.member === null && m.sentence === act.sentence))
    for (const m of party.members) if (isTopic(doc, m)) visit(OF['topic-of'], 'outsiders', 1);
}

const LIST_SIGN = /^\s*(,|、|،|·|and|&|и|和|与|與|及|و|와|과|및)\s*$/i;

/** Two members named as one subject do the act together only if the text says so or the act takes two. */
function visitListed(doc: Doc, indicator: string, act: Hit, { members }: Party, visit: Visit): void {
  if (members.length !== 2) return;
  const [a, b] = members[0]!.start <= members[1]!.start ? [members[0]!, members[1]!] : [members[1]!, members[0]!];
  if (a.field !== b.field || a.sentence !== b.sentence || b.start < a.end || b.start - a.end > 6) return;
  if (!LIST_SIGN.test(doc.fields[a.field].slice(a.end, b.start))) return;
  const { hits } = doc;
  const isEach = hits.standsHere('separate_action', act.sentence) || hits.standsHere('mode-each', act.sentence);
  const how = hits.standsHere('joint_action', act.sentence) ? 'joint' : isEach ? 'each' : 'plain';
  const third = doc.mentions.some(
    (m) => m !== a && m !== b && m.sentence === act.sentence && m.member !== a.member && m.member !== b.member,
  );
  visit(OF.listed, how, 1);
  visit(familyOf(`listed ${indicator}`), how, 1);
  if (third) visit(OF['listed third'], how, 1);
  if (doc.members.every((m) => m.member === a.member || m.member === b.member))
    visit(OF['listed-alone'], `${indicator} ${how}`, 1);
}
