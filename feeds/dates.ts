import { monthNamed, zoneNamed } from './date-words.js';

/**
 * Reads the dates that feeds write: RFC 822 and RFC 3339, and the odd ones seen in the wild (day and month swapped, month
 * names of several languages, zones by name, numbers without zone). `new Date(string)` is not used: it is silent about what
 * it guesses and reads zone-less dates in the zone of the machine.
 *
 * @param zone IANA zone of the source for dates without one; UTC when null.
 * @returns null when there is no date in it.
 * @example readDate('Tue, 24 Nov 2026 10:00 MSK', null) // 2026-11-24T07:00:00Z
 */
export function readDate(raw: string, zone: string | null): Date | null {
  const text = plainDigits(raw.slice(0, 200))
    .replace(/[\s\u00a0\u202f]+/g, ' ')
    .trim();
  if (text === '') return null;
  const fields = readEpoch(text) ?? readIso(text) ?? readWords(text) ?? readNumbers(text);
  return fields === null ? null : fields instanceof Date ? fields : toInstant(fields, zone);
}

/** Chinese, Japanese and Korean dates (`2026年11月24日 下午3:05`) in the form that the readers below know. */
function plainDigits(text: string): string {
  if (!/[年년月월午오]/.test(text)) return text;
  const half = /오후|下午|午後/.test(text) ? ' pm' : /오전|上午|午前/.test(text) ? ' am' : '';
  return text
    .replace(/오전|오후|上午|下午|午前|午後/g, ' ')
    .replace(/(\d+)\s*[年년]\s*(\d+)\s*[月월]\s*(\d+)\s*[日일]?/, '$1-$2-$3 ')
    .replace(/(\d+)\s*[時时시点]\s*(\d+)\s*[分분]?(?:\s*(\d+)\s*[秒초])?/, (_, hour, minute, second) =>
      [hour, minute.padStart(2, '0'), second?.padStart(2, '0')].filter(Boolean).join(':'),
    )
    .replace(/\d{1,2}:\d{2}(?::\d{2})?/, `$&${half}`);
}

/** Dates before this are mistakes (epoch zero, a year typed with two digits). */
const EARLIEST = Date.UTC(1990, 0, 1);
/** Clocks differ; a date up to an hour ahead is taken as it is. */
const AHEAD_MS = 3_600_000;

/** Whether a date can be the date of a report: not before 1990, not more than an hour ahead of `now`. */
export function isPlausible(date: Date, now: Date): boolean {
  return date.getTime() >= EARLIEST && date.getTime() <= now.getTime() + AHEAD_MS;
}

interface Fields {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  /** Minutes east of UTC; null when the date names no zone. */
  offset: number | null;
}

/** Seconds or milliseconds since 1970, as bare digits. */
function readEpoch(text: string): Date | null {
  if (!/^\d{9,10}$|^\d{12,13}$/.test(text)) return null;
  // 12 digits may also be YYYYMMDDhhmm.
  if (text.length === 12 && /^(?:19|20)/.test(text)) return null;
  const value = Number(text);
  return new Date(text.length <= 10 ? value * 1000 : value);
}

const TIME = String.raw`(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?(?: ?([ap])\.?m\.?(?![a-z]))?`;

/** RFC 3339, ISO 8601 (basic, week and ordinal dates included) and what resembles them. */
function readIso(text: string): Fields | null {
  const basic = /^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?(.*)$/i.exec(text);
  if (basic && /^(?:19|20)/.test(text)) {
    const [, year, month, day, hour, minute, second, zone = ''] = basic;
    if (/^\s*(?:z|utc|gmt|[+-]\d.*)?$/i.test(zone))
      return check({
        year: +year!,
        month: +month!,
        day: +day!,
        hour: +(hour ?? 0),
        minute: +(minute ?? 0),
        second: +(second ?? 0),
        millisecond: 0,
        offset: readZone(zone),
      });
  }
  const week = /^(\d{4})-?W(\d{2})-?(\d)?/i.exec(text);
  if (week) return fromWeek(+week[1]!, +week[2]!, +(week[3] ?? 1));
  const ordinal = /^(\d{4})-?(\d{3})$/.exec(text);
  if (ordinal) return fromOrdinal(+ordinal[1]!, +ordinal[2]!);
  const match = new RegExp(
    String.raw`^(?:\D{1,12}, ?)?(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:(?:[T ,]+)${TIME}(.*)|( [^\d:]*)?)$`,
    'i',
  ).exec(text);
  if (!match) return /^(?:19|20)\d{2}$/.test(text) ? check({ ...midnight(+text, 1, 1), offset: null }) : null;
  const [, year, month, day, hour, minute, second, fraction, half, zone = '', rest = ''] = match;
  const at = clock(hour, minute, second, fraction, half);
  return check({ year: +year!, month: +month!, day: +(day ?? 1), ...at, offset: readZone(zone || rest) });
}

