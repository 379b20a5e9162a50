import type { Status } from '../codebook/codebook.js';
import type { Pattern } from '../codebook/data.js';
import type { Hit } from './concept-hits.js';
import type { Doc } from './document.js';
import { placesIn, type Visit } from './features.js';
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
  const near = (name: string) => (doc.hits.get(name) ?? []).filter((h) => h.sentence === act.sentence);
  const inTitle = (name: string) => (doc.hits.get(name) ?? []).some((h) => h.field === 0);
  const anywhere = (name: string) => (doc.hits.get(name) ?? []).length > 0;
  if (pattern.status === 'denied') return 'denied';
  const denied = inTitle(CUES.denial) || (anywhere(CUES.denial) && deniedByParticipant(doc, party));
  if (denied && !anywhere(CUES.confirmed)) return 'denied';
  if (pattern.status !== null) return pattern.status;
  const reported = near(CUES.alleged).length > 0 || inTitle(CUES.alleged);
  const attributed = !isPublic && (attributes(doc, act.sentence) || attributes(doc, 0));
  if ((reported && !isPublic) || attributed) return anywhere(CUES.confirmed) ? 'occurred' : 'alleged';
  if (isPublic && near(CUES.alleged).length > 0 && !anywhere(CUES.confirmed)) return 'alleged';
  if (near(CUES.announced).length > 0 && near(CUES.done).length === 0) return 'announced';
  return 'occurred';
}

/** Concepts of which single phrases tell about the status. */
const TELLING = Object.values(CUES);

/** Families by what the rules say, put together once. */
const RULE_FAMILY: Readonly<Record<Status, string>> = {
  occurred: 'rule occurred',
  announced: 'rule announced',
  alleged: 'rule alleged',
  denied: 'rule denied',
};

/** What the fitted weights look at to tell the four statuses apart. */
export function visitStatus(doc: Doc, pattern: Pattern, act: Hit, party: Party, byRule: Status, visit: Visit): void {
  visit('bias', '', 1);
  visit('rule', byRule, 1);
  visit('indicator', pattern.indicator, 1);
  visit(RULE_FAMILY[byRule], pattern.indicator, 0.5);
  visit('outlet', doc.bloc ?? 'unknown', 1);
  if (doc.home !== null)
    visit(party.members.some((m) => m.member === doc.home) ? 'outlet-takes-part' : 'outlet-of-other-member', '', 1);
  if (act.field === 0) visit('title', '', 1);
  if (attributes(doc, act.sentence)) visit('attributed', '', 1);
  if (attributes(doc, 0)) visit('attributed-title', '', 1);
  if (doc.mentions.some((m) => m.kind === 'observer' && m.field === 0)) visit('observer-title', '', 1);
  if (doc.mentions.some((m) => m.kind === 'observer')) visit('observer', '', 1);
  const { title, summary } = placesIn(doc, act.sentence);
  visit.concepts('t', title, 0.7);
  visit.concepts('s', summary, 0.5);
  for (const name of TELLING) {
    const seen = new Set<string>();
    for (const hit of doc.hits.get(name) ?? []) {
      const key = `${hit.field} ${hit.phrase}`;
      if (seen.has(key)) continue;
      seen.add(key);
      visit(hit.field === 0 ? `ph t ${name}` : `ph s ${name}`, hit.phrase, 0.7);
    }
  }
}

/** A denial counts when a participant stands in its sentence. */
function deniedByParticipant(doc: Doc, party: Party): boolean {
  const codes = new Set(party.members.map((m) => m.member));
  return (doc.hits.get(CUES.denial) ?? []).some((h) =>
    doc.members.some((m) => m.sentence === h.sentence && codes.has(m.member)),
  );
}

/** Does somebody other than a member vouch for what this sentence says? */
function attributes(doc: Doc, sentence: number): boolean {
  if ((doc.hits.get(CUES.source) ?? []).some((h) => h.sentence === sentence)) return true;
  const observers = doc.mentions.filter((m) => m.kind === 'observer' && m.sentence === sentence);
  if (observers.length === 0) return false;
  const says = (doc.hits.get(CUES.say) ?? []).filter((h) => h.sentence === sentence);
  return observers.some(
    (o) =>
      says.some((s) => Math.abs(s.start - o.end) < 30 || Math.abs(o.start - s.end) < 30) ||
      /^\s?[:：]/.test(doc.fields[o.field].slice(o.end, o.end + 2)),
  );
}
