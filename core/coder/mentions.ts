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
 * ambiguous ones marked: they count only by `settleAmbiguous`.
 */
export function selectMentions(lexer: Lexer, found: Found[], field: 0 | 1, text: string, day: string): Mention[] {
  const names = found
    .filter((f) => f.phrase.kind === 'mention' && isInOffice(lexer.entries[f.phrase.target]!, day))
    .sort(
      (a, b) =>
        leftmost(text, a, b) ||
        b.end - b.start - (a.end - a.start) ||
        a.start - b.start ||
        Number(a.phrase.ambig) - Number(b.phrase.ambig),
    );
  const kept: Found[] = [];
  for (const name of names) {
    const clash = kept.some((k) => name.start < k.end && k.start < name.end);
    if (!clash) kept.push(name);
  }
  kept.sort((a, b) => a.start - b.start);
  const inRun = runsOfShortNames(lexer, kept, text);
  const mentions: Mention[] = [];
  for (const name of kept) {
    const entry = lexer.entries[name.phrase.target]!;
    if (entry.kind === 'mask') continue;
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
 * Chinese writing runs on, so that a longer name may begin in the middle of another one: there the first wins ("White Russia"
 * before "Russia's president"). Elsewhere the longest does.
 */
function leftmost(text: string, a: Found, b: Found): number {
  const overlap = a.start < b.end && b.start < a.end;
  return overlap && isHan(text.charCodeAt(a.start)) && isHan(text.charCodeAt(b.start)) ? a.start - b.start : 0;
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
    const attached = a.start > 0 && isHangul(text.charCodeAt(a.start - 1));
    if (between === '' && a.phrase.lang === 'ko' && attached) continue;
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
export function settleImplied(mentions: Mention[], home: string | null): Mention[] {
  const named = mentions.some((m) => !m.implied && !m.ambig && m.member === home);
  return mentions.filter((m) => {
    if (!m.implied) return true;
    if (home === null) return false;
    if (m.kind === 'home-body') {
      if (named) return false;
      const beside = mentions.some(
        (o) => o !== m && !o.implied && o.field === m.field && (between(o.end, m.start) || between(m.end, o.start)),
      );
      if (beside) return false;
    }
    m.member = home;
    return true;
  });
}

const between = (end: number, start: number) => start >= end && start - end <= 2;

/** Whether the day (ISO, or empty when unknown) lies in the term of office of the names. */
function isInOffice(entry: GazetteerEntry, day: string): boolean {
  if (entry.from === null && entry.until === null) return true;
  if (day === '') return entry.until === null;
  return (entry.from === null || day >= entry.from) && (entry.until === null || day < entry.until);
}
