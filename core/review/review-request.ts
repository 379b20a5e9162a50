import { type Codebook, dyadOf, STATUSES, type Status } from '../codebook/codebook.js';
import { nearestValue } from '../nearest.js';
import { type ParameterProblem, quote } from '../trends/parameters.js';
import { MAX_AUTHOR, MAX_REASON, VERDICTS, type Verdict } from './decision.js';

/** What a reviewer says, checked against the codebook but not yet against the item. */
export interface ReviewRequest {
  verdict: Verdict;
  /** Which label: any of these that tells it apart. For `add` the new label itself. */
  indicator: string | null;
  dyad: string | null;
  participants: string[] | null;
  /** What a correction changes. */
  to: {
    indicator: string | null;
    participants: string[] | null;
    status: Status | null;
    severity: number | null;
    direction: string | null;
  };
  /** Words of the item that show the act, and those that name a member. */
  act: string | null;
  words: Record<string, string>;
  author: string;
  reason: string;
  sample: string | null;
  seen: number | null;
}

/** A request as it came, from a command line, a form or a JSON body: texts, or absent. */
export type RawRequest = Partial<Record<(typeof REQUEST_FIELDS)[number], unknown>>;

export const REQUEST_FIELDS = [
  'verdict',
  'indicator',
  'dyad',
  'participants',
  'to_indicator',
  'to_participants',
  'to_status',
  'to_severity',
  'to_direction',
  'act',
  'words',
  'author',
  'reason',
  'sample',
  'seen',
] as const;

const MAX_WORDS = 500;
const MAX_SAMPLE = 200;

