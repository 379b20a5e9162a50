import type { Status } from '../codebook/codebook.js';
import type { Pattern } from '../codebook/data.js';
import type { Hit } from './concept-hits.js';
import type { Doc } from './document.js';
import { type Family, familiesOf, familyOf, type Visit } from './families.js';
import { placesIn } from './features.js';
import { areContrasted, sideOf } from './modes.js';
import type { Party } from './participants.js';

/** Concepts that a codebook may define for the status of an act; those it lacks never occur. */
const CUES = {
  denial: 'denial',
  alleged: 'alleged',
  announced: 'announced',
  confirmed: 'confirmed',
  source: 'observer-source',
  say: 'say',
  done: 'done',
} as const;

/**
 * Status of an act by the precedence occurred > denied > alleged > announced, a denial in the headline winning over all.
 * `isPublic`: the act is of a kind that is seen by everybody, so that naming who saw it alleges nothing.
 */
export function decideStatus(doc: Doc, pattern: Pattern, act: Hit, party: Party, isPublic: boolean): Status {
  const { hits } = doc;
  const { sentence } = act;
  if (pattern.status === 'denied') return 'denied';
  const confirmed = hits.has(CUES.confirmed);
  if (!confirmed && (hits.standsInTitle(CUES.denial) || deniedByParticipant(doc, party))) return 'denied';
  if (pattern.status !== null) return pattern.status;
  const alleged = hits.standsHere(CUES.alleged, sentence);
  const reported = alleged || hits.standsInTitle(CUES.alleged);
  const attributed = !isPublic && (attributes(doc, sentence, act) || attributes(doc, 0, act));
  if ((reported && !isPublic) || attributed) return confirmed ? 'occurred' : 'alleged';
  if (isPublic && alleged && !confirmed) return 'alleged';
  if (hits.standsHere(CUES.announced, sentence) && !hits.standsHere(CUES.done, sentence)) return 'announced';
  return 'occurred';
}

/** Concepts of which single phrases tell about the status, with the families of these. */
const TELLING = Object.values(CUES).map((name) => ({
  name,
  inTitle: familyOf(`ph t ${name}`),
  inSummary: familyOf(`ph s ${name}`),
}));

/** Families by what the rules say, put together once. */
const RULE_FAMILY: Readonly<Record<Status, Family>> = {
  occurred: familyOf('rule occurred'),
  announced: familyOf('rule announced'),
  alleged: familyOf('rule alleged'),
  denied: familyOf('rule denied'),
};

const OF = familiesOf(
  'bias',
  'rule',
  'indicator',
  'outlet',
  'title',
  'attributed',
  'attributed-title',
  'observer-title',
  'observer',
  't',
  's',
  'here',
  'near',
  'by-party',
  'by-other',
  'own-voice',
  'own-voice-here',
  'outlet-takes-part',
  'outlet-of-other-member',
  'no-denial',
);

/** What the fitted weights look at to tell the four statuses apart. */
export function visitStatus(doc: Doc, pattern: Pattern, act: Hit, party: Party, byRule: Status, visit: Visit): void {
  visit(OF.bias, '', 1);
  visit(OF.rule, byRule, 1);
  visit(OF.indicator, pattern.indicator, 1);
  visit(RULE_FAMILY[byRule], pattern.indicator, 0.5);
  visit(OF.outlet, doc.bloc ?? 'unknown', 1);
  if (doc.home !== null)
    visit(OF[party.members.some((m) => m.member === doc.home) ? 'outlet-takes-part' : 'outlet-of-other-member'], '', 1);
  if (act.field === 0) visit(OF.title, '', 1);
  if (attributes(doc, act.sentence, act)) visit(OF.attributed, '', 1);
  if (attributes(doc, 0, act)) visit(OF['attributed-title'], '', 1);
  if (doc.mentions.some((m) => m.kind === 'observer' && m.field === 0)) visit(OF['observer-title'], '', 1);
  if (doc.mentions.some((m) => m.kind === 'observer')) visit(OF.observer, '', 1);
  visitVouchers(doc, act, party, visit);
  if (!DENYING.some((name) => doc.hits.has(name))) visit(OF['no-denial'], '', 1);
  visitHere(doc, act, visit);
  const { title, summary } = placesIn(doc, act.sentence);
  visit.concepts(OF.t, title, 0.7);
  visit.concepts(OF.s, summary, 0.5);
  for (const { name, inTitle, inSummary } of TELLING) {
    const hits = doc.hits.get(name) ?? [];
    hits.forEach((hit, i) => {
      const first = hits.findIndex((other) => other.field === hit.field && other.phrase === hit.phrase);
      if (first === i) visit(hit.field === 0 ? inTitle : inSummary, hit.phrase, 0.7);
    });
  }
}

