import type { GazetteerEntry } from '../codebook/data.js';
import { isHan, isHangul } from './fold.js';
import { insertionSort } from './insertion-sort.js';
import type { Lexer } from './lexer.js';
import { AMBIGUOUS, KOREAN, type Matches, SHORT } from './vocabulary.js';

/** A name in the text that stands for a member or an outsider. */
export interface Mention {
  /** Member code, or null for outsiders, bodies and groups. */
  member: string | null;
  kind: string;
  entry: GazetteerEntry;
  field: 0 | 1;
  start: number;
  end: number;
  sentence: number;
  ambig: boolean;
  implied: boolean;
  /** The part it plays in its clause, once somebody asked (`TellPart`). */
  part: string | null;
}

/** A name found in the text, with what is chosen by. */
interface Found {
  entry: GazetteerEntry;
  start: number;
  end: number;
  ambig: boolean;
  /** A single character, which counts only in runs of two or beside an unambiguous name. */
  short: boolean;
  korean: boolean;
  /** 0 a sure name, 1 of nobody of ours, 2 ambiguous of a member that is surely named elsewhere, 3 ambiguous. */
  rank: number;
}

/**
 * Chooses among overlapping names the longest, drops what a mask covers, puts runs of short names together and leaves the
 * ambiguous ones marked: they count only by `settleAmbiguous`. `sure`: members that the item names beyond doubt, whose titles
 * go before equal titles of others ("the supreme leader").
 */
export function selectMentions(
  lexer: Lexer,
  matches: Matches,
  field: 0 | 1,
  text: string,
  publishedAt: Date | null,
  sure: ReadonlySet<string> = NO_MEMBERS,
): Mention[] {
  const mentions: Mention[] = [];
  if (matches.count === 0) return mentions;
  const kept = chooseNames(openMatches(lexer, matches, publishedAt, sure), text);
  const inRun = runsOfShortNames(kept, text);
  for (const name of kept) {
    const { entry, short } = name;
    if (entry.kind === 'mask' || entry.kind === 'weak-mask') continue;
    if (short && !inRun.has(name) && (entry.kind === 'run' || !standsAlone(text, name))) continue;
    mentions.push({
      member: entry.member,
      kind: entry.kind,
      entry,
      field,
      start: name.start,
      end: name.end,
      sentence: 0,
      ambig: short ? !inRun.has(name) : name.ambig,
      implied: entry.kind === 'home' || entry.kind === 'home-body',
      part: null,
    });
  }
  return mentions;
}

/** The matches of names that are in office on the day of the item. */
function openMatches(lexer: Lexer, matches: Matches, publishedAt: Date | null, sure: ReadonlySet<string>): Found[] {
  const out: Found[] = [];
  for (let i = 0; i < matches.count; i++) {
    const entry = lexer.entries[matches.target[i]!]!;
    if (!isInOffice(entry, publishedAt)) continue;
    const trait = matches.traits[i]!;
    const ambig = (trait & AMBIGUOUS) !== 0;
    const rank = namesNobody(entry) ? 1 : ambig ? (sure.has(entry.member ?? '') ? 2 : 3) : 0;
    const [start, end] = [matches.start[i]!, matches.end[i]!];
    out.push({ entry, start, end, ambig, short: (trait & SHORT) !== 0, korean: (trait & KOREAN) !== 0, rank });
  }
  return out;
}

/**
 * Names that do not overlap, in reading order. Longer names go before shorter ones, of equal ones those that surely name a
 * member; then runs of one-character names ("Sino-Russian"), then weak masks (pairs with an outsider, a preposition before a
 * character), then single characters.
 */
function chooseNames(names: readonly Found[], text: string): Found[] {
  const kept: Found[] = [];
  keep(kept, insertionSort(withoutTails(names.filter(isLong), text), byLength));
  const shorts = names.filter((f) => f.short && !overlapsAny(f, kept));
  if (shorts.length > 0) {
    insertionSort(shorts, (a, b) => a.start - b.start || a.rank - b.rank);
    const ofMembers = shorts.filter((f) => f.rank !== 1);
    const inRun = runsOfShortNames(ofMembers, text);
    if (inRun.size > 0)
      keep(
        kept,
        shorts.filter((f) => inRun.has(f)),
      );
  }
  const weak = names.filter(isWeak);
  if (weak.length > 0) keep(kept, insertionSort(weak, byLength));
  keep(kept, shorts);
  return insertionSort(kept, (a, b) => a.start - b.start);
}