/** Reads a request; every mistake at once, with the nearest valid value. */
export function readRequest(
  raw: RawRequest,
  codebook: Codebook,
): { request: ReviewRequest; problems: [] } | { request: null; problems: ParameterProblem[] } {
  const problems: ParameterProblem[] = [];
  const refuse = (parameter: string, message: string, allowed: string[] | null = null, nearest: string | null = null) =>
    problems.push({ parameter, message, allowed, nearest });

  for (const name of Object.keys(raw))
    if (!REQUEST_FIELDS.includes(name as never)) {
      const nearest = nearestValue(name, REQUEST_FIELDS);
      refuse(name, `${quote(name)} is no field of a decision${hint(nearest)}`, [...REQUEST_FIELDS], nearest);
    }
  const text = (name: keyof RawRequest, most: number): string | null => {
    const value = raw[name];
    if (value === undefined || value === null || value === '') return null;
    if (typeof value !== 'string' && typeof value !== 'number') refuse(name, 'must be a text');
    // Line ends and tabs are for people to read; other control characters are for nobody.
    else if (/[^\P{Cc}\n\r\t]|\p{Cs}/u.test(String(value))) refuse(name, 'holds control characters');
    else if (String(value).trim().length > most)
      refuse(name, `has at most ${most} characters (got ${String(value).trim().length})`);
    else return String(value).trim() || null;
    return null;
  };
  const oneOf = <T extends string>(
    name: keyof RawRequest,
    what: string,
    allowed: readonly T[],
    fold = (value: string) => value.toLowerCase(),
  ): T | null => {
    const value = text(name, 200);
    if (value === null) return null;
    const found = allowed.find((one) => one === fold(value) || one === value);
    if (found !== undefined) return found;
    const nearest = nearestValue(fold(value), allowed);
    refuse(name, `${quote(value)} is not ${what}${hint(nearest)}`, [...allowed], nearest);
    return null;
  };
  const members = codebook.members.map(({ code }) => code);
  const indicators = codebook.indicators.map(({ id }) => id);
  const group = (name: 'participants' | 'to_participants'): string[] | null => {
    const value = Array.isArray(raw[name]) ? (raw[name] as unknown[]).map(String).join(',') : text(name, 200);
    if (value === null || value === '') return null;
    const codes = [
      ...new Set(
        value
          .toUpperCase()
          .split(/[-–—,\s]+/)
          .filter((code) => code !== ''),
      ),
    ].sort();
    for (const code of codes)
      if (!members.includes(code)) {
        const nearest = nearestValue(code, members);
        refuse(name, `${quote(code)} is not a member${hint(nearest)}`, members, nearest);
      }
    if (codes.length < 2 || codes.length > 4) refuse(name, `takes two to four members (got ${codes.length})`, members);
    return codes;
  };
  const readWords = (): Record<string, string> => {
    const value = raw.words;
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      refuse('words', 'must give words by member, like {"AAA": "..."}');
      return {};
    }
    const out: Record<string, string> = {};
    for (const [code, said] of Object.entries(value as Record<string, unknown>)) {
      if (said === '' || said === null || said === undefined) continue;
      const member = code.toUpperCase();
      const nearest = nearestValue(member, members);
      if (!members.includes(member))
        refuse('words', `${quote(code)} is not a member${hint(nearest)}`, members, nearest);
      else if (typeof said !== 'string' || said.length > MAX_WORDS)
        refuse('words', `of ${member} must be a text of at most ${MAX_WORDS} characters`);
      else out[member] = said;
    }
    return out;
  };

  const verdict = oneOf('verdict', 'a verdict', VERDICTS);
  if (verdict === null && problems.every((p) => p.parameter !== 'verdict'))
    refuse('verdict', 'is missing', [...VERDICTS]);
  const author = text('author', MAX_AUTHOR);
  if (author === null && problems.every((p) => p.parameter !== 'author'))
    refuse('author', 'is missing: a decision has a name');
  const reason = text('reason', MAX_REASON);
  if (reason === null && problems.every((p) => p.parameter !== 'reason'))
    refuse('reason', 'is missing: whoever reads the decision later wants to know why');
  const dyad = oneOf('dyad', 'a dyad', codebook.dyads, (value) => {
    const [a = '', b = ''] = value.toUpperCase().split(/[-–—]/);
    return dyadOf(a, b);
  });
  const severity = text('to_severity', 20);
  if (severity !== null && !/^[1-5]$/.test(severity)) refuse('to_severity', `must be 1 to 5 (got ${quote(severity)})`);
  const seen = text('seen', 20);
  if (seen !== null && !/^\d{1,15}$/.test(seen)) refuse('seen', 'must be the number of a decision, or 0 for none');
  const sample = text('sample', MAX_SAMPLE);
  if (sample !== null && !SAMPLE_NAME.test(sample))
    refuse(
      'sample',
      `is no name that "review list --sample" gives, like "50 of all to 2026-01-31, seed 1" (got ${quote(sample)})`,
    );
  const direction = text('to_direction', 30);
  if (direction !== null && direction !== 'mutual' && !/^[A-Z0-9]+>[A-Z0-9]+$/.test(direction))
    refuse('to_direction', `must be mutual or like ${members[0]}>${members[1]} (got ${quote(direction)})`);
  const request: Omit<ReviewRequest, 'verdict' | 'author' | 'reason'> = {
    indicator: oneOf('indicator', 'an indicator', indicators),
    dyad,
    participants: group('participants'),
    to: {
      indicator: oneOf('to_indicator', 'an indicator', indicators),
      participants: group('to_participants'),
      status: oneOf('to_status', 'a status', STATUSES),
      severity: severity === null ? null : Number(severity),
      direction,
    },
    act: text('act', MAX_WORDS),
    words: readWords(),
    sample,
    seen: seen === null ? null : Number(seen),
  };
  const { participants } = request;
  if (request.dyad && participants && !request.dyad.split('-').every((code) => participants.includes(code)))
    refuse('dyad', `${request.dyad} is no pair of ${participants.join(', ')}`);
  const corrects =
    Object.values(request.to).some((value) => value !== null) ||
    request.act !== null ||
    Object.keys(request.words).length > 0;
  if (verdict === 'correct' && !corrects && problems.length === 0)
    refuse(
      'verdict',
      'correct needs what is right: another indicator, participants, status, severity, direction, act or words (to_... in JSON, --to-... on the command line)',
    );
  if ((verdict === 'confirm' || verdict === 'reject') && Object.values(request.to).some((value) => value !== null))
    refuse('verdict', `${verdict} changes nothing: use correct`, ['correct'], 'correct');
  if (problems.length > 0 || verdict === null || author === null || reason === null) return { request: null, problems };
  return { request: { verdict, author, reason, ...request }, problems: [] };
}

/** How the queue names a sample: its size, its days and its seed, by which it can be drawn again. */
const SAMPLE_NAME = /^\d+ of (all|\d{4}-\d{2}-\d{2}) to \d{4}-\d{2}-\d{2}, seed \d+(, .+)?$/;

function hint(nearest: string | null): string {
  return nearest === null ? '' : `; did you mean "${nearest}"?`;
}