/** Dates with the month as a word, in any order: `Mon, 25 May 2020 10:00 GMT`, `May 25, 2020`, `Mon, May 25 2020`, `25. Mai 2020`. */
function readWords(text: string): Fields | null {
  const time = new RegExp(TIME, 'i').exec(text);
  const at = clock(time?.[1], time?.[2], time?.[3], time?.[4], time?.[5]);
  const before = time ? text.slice(0, time.index) : text;
  const after = time ? text.slice(time.index + time[0].length) : '';
  // The date may stand before or behind the time (`Mon May 25 10:00:00 GMT 2020`).
  const year4 =
    /(?:^|[^\d+-])((?:19|20)\d{2})(?!\d|:)/.exec(before) ?? /(?:^|[^\d+-])((?:19|20)\d{2})(?!\d|:)/.exec(after);
  const month = [...`${before} ${after}`.matchAll(/\p{L}+/gu)]
    .map((word) => monthNamed(word[0]))
    .find((found) => found !== undefined);
  if (month === undefined) return null;
  const withoutYear = year4 ? before.replace(year4[1]!, ' ') : before;
  const numbers = [...withoutYear.matchAll(/\d+/g)].map((match) => match[0]);
  const afterNumbers =
    numbers.length === 0 ? [...after.matchAll(/(?:^|[ ,])(\d{1,2})(?=[ ,.]|$)/g)].map((match) => match[1]!) : [];
  const possible = [...numbers, ...afterNumbers].filter(
    (digits) => digits.length <= 2 && +digits >= 1 && +digits <= 31,
  );
  // A month alone is its first day; a day that no month has, or a time without a day, is no date.
  if (possible.length === 0 && (time !== null || numbers.length > 0)) return null;
  const day = Number(possible[0] ?? 1);
  const short = numbers.filter((digits) => digits.length === 2).at(-1);
  const year = year4 ? Number(year4[1]) : numbers.length >= 2 && short !== undefined ? century(Number(short)) : null;
  if (year === null) return null;
  return check({
    year,
    month,
    day,
    ...at,
    offset: readZone(year4 ? after.replace(year4[1]!, ' ') : after || (time ? '' : zoneBehind(before))),
  });
}

/** A zone behind a date without time (`25 May 2020 GMT`). */
function zoneBehind(text: string): string {
  return /(?: )([A-Z]{2,5})$/.exec(text)?.[1] ?? '';
}

/** Dates of digits only: `25.05.2020 10:00`, `5/25/2020`, `26-10-02 10:45` (year first with two digits, as the IAEA writes). */
function readNumbers(text: string): Fields | null {
  const match = new RegExp(
    String.raw`^(?:\p{L}+\.?,? )?(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:[T ,]+(?:${TIME})(.*))?$`,
    'iu',
  ).exec(text);
  if (!match) return null;
  const [, first, separator, second, third, hour, minute, seconds, fraction, half, zone = ''] = match;
  const at = clock(hour, minute, seconds, fraction, half);
  const offset = readZone(zone);
  const [a, b, c] = [Number(first), Number(second), Number(third)];
  if (third!.length === 2 && separator === '-') return check({ year: century(a), month: b, day: c, ...at, offset });
  const year = third!.length === 2 ? century(c) : c;
  // With slashes and both below 13 Americans put the month first; with dots nobody does.
  const monthFirst = separator === '/' ? a <= 12 : b > 12;
  return monthFirst
    ? check({ year, month: a, day: b, ...at, offset })
    : check({ year, month: b, day: a, ...at, offset });
}

