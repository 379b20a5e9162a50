import type { GazetteerEntry } from '../codebook/data.js';
import type { Candidate } from './candidates.js';
import type { Hit } from './concept-hits.js';
import type { Doc } from './document.js';
import type { Mention } from './mentions.js';
import type { TellPart } from './name-parts.js';
import type { Party } from './participants.js';

/** How an act and its members stand to each other and to other names in the text, in words of the model's features. */
export interface Setting {
  act: Hit;
  party: Party;
  /** Offices and kinds of the members, each once: `name`, `mod`. */
  roles: readonly string[];
  isImplied: boolean;
  isInTitle: boolean;
  isByPlace: boolean;
  arePersons: boolean;
  personsOf: string;
  /** What is named next before and after the act. */
  before: string;
  after: string;
  neighbours: string;
  /** Null where the act and two members do not stand in one sentence. */
  span: { isParted: boolean; hasComma: boolean; width: string } | null;
  /** Parts of the first and the last member in their clauses. */
  partA: string;
  partB: string;
  parts: string;
  /** Short text between the two, or null. */
  between: string | null;
  /** Null in two fields. */
  order: string | null;
  orderPart: string;
  /** Who opens the headline, and whether right at its beginning. */
  opens: string;
  startsTitle: boolean;
  isNegated: boolean;
  outsiderParts: readonly string[];
}

/** Settings of the present item; drafts under several indicators often share one. */
const known = { doc: null as Doc | null, settings: [] as Setting[] };

export function settingOf(doc: Doc, { act, party }: Candidate, tellPart: TellPart): Setting {
  if (known.doc !== doc) {
    known.doc = doc;
    known.settings = [];
  }
  let setting = known.settings.find((s) => s.act === act && s.party === party);
  if (setting === undefined) {
    setting = readSetting(doc, act, party, tellPart);
    known.settings.push(setting);
  }
  return setting;
}

function readSetting(doc: Doc, act: Hit, party: Party, tellPart: TellPart): Setting {
  const { members } = party;
  const [left, right] = neighboursOf(doc, act);
  const [before, after] = [kindFor(left, party), kindFor(right, party)];
  const [a, b] = [first(members), last(members)];
  const [partA, partB] = [tellPart(doc, a), tellPart(doc, b)];
  const order = a.field === b.field ? orderOf(act, a, b) : null;
  const opener = openerOf(doc);
  return {
    act,
    party,
    roles: rolesOf(party),
    isImplied: members.some((m) => m.implied),
    isInTitle: members.every((m) => m.field === 0),
    isByPlace: members.some((m) => m.kind === 'place'),
    arePersons: members.every(isPerson),
    personsOf: personsOf(doc, act, party),
    before,
    after,
    neighbours: joined(before, after),
    span: spanOf(doc, act, party),
    partA,
    partB,
    parts: joined(partA, partB),
    between:
      order !== null && b.start - a.end < SHORT_GAP
        ? doc.fields[a.field].slice(a.end, b.start).trim().toLowerCase()
        : null,
    order,
    orderPart: order === null ? '' : joined(order, partB),
    opens: kindFor(opener, party),
    startsTitle: opener !== undefined && opener.start < 4,
    isNegated: isNegated(doc, act),
    outsiderParts: outsiderPartsOf(doc, act, tellPart),
  };
}

/** Between two names, text up to this length is looked at as it stands. */
const SHORT_GAP = 8;
/** A negation reaches an act that follows within this many characters. */
const NEGATION_REACH = 30;

const joins = new Map<string, Map<string, string>>();

/** Two words of the codebook with a space between, put together once. */
function joined(a: string, b: string): string {
  let withA = joins.get(a);
  if (withA === undefined) {
    withA = new Map();
    joins.set(a, withA);
  }
  let both = withA.get(b);
  if (both === undefined) {
    both = `${a} ${b}`;
    withA.set(b, both);
  }
  return both;
}

/** Gazetteer groups of these names are soldiers and ministers of defence. */
const MILITARY = /\.(mod|mil-chiefs|cmc|commanders)$/;

const roles = new Map<GazetteerEntry, string>();

/** The last part of the name of a gazetteer group. */
function roleOf(entry: GazetteerEntry): string {
  let role = roles.get(entry);
  if (role === undefined) {
    role = entry.id.slice(entry.id.lastIndexOf('.') + 1);
    roles.set(entry, role);
  }
  return role;
}

