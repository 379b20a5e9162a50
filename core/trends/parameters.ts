import { nearestValue } from '../nearest.js';
import { type Day, dayOf, FIRST_DAY, isDay, LAST_DAY } from './calendar.js';

/** Parameters as they came, from a URL or a command line: every name with all its values. */
export type Parameters = Record<string, string[]>;

/** What is wrong with one parameter, in the shape of the API's `errors`. */
export interface ParameterProblem {
  parameter: string;
  message: string;
  /** Values that would do; null when they cannot be listed. */
  allowed: string[] | null;
  nearest: string | null;
}

/** Reads parameters and collects every problem instead of stopping at the first. Values may be repeated or joined by commas. */
export class ParameterReader {
  readonly problems: ParameterProblem[] = [];

  constructor(
    private readonly given: Parameters,
    known: readonly string[],
  ) {
    for (const name of Object.keys(given)) {
      if (known.includes(name)) continue;
      const nearest = nearestValue(name, known);
      this.refuse(name, `${quote(name)} is not a parameter here${hint(nearest)}`, [...known], nearest);
    }
  }

  refuse(parameter: string, message: string, allowed: string[] | null = null, nearest: string | null = null): void {
    this.problems.push({ parameter, message, allowed, nearest });
  }

  /** Every value given, without blanks: an empty field of a form is a field left out. */
  many(name: string): string[] {
    const values = Object.hasOwn(this.given, name) ? (this.given[name] ?? []) : [];
    return values
      .flatMap((value) => value.split(','))
      .map((value) => value.trim())
      .filter((value) => {
        // No value of ours has them, and a database does not take them.
        if (!/\p{Cc}/u.test(value)) return value !== '';
        this.refuse(name, `${quote(value)} holds control characters`);
        return false;
      });
  }

  one(name: string): string | null {
    const values = this.many(name);
    if (values.length > 1) this.refuse(name, `takes one value (got ${values.length})`);
    return values[0] ?? null;
  }

  /** Values of a closed list, without repeats; `normalise` may fold what was given first (`RUS-CHN` to `CHN-RUS`). */
  manyOf(name: string, what: string, allowed: readonly string[], normalise = (value: string) => value): string[] {
    const found = this.many(name).flatMap((value) => {
      const folded = normalise(value);
      if (allowed.includes(folded)) return [folded];
      this.refuseValue(name, value, what, allowed, normalise);
      return [];
    });
    return [...new Set(found)];
  }

  oneOf<T extends string>(name: string, what: string, allowed: readonly T[], otherwise: T): T;
  oneOf<T extends string>(name: string, what: string, allowed: readonly T[], otherwise: null): T | null;
  oneOf<T extends string>(name: string, what: string, allowed: readonly T[], otherwise: T | null): T | null {
    const value = this.one(name);
    if (value === null) return otherwise;
    const found = allowed.find((candidate) => candidate === value.toLowerCase() || candidate === value);
    if (found === undefined) this.refuseValue(name, value, what, allowed);
    return found ?? otherwise;
  }

  /** A calendar day `YYYY-MM-DD`. */
  day(name: string): Day | null {
    const value = this.one(name);
    if (value === null) return null;
    if (!isDay(value)) this.refuse(name, `${quote(value)} is not a day: write YYYY-MM-DD, like 2026-01-31`);
    else if (this.isWithin(name, value)) return value;
    return null;
  }

  /** An instant (ISO 8601), or a day, which means its end: "what was known on that day". */
  instant(name: string): Date | null {
    const value = this.one(name);
    if (value === null) return null;
    const end = isDay(value) ? `${value}T23:59:59.999Z` : value;
    const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(end)
      ? new Date(end)
      : null;
    if (at && !Number.isNaN(at.getTime())) return this.isWithin(name, dayOf(at)) ? at : null;
    this.refuse(
      name,
      `${quote(value)} is not a time: write YYYY-MM-DD or an ISO 8601 time with its zone, like 2026-01-31T12:00:00Z`,
    );
    return null;
  }

  private isWithin(name: string, day: Day): boolean {
    if (day >= FIRST_DAY && day <= LAST_DAY) return true;
    this.refuse(name, `${day} is out of reach: days from ${FIRST_DAY} to ${LAST_DAY} can be asked for`);
    return false;
  }

  integer(name: string, range: { least: number; most: number; otherwise: number }): number {
    const value = this.one(name);
    if (value === null) return range.otherwise;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= range.least && number <= range.most) return number;
    this.refuse(name, `must be a whole number from ${range.least} to ${range.most} (got ${quote(value)})`);
    return range.otherwise;
  }

  private refuseValue(
    name: string,
    value: string,
    what: string,
    allowed: readonly string[],
    normalise = (text: string) => text,
  ): void {
    const nearest = nearestValue(normalise(value), allowed);
    this.refuse(name, `${quote(value)} is not ${what}${hint(nearest)}`, [...allowed], nearest);
  }
}

/** What was given, cut and without control characters: it is shown on terminals and in logs. */
export function quote(value: string): string {
  const clean = value.replace(/[\p{Cc}\p{Cf}]/gu, '');
  return `"${clean.length > 60 ? `${clean.slice(0, 60)}…` : clean}"`;
}

function hint(nearest: string | null): string {
  return nearest === null ? '' : `; did you mean "${nearest}"?`;
}
