import type { Status } from '../codebook/codebook.js';
import type { Pattern } from '../codebook/data.js';
import type { Doc, Hit } from './document.js';
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