/** Roles of the members, each once. */
export function rolesOf({ members }: Party): string[] {
  const out: string[] = [];
  for (const { entry } of members) {
    const role = roleOf(entry);
    if (!out.includes(role)) out.push(role);
  }
  return out;
}

const isPerson = ({ kind }: Mention): boolean => kind === 'leader' || kind === 'minister' || kind === 'official';

/** Which kinds of persons act for the members in this sentence: soldiers, civilians, both, or nobody by name. */
function personsOf(doc: Doc, act: Hit, party: Party): string {
  let persons = 0;
  let soldiers = 0;
  for (const m of doc.members) {
    if (!isPerson(m) || (m.sentence !== act.sentence && m.field !== 0) || !isOf(party, m.member)) continue;
    persons++;
    if (MILITARY.test(m.entry.id)) soldiers++;
  }
  if (persons === 0) return 'none';
  return soldiers === 0 ? 'civil' : soldiers === persons ? 'military' : 'mixed';
}

function isOf({ members }: Party, code: string | null): boolean {
  for (let i = 0; i < members.length; i++) if (members[i]!.member === code) return true;
  return false;
}

/** The names next to the act in its sentence. An outsider beside the act is often the real partner. */
function neighboursOf(doc: Doc, act: Hit): [Mention | undefined, Mention | undefined] {
  let before: Mention | undefined;
  let after: Mention | undefined;
  for (const m of doc.mentions) {
    if (m.sentence !== act.sentence || m.field !== act.field) continue;
    if (m.start < act.start) {
      if (before === undefined || m.start > before.start) before = m;
    } else if (after === undefined || m.start < after.start) after = m;
  }
  return [before, after];
}

/** What another name is to an act: one of its own members, another member, or another kind of name. */
function kindFor(mention: Mention | undefined, party: Party): string {
  if (mention === undefined) return 'none';
  if (mention.member === null) return mention.kind;
  return isOf(party, mention.member) ? 'party' : 'member';
}

/** How much text holds the act and its members together, and whether they are parted by more than a comma. */
function spanOf(doc: Doc, act: Hit, { members }: Party): Setting['span'] {
  let near = 0;
  let low = act.start;
  let high = act.end;
  for (const m of members) {
    if (m.field !== act.field || m.sentence !== act.sentence) continue;
    near++;
    low = Math.min(low, m.start);
    high = Math.max(high, m.end);
  }
  if (near < 2) return null;
  const text = doc.fields[act.field].slice(low, high);
  const width = high - low;
  return {
    isParted: /[;；؛:：—–|]/.test(text),
    hasComma: /[,，、،…]/.test(text),
    width: width < 30 ? '1' : width < 60 ? '2' : width < 100 ? '3' : width < 160 ? '4' : '5',
  };
}

const comesBefore = (a: Mention, b: Mention): boolean =>
  a.field < b.field || (a.field === b.field && a.start < b.start);
const first = (members: readonly Mention[]): Mention => members.reduce((a, b) => (comesBefore(b, a) ? b : a));
const last = (members: readonly Mention[]): Mention => members.reduce((a, b) => (comesBefore(b, a) ? a : b));

/** In which order the act and its first and last member stand. */
function orderOf(act: Hit, a: Mention, b: Mention): string {
  if (act.field !== a.field) return 'elsewhere';
  if (act.start < a.start) return 'act-a-b';
  return act.start < b.start ? 'a-act-b' : 'a-b-act';
}

/** The name that opens the headline. */
function openerOf(doc: Doc): Mention | undefined {
  let opener: Mention | undefined;
  for (const m of doc.mentions) if (m.field === 0 && (opener === undefined || m.start < opener.start)) opener = m;
  return opener;
}

function isNegated(doc: Doc, act: Hit): boolean {
  const negations = doc.hits.get('negation');
  if (negations === undefined) return false;
  return negations.some(
    (h) =>
      h.field === act.field && h.sentence === act.sentence && h.end <= act.end && act.start - h.end < NEGATION_REACH,
  );
}

/** Parts that the first two outsiders of the sentence play. */
function outsiderPartsOf(doc: Doc, act: Hit, tellPart: TellPart): string[] {
  const out: string[] = [];
  let seen = 0;
  for (const m of doc.mentions) {
    if (m.kind !== 'outsider' || m.sentence !== act.sentence || m.field !== act.field) continue;
    if (++seen > 2) break;
    const part = tellPart(doc, m);
    if (!out.includes(part)) out.push(part);
  }
  return out;
}