/** Adds the names that overlap none of those before them, or belong to a pair with one. */
function keep(kept: Found[], names: readonly Found[]): void {
  for (const name of names) if (!overlapsAny(name, kept) || isOfPair(name, kept)) kept.push(name);
}

const NO_MEMBERS: ReadonlySet<string> = new Set();

/** Members with an unambiguous name of more than one character among the found. */
export function surelyNamed(lexer: Lexer, ...lists: ReadonlyArray<Matches>): Set<string> {
  const out = new Set<string>();
  for (const { count, target, traits } of lists)
    for (let i = 0; i < count; i++) {
      if ((traits[i]! & (AMBIGUOUS | SHORT)) !== 0) continue;
      const { member } = lexer.entries[target[i]!]!;
      if (member !== null) out.add(member);
    }
  return out;
}

const isWeak = (f: Found) => f.entry.kind === 'weak-mask';
const isLong = (f: Found) => !f.short && !isWeak(f);
const byLength = (a: Found, b: Found) => b.end - b.start - (a.end - a.start) || a.rank - b.rank || a.start - b.start;
const namesNobody = (entry: GazetteerEntry) => entry.member === null && !entry.kind.startsWith('home');

function overlapsAny(name: Found, others: readonly Found[]): boolean {
  for (let i = 0; i < others.length; i++) if (name.start < others[i]!.end && others[i]!.start < name.end) return true;
  return false;
}

/** A pipeline, a corridor or a pact may stand for both of its members: two entries of the kind `instrument` with the same words. */
function isOfPair(name: Found, kept: readonly Found[]): boolean {
  if (name.entry.kind !== 'instrument' || name.entry.member === null) return false;
  const rivals = kept.filter((k) => name.start < k.end && k.start < name.end);
  return rivals.every(
    ({ start, end, entry }) =>
      start === name.start && end === name.end && entry.kind === 'instrument' && entry.member !== name.entry.member,
  );
}

/**
 * Chinese writing runs on, so that a longer name may begin within a mask or an outsider's name ("White Russia" before
 * "Russia's president"): there the first wins.
 */
function withoutTails(names: Found[], text: string): Found[] {
  const others = names.filter((f) => f.rank === 1 && isHan(text.charCodeAt(f.start)));
  if (others.length === 0) return names;
  return names.filter((f) => !others.some((o) => o.start < f.start && f.start < o.end && o.end < f.end));
}

/** Two or more one-character names side by side, or joined by a list comma or dot, name their states ("Sino-Russian"). */
function runsOfShortNames(kept: readonly Found[], text: string): ReadonlySet<Found> {
  let out: Set<Found> | null = null;
  for (let i = 0; i + 1 < kept.length; i++) {
    const a = kept[i]!;
    const b = kept[i + 1]!;
    if ((!a.short && !b.short) || b.start - a.end > 1) continue;
    const between = text.slice(a.end, b.start);
    if (!/^[、·・‧ㆍ-]?$/.test(between)) continue;
    // A full name beside a short one supports it when a list sign joins them, or in Chinese writing.
    if (between === '' && !(a.short && b.short) && !isHan(text.charCodeAt(a.start)) && !opensShort(b, text)) continue;
    if (between === '' && a.entry.member === b.entry.member) continue;
    // A run begins a word; what is attached to it must be its own beginning.
    const attached = a.start > 0 && isHangul(text.charCodeAt(a.start - 1));
    if (between === '' && a.korean && attached && !(i > 0 && kept[i - 1]!.end === a.start && out?.has(a))) continue;
    out ??= new Set();
    if (a.short) out.add(a);
    if (b.short) out.add(b);
  }
  return out ?? NO_NAMES;
}

const NO_NAMES: ReadonlySet<Found> = new Set();

