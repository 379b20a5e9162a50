import type { GazetteerEntry } from '../codebook/data.js';
import { isHan, isHangul } from './fold.js';
import type { Found, Lexer } from './lexer.js';

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
}

/**
 * Chooses among overlapping names the longest, drops what a mask covers, puts runs of short names together and leaves the
 * ambiguous ones marked: they count only by `settleAmbiguous`. `sure`: members that the item names beyond doubt, whose titles
 * go before equal titles of others ("the supreme leader").
 */
export function selectMentions(
  lexer: Lexer,
  found: readonly Found[],
  field: 0 | 1,
  text: string,
  day: string,
  sure: ReadonlySet<string> = NO_MEMBERS,
): Mention[] {
  const names = found.filter((f) => isInOffice(lexer.entries[f.phrase.target]!, day));
  const kept = chooseNames(lexer, names, text, sure);
  const inRun = runsOfShortNames(lexer, kept, text);
  const mentions: Mention[] = [];
  for (const name of kept) {
    const entry = lexer.entries[name.phrase.target]!;
    if (entry.kind === 'mask' || entry.kind === 'weak-mask') continue;
    const short = lexer.isShort(name.phrase);
    if (short && !inRun.has(name) && (entry.kind === 'run' || !standsAlone(text, name))) continue;
    mentions.push({
      member: entry.member,
      kind: entry.kind,
      entry,
      field,
      start: name.start,
      end: name.end,
      sentence: 0,
      ambig: short ? !inRun.has(name) : name.phrase.ambig,
      implied: entry.kind === 'home' || entry.kind === 'home-body',
    });
  }
  return mentions;
}

/**
 * Names that do not overlap, in reading order. Longer names go before shorter ones, of equal ones those that surely name a
 * member; then runs of one-character names ("Sino-Russian"), then weak masks (pairs with an outsider, a preposition before a
 * character), then single characters.
 */
function chooseNames(lexer: Lexer, names: readonly Found[], text: string, sure: ReadonlySet<string>): Found[] {
  const isShort = (f: Found) => lexer.isShort(f.phrase);
  const isWeak = (f: Found) => kindOf(lexer, f) === 'weak-mask';
  const kept: Found[] = [];
  const keep = (list: readonly Found[]) => {
    for (const name of list) if (!kept.some((k) => overlap(name, k))) kept.push(name);
  };
  const isSure = (f: Found) => sure.has(lexer.entries[f.phrase.target]!.member ?? '');
  const rank = (f: Found) => (namesNobody(lexer, f) ? 1 : f.phrase.ambig ? (isSure(f) ? 2 : 3) : 0);
  const byLength = (a: Found, b: Found) =>
    b.end - b.start - (a.end - a.start) || rank(a) - rank(b) || a.start - b.start;
  const long = names.filter((f) => !isShort(f) && !isWeak(f));
  keep(withoutTails(lexer, long, text).sort(byLength));
  const shorts = names
    .filter((f) => isShort(f) && !kept.some((k) => overlap(f, k)))
    .sort((a, b) => a.start - b.start || rank(a) - rank(b));
  const ofMembers = shorts.filter((f) => !namesNobody(lexer, f));
  const inRun = runsOfShortNames(lexer, ofMembers, text);
  keep(shorts.filter((f) => inRun.has(f)));
  keep(names.filter(isWeak).sort(byLength));
  keep(shorts);
  return kept.sort((a, b) => a.start - b.start);
}

const NO_MEMBERS: ReadonlySet<string> = new Set();

/** Members with an unambiguous name of more than one character among the found. */
export function surelyNamed(lexer: Lexer, ...lists: ReadonlyArray<readonly Found[]>): Set<string> {
  const out = new Set<string>();
  for (const { phrase } of lists.flat()) {
    const { member } = lexer.entries[phrase.target]!;
    if (member !== null && !phrase.ambig && !lexer.isShort(phrase)) out.add(member);
  }
  return out;
}

const overlap = (a: Found, b: Found) => a.start < b.end && b.start < a.end;
const kindOf = (lexer: Lexer, { phrase }: Found) => lexer.entries[phrase.target]!.kind;
const namesNobody = (lexer: Lexer, f: Found) =>
  lexer.entries[f.phrase.target]!.member === null && !kindOf(lexer, f).startsWith('home');