/** Cues whose distance to the act counts: what is said of this act, not of another one in the item. */
const HERE = [
  ...Object.values(CUES),
  'status-soon',
  'status-signed',
  'status-going-on',
  'status-count',
  'status-seized',
  'mode-retract',
  'mode-maybe',
  'mode-forecast',
  'mode-absent',
  'hypothetical',
  'reversal',
];
const NEAR = 40;

function visitHere(doc: Doc, act: Hit, visit: Visit): void {
  const side = sideOf(doc, act);
  for (const name of HERE) {
    const hits = doc.hits.get(name);
    if (hits === undefined) continue;
    let [here, near] = [false, false];
    for (const hit of hits) {
      if (hit.sentence !== act.sentence || areContrasted(sideOf(doc, hit), side) || areParted(doc, act, hit)) continue;
      here = true;
      if (hit.start - act.end < NEAR && act.start - hit.end < NEAR) near = true;
    }
    if (here) visit(OF.here, name, 1);
    if (near) visit(OF.near, name, 0.7);
  }
}

/** A semicolon between act and cue: what is told behind it is a motive or another matter. */
function areParted(doc: Doc, act: Hit, cue: Pick<Hit, 'field' | 'start' | 'end'>): boolean {
  if (act.field !== cue.field) return true;
  const [from, to] = act.end <= cue.start ? [act.end, cue.start] : [cue.end, act.start];
  return to > from && /[;；؛]/.test(doc.fields[act.field].slice(from, to));
}

/** Words of saying and of admitting by a participant, by others, or by nobody: then the text speaks with its own voice. */
function visitVouchers(doc: Doc, act: Hit, party: Party, visit: Visit): void {
  const codes = new Set(party.members.map((m) => m.member));
  let silent = true;
  for (const name of VOUCHING) {
    let [byParty, byOther] = [false, false];
    for (const hit of doc.hits.get(name) ?? []) {
      if (name !== CUES.confirmed) silent = false;
      else if (isNegated(doc, hit)) continue;
      let nearest: Doc['mentions'][number] | undefined;
      for (const m of doc.mentions)
        if (m.field === hit.field && m.sentence === hit.sentence && m.end <= hit.start && hit.start - m.end < NEAR)
          if (nearest === undefined || m.start > nearest.start) nearest = m;
      if (nearest === undefined) continue;
      if (codes.has(nearest.member)) byParty = true;
      else byOther = true;
    }
    if (byParty) visit(OF['by-party'], name, 1);
    if (byOther) visit(OF['by-other'], name, 1);
  }
  const observed = doc.mentions.some((m) => m.kind === 'observer');
  if (silent && !observed) visit(OF['own-voice'], '', 1);
  else if (
    !(doc.hits.get(CUES.alleged) ?? []).some((h) => h.sentence === act.sentence) &&
    !attributes(doc, act.sentence, act)
  )
    visit(OF['own-voice-here'], '', 1);
}

/** "Did not confirm" confirms nothing. */
function isNegated(doc: Doc, { field, start, end }: Hit): boolean {
  return (doc.hits.get('negation') ?? []).some(
    (h) => h.field === field && h.start < end && h.end <= start + 1 && start - h.end < NEGATED_WITHIN,
  );
}

const NEGATED_WITHIN = 12;

/** Without any of these nothing is denied. */
const DENYING = [CUES.denial, 'mode-retract', 'reversal', 'supply-denied', 'mode-no-quarrel'];

const VOUCHING = [CUES.say, CUES.source, CUES.alleged, CUES.denial, CUES.confirmed];

/** A denial counts when a participant stands in its sentence. */
function deniedByParticipant(doc: Doc, party: Party): boolean {
  return (doc.hits.get(CUES.denial) ?? []).some((h) =>
    doc.members.some((m) => m.sentence === h.sentence && party.members.some((p) => p.member === m.member)),
  );
}

const reaches = (doc: Doc, place: Pick<Hit, 'field' | 'start' | 'end' | 'sentence'>, act: Hit): boolean =>
  place.sentence !== act.sentence || !areParted(doc, act, place);

/** Does somebody other than a member vouch for what this sentence says of the act? Not for what stands before a semicolon. */
function attributes(doc: Doc, sentence: number, act: Hit): boolean {
  if (doc.hits.standsHere(CUES.source, sentence)) {
    const sources = doc.hits.get(CUES.source) ?? [];
    if (sources.some((h) => h.sentence === sentence && reaches(doc, h, act))) return true;
  }
  const observers = doc.mentions.filter(
    (m) => m.kind === 'observer' && m.sentence === sentence && reaches(doc, m, act),
  );
  if (observers.length === 0) return false;
  const says = (doc.hits.get(CUES.say) ?? []).filter((h) => h.sentence === sentence);
  return observers.some(
    (o) =>
      says.some((s) => Math.abs(s.start - o.end) < 30 || Math.abs(o.start - s.end) < 30) ||
      /^\s?[:：]/.test(doc.fields[o.field].slice(o.end, o.end + 2)),
  );
}