/** A longer Korean name whose first word is one character, bare or with a particle. */
const opensShort = (name: Found, text: string): boolean =>
  !name.short &&
  isHangul(text.charCodeAt(name.start)) &&
  /^.[은는이가을를의와과에도]?\s/.test(text.slice(name.start, name.end));

const PARTICLES =
  /^(은|는|이|가|을|를|에|의|와|과|도|로|서|측|군|발|산|외|대|국|정|당|파|제|내|쪽|선|총|지|핵|부|최|전|현|신|무)/;

/** A single character of Korean writing is a name only as a word of its own, with a particle or an office after it. */
function standsAlone(text: string, name: Found): boolean {
  const before = name.start > 0 ? text.charCodeAt(name.start - 1) : 0;
  const next = text.charCodeAt(name.end);
  if (!isHangul(text.charCodeAt(name.start))) {
    // Chinese characters in Korean headlines are read as words; in Chinese text a neighbour decides elsewhere.
    return !name.korean || !isHan(before);
  }
  if (isHangul(before)) return false;
  if (name.end >= text.length || !isHangul(next)) return true;
  return PARTICLES.test(text.slice(name.end, name.end + 1));
}

/** Kinds whose ambiguous names count when their sentence surely names another member: "Xi", "Wagner", "the Majlis". */
const BY_COMPANY = new Set(['leader', 'minister', 'force', 'service', 'media', 'hackers']);

/**
 * An ambiguous name counts if the item also has an unambiguous one of its member, or a concept that its entry names as
 * context; a bare surname or title of a leader also when its sentence names another member.
 */
export function settleAmbiguous(mentions: Mention[], concepts: Pick<ReadonlySet<string>, 'has'>): Mention[] {
  if (!mentions.some((m) => m.ambig && m.member !== null)) return mentions;
  const sure = new Set(mentions.filter((m) => !m.ambig && m.member).map((m) => m.member));
  return mentions.filter((m) => {
    if (!m.ambig || m.member === null) return true;
    if (sure.has(m.member)) return true;
    if (m.entry.context.some((name) => concepts.has(name))) return true;
    if (m.kind === 'short')
      return mentions.some((o) => o.member !== null && o.member !== m.member && (!o.ambig || o.kind === 'short'));
    if (!BY_COMPANY.has(m.kind)) return false;
    return mentions.some((o) => o.sentence === m.sentence && o.member !== null && o.member !== m.member && !o.ambig);
  });
}

/**
 * "Our country" means the outlet's home; a bare "foreign ministry" or "army" means it only when home is not named at all and
 * no other name stands right beside it ("the Russian foreign ministry").
 */
export function settleImplied(mentions: Mention[], home: string | null, title: string, summary: string): Mention[] {
  if (!mentions.some((m) => m.implied)) return mentions;
  const named = mentions.some((m) => !m.implied && !m.ambig && m.member === home);
  return mentions.filter((m) => {
    if (!m.implied) return true;
    if (home === null) return false;
    if (m.kind === 'home-body') {
      if (named) return false;
      const beside = mentions.some(
        (o) => o !== m && !o.implied && o.field === m.field && standBeside(m.field === 0 ? title : summary, m, o),
      );
      if (beside) return false;
    }
    m.member = home;
    return true;
  });
}

const SIGNS_OR_GENITIVE = /^[^\p{L}]*[의的之]?[^\p{L}]*$/u;

/** Two names with nothing but signs or a genitive between them; "and" or a particle of a subject parts them. */
function standBeside(text: string, a: Mention, b: Mention): boolean {
  const [end, start] = a.end <= b.start ? [a.end, b.start] : [b.end, a.start];
  return start >= end && start - end <= 2 && SIGNS_OR_GENITIVE.test(text.slice(end, start));
}

/** Whether the day of the item lies in the term of office of the names; of unknown days, in a term that still runs. */
function isInOffice(entry: GazetteerEntry, publishedAt: Date | null): boolean {
  if (entry.from === null && entry.until === null) return true;
  if (publishedAt === null) return entry.until === null;
  const day = publishedAt.toISOString().slice(0, 10);
  return (entry.from === null || day >= entry.from) && (entry.until === null || day < entry.until);
}