/**
 * Chinese writing runs on, so that a longer name may begin within a mask or an outsider's name ("White Russia" before
 * "Russia's president"): there the first wins.
 */
function withoutTails(lexer: Lexer, names: readonly Found[], text: string): Found[] {
  const others = names.filter((f) => isHan(text.charCodeAt(f.start)) && namesNobody(lexer, f));
  return names.filter((f) => !others.some((o) => o.start < f.start && f.start < o.end && o.end < f.end));
}

/** Two or more one-character names side by side, or joined by a list comma or dot, name their states ("Sino-Russian"). */
function runsOfShortNames(lexer: Lexer, kept: Found[], text: string): Set<Found> {
  const out = new Set<Found>();
  for (let i = 0; i + 1 < kept.length; i++) {
    const a = kept[i]!;
    const b = kept[i + 1]!;
    const between = text.slice(a.end, b.start);
    if (!/^[、·・‧ㆍ-]?$/.test(between)) continue;
    if (!lexer.isShort(a.phrase) && !lexer.isShort(b.phrase)) continue;
    // A full name beside a short one supports it when a list sign joins them, or in Chinese writing.
    const bothShort = lexer.isShort(a.phrase) && lexer.isShort(b.phrase);
    if (between === '' && !bothShort && !isHan(text.charCodeAt(a.start))) continue;
    if (between === '' && lexer.entries[a.phrase.target]!.member === lexer.entries[b.phrase.target]!.member) continue;
    // A run begins a word; what is attached to it must be its own beginning.
    const attached = a.start > 0 && isHangul(text.charCodeAt(a.start - 1));
    if (between === '' && a.phrase.lang === 'ko' && attached && !(i > 0 && kept[i - 1]!.end === a.start && out.has(a)))
      continue;
    if (lexer.isShort(a.phrase)) out.add(a);
    if (lexer.isShort(b.phrase)) out.add(b);
  }
  return out;
}

const PARTICLES =
  /^(은|는|이|가|을|를|에|의|와|과|도|로|서|측|군|발|산|외|대|국|정|당|파|제|내|쪽|선|총|지|핵|부|최|전|현|신|무)/;

/** A single character of Korean writing is a name only as a word of its own, with a particle or an office after it. */
function standsAlone(text: string, name: Found): boolean {
  const before = name.start > 0 ? text.charCodeAt(name.start - 1) : 0;
  const next = text.charCodeAt(name.end);
  if (!isHangul(text.charCodeAt(name.start))) {
    // Chinese characters in Korean headlines are read as words; in Chinese text a neighbour decides elsewhere.
    return name.phrase.lang !== 'ko' || !isHan(before);
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
export function settleAmbiguous(mentions: Mention[], concepts: ReadonlySet<string>): Mention[] {
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
export function settleImplied(mentions: Mention[], home: string | null, fields: readonly string[]): Mention[] {
  const named = mentions.some((m) => !m.implied && !m.ambig && m.member === home);
  return mentions.filter((m) => {
    if (!m.implied) return true;
    if (home === null) return false;
    if (m.kind === 'home-body') {
      if (named) return false;
      const beside = mentions.some(
        (o) => o !== m && !o.implied && o.field === m.field && standBeside(fields[m.field]!, m, o),
      );
      if (beside) return false;
    }
    m.member = home;
    return true;
  });
}

/** Two names with nothing but signs or a genitive between them; "and" or a particle of a subject parts them. */
function standBeside(text: string, a: Mention, b: Mention): boolean {
  const [end, start] = a.end <= b.start ? [a.end, b.start] : [b.end, a.start];
  return start >= end && start - end <= 2 && /^[^\p{L}]*[의的之]?[^\p{L}]*$/u.test(text.slice(end, start));
}

/** Whether the day (ISO, or empty when unknown) lies in the term of office of the names. */
function isInOffice(entry: GazetteerEntry, day: string): boolean {
  if (entry.from === null && entry.until === null) return true;
  if (day === '') return entry.until === null;
  return (entry.from === null || day >= entry.from) && (entry.until === null || day < entry.until);
}
