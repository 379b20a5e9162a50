import type { Pattern } from '../codebook/data.js';
import type { Doc } from './document.js';
import type { Mention } from './mentions.js';
import type { TellPart } from './name-parts.js';

/** Concept of verbs whose subject is the receiver: gets, buys, imports. */
const RECEIVE = 'receive';

/** Parts of a name that make it the giver, or the receiver, whatever the order. */
const GIVER = /^(from|by)/;
const RECEIVER = /^(to|for)(\+s)?$/;
const TOGETHER = /^(and|with|with-of)(\+s)?$/;

/**
 * Direction of an act between two members: supplier or helper `>` receiver, for friction who acts `>` who is hurt; `mutual`; or
 * null for larger groups. Told by the small words at the names, then by verbs of receiving, else the first named acts.
 */
export function directionOf(
  doc: Doc,
  pattern: Pattern,
  members: readonly Mention[],
  kind: 'directed' | 'mutual' | 'either',
  tellPart: TellPart,
): string | null {
  if (kind === 'mutual' || pattern.direction === '=') return 'mutual';
  if (members.length !== 2) return null;
  const [one, two] = members as [Mention, Mention];
  const [a, b] = (one.field - two.field || one.start - two.start) > 0 ? [two, one] : [one, two];
  const forth = `${a.member}>${b.member}`;
  const back = `${b.member}>${a.member}`;
  if (pattern.direction !== null) return pattern.direction === '>' ? forth : back;
  const [partA, partB] = [tellPart(doc, a), tellPart(doc, b)];
  if (GIVER.test(partB) || RECEIVER.test(partA)) return back;
  if (RECEIVER.test(partB) || GIVER.test(partA)) return forth;
  if (TOGETHER.test(partB)) return kind === 'either' ? 'mutual' : null;
  const receiving = (doc.hits.get(RECEIVE) ?? []).some(
    (h) => h.field === a.field && h.start >= a.end && h.sentence === a.sentence,
  );
  return receiving ? back : forth;
}