function midnight(year: number, month: number, day: number): Omit<Fields, 'offset'> {
  return { year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 };
}

type ClockTime = Pick<Fields, 'hour' | 'minute' | 'second' | 'millisecond'>;

function clock(hour?: string, minute?: string, second?: string, fraction?: string, half?: string): ClockTime {
  let hours = Number(hour ?? 0);
  if (half && hours <= 12) hours = (hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  const millisecond = fraction ? Number(fraction.padEnd(3, '0').slice(0, 3)) : 0;
  return { hour: hours, minute: Number(minute ?? 0), second: Number(second ?? 0), millisecond };
}

/** RFC 2822 section 4.3: 00 to 49 are this century. */
function century(year: number): number {
  return year < 50 ? 2000 + year : 1900 + year;
}

/** Null for a date that no calendar has; 24:00:00 and a leap second roll over. */
function check(fields: Fields): Fields | null {
  const { month, day, hour, minute, second } = fields;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(fields.year, month)) return null;
  if (hour > 24 || minute > 59 || second > 60 || (hour === 24 && (minute > 0 || second > 0))) return null;
  return fields;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function fromWeek(year: number, week: number, day: number): Fields | null {
  if (week < 1 || week > 53 || day < 1 || day > 7) return null;
  const fourth = new Date(Date.UTC(year, 0, 4));
  const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * 86_400_000;
  return fromDay(new Date(monday + ((week - 1) * 7 + day - 1) * 86_400_000));
}

function fromOrdinal(year: number, ordinal: number): Fields | null {
  return ordinal < 1 || ordinal > 366 ? null : fromDay(new Date(Date.UTC(year, 0, ordinal)));
}

function fromDay(date: Date): Fields {
  return { ...midnight(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()), offset: null };
}

/** Minutes east of UTC for what stands behind the time; null when nothing there is a zone. */
function readZone(text: string): number | null {
  const rest = text.trim();
  const numeric = /(?:^|[^\d])([+\u2212-])(\d{1,2}):?(\d{2})?(?!\d)/.exec(rest);
  if (numeric) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0);
    // Nothing on Earth is further than 14 hours from UTC; a wild offset is a typing mistake, not a zone.
    if (minutes <= 14 * 60) return numeric[1] === '+' ? minutes : -minutes;
  }
  for (const word of rest.matchAll(/[A-Za-z]+/g)) {
    const offset = zoneNamed(word[0]);
    if (offset !== undefined) return offset;
  }
  return null;
}

function toInstant(fields: Fields, zone: string | null): Date | null {
  const { year, month, day, hour, minute, second, millisecond, offset } = fields;
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  if (!Number.isFinite(asUtc)) return null;
  const shift = offset ?? (zone === null ? 0 : zoneOffset(asUtc, zone));
  return new Date(asUtc - shift * 60_000);
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

/** Offset of a zone, in minutes, at a wall-clock time; 0 for a zone that the platform does not know. */
function zoneOffset(wallClockMs: number, zone: string): number {
  const format = formatOf(zone);
  if (!format) return 0;
  const offsetAt = (instant: number) => {
    const parts = Object.fromEntries(
      format.formatToParts(new Date(instant)).map((part) => [part.type, Number(part.value)]),
    );
    const local = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!);
    return Math.round((local - Math.floor(instant / 1000) * 1000) / 60_000);
  };
  // The offset at the wall clock read as UTC may lie on the other side of a change; a second look settles it.
  return offsetAt(wallClockMs - offsetAt(wallClockMs) * 60_000);
}

function formatOf(zone: string): Intl.DateTimeFormat | null {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (error) {
      // Configuration checks the zone; here an unknown one must not lose the feed.
      if (!(error instanceof RangeError)) throw error;
      format = null;
    }
    formats.set(zone, format);
  }
  return format;
}
