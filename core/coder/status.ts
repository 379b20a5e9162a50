import { STATUSES, type Status } from '../codebook/codebook.js';
import type { Pattern } from '../codebook/data.js';
import type { Doc, Hit } from './document.js';
import { predict } from './features.js';
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

/** What the fitted weights look at to tell the four statuses apart. */
export function statusFeatures(
  doc: Doc,
  pattern: Pattern,
  act: Hit,
  party: Party,
  byRule: Status,
): Map<string, number> {
  const out = new Map<string, number>();
  const set = (name: string, value = 1) => out.set(name, value);
  set('bias');
  set(`rule ${byRule}`);
  set(`indicator ${pattern.indicator}`);
  set(`rule ${byRule} ${pattern.indicator}`, 0.5);
  set(`outlet ${doc.bloc ?? 'unknown'}`);
  if (doc.home !== null)
    set(party.members.some((m) => m.member === doc.home) ? 'outlet-takes-part' : 'outlet-of-other-member');
  if (act.field === 0) set('title');
  if (attributes(doc, act.sentence)) set('attributed');
  if (attributes(doc, 0)) set('attributed-title');
  if (doc.mentions.some((m) => m.kind === 'observer' && m.field === 0)) set('observer-title');
  if (doc.mentions.some((m) => m.kind === 'observer')) set('observer');
  for (const [name, hits] of doc.hits) {
    if (name.startsWith('lex:')) continue;
    if (hits.some((h) => h.field === 0)) set(`t ${name}`, 0.7);
    if (hits.some((h) => h.field === 1)) set(`s ${name}`, 0.5);
  }
  for (const name of TELLING)
    for (const hit of doc.hits.get(name) ?? []) set(`ph ${hit.field === 0 ? 't' : 's'} ${name} ${hit.phrase}`, 0.7);
  return out;
}

/** The status whose weights speak loudest. */
export function weighStatus(
  features: ReadonlyMap<string, number>,
  weights: Readonly<Record<string, ReadonlyMap<string, number>>>,
): Status {
  let best: Status = 'occurred';
  let loudest = Number.NEGATIVE_INFINITY;
  for (const status of STATUSES) {
    const p = predict(features, weights[status] ?? new Map());
    if (p <= loudest) continue;
    loudest = p;
    best = status;
  }
  return best;
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
