import type { Codebook, Polarity, Status } from '../codebook/codebook.js';
import { type Day, dayOf } from '../trends/calendar.js';
import type { AlertRule, Raise, Severity } from './rule.js';
import { type Measure, type Series, type SeriesKey, type SeriesLevel, usualCount, weeklyCounts } from './series.js';

/** Items shown with an alert; the rest is counted. */
export const MAX_ALERT_ITEMS = 5;
const MAX_WORDS = 6;
const HISTORY_WEEKS = 12;

/** An item behind an alert, as its feed gave it: hostile text until a channel has cleaned it. */
export interface AlertItem {
  id: string;
  title: string;
  url: string | null;
  outlet: string;
  bloc: string;
  language: string | null;
  day: Day;
  status: Status;
  /** How many more items tell of the same act. */
  similar: number;
}

/** What the store found behind a window. */
export interface Evidence {
  /** One per story, newest first, at most {@link MAX_ALERT_ITEMS}. */
  items: AlertItem[];
  totalItems: number;
  totalStories: number;
  statuses: Partial<Record<Status, number>>;
  blocs: string[];
  languages: string[];
  outlets: number;
  /** Words of the evidence spans, most frequent first. */
  words: string[];
  coderVersions: string[];
  codebookVersions: string[];
  /** Stories of all series in the same window. */
  trackedStories: number;
}

/** An alert as it was raised: it keeps these numbers whatever is re-coded later. Stored as JSON; dates are text. */
export interface AlertFacts {
  symbol: string;
  headline: string;
  series: {
    level: SeriesLevel;
    dyad: string | null;
    domain: string | null;
    indicator: string | null;
    polarity: Polarity;
    /** `CHN–RUS · Dual-use goods`, from the codebook of the day. */
    title: string;
  };
  rule: { id: string; kind: string; severity: Severity; condition: string; reason: string };
  measure: Measure;
  value: number;
  /** Median of up to 8 windows before; null when too little is known. */
  usual: number | null;
  /** How many windows it is the median of; 0 when it is null. */
  usualWindows: number;
  window: { start: Day; end: Day; days: number };
  /** The last day is not over: the count may still grow. */
  provisional: boolean;
  history: Array<number | null>;
  /** Of the newest day that is over: today has only begun to be read. */
  coverage: { day: Day; read: number; of: number };
  tracked: number;
  families: string[];
  outlets: number;
  languages: string[];
  blocs: string[];
  statuses: Partial<Record<Status, number>>;
  words: string[];
  items: AlertItem[];
  totalItems: number;
  versions: { codebook: string[]; coder: string[] };
}

/** Puts together what an alert says, from a decision and what stands behind it. */
export function describeAlert(
  rule: AlertRule,
  reason: string,
  raise: Raise,
  series: Series,
  evidence: Evidence,
  codebook: Codebook,
  now: Date,
): AlertFacts {
  const end = series.days.length - 1;
  const start = series.days.findIndex(({ day }) => day === raise.window.start);
  const days = end - Math.max(0, start) + 1;
  const usual = usualCount(series, end, days, raise.measure);
  return {
    symbol: raise.symbol,
    headline: raise.headline,
    series: describeSeries(series.key, codebook),
    rule: { id: rule.id, kind: rule.kind, severity: rule.severity, condition: raise.condition, reason },
    measure: raise.measure,
    value: raise.value,
    usual: usual?.median ?? null,
    usualWindows: usual?.windows ?? 0,
    window: { ...raise.window, days },
    provisional: raise.window.end >= dayOf(now),
    history: weeklyCounts(series, HISTORY_WEEKS, raise.measure),
    coverage: coverageOf(series, dayOf(now)),
    tracked: evidence.trackedStories,
    families: raise.families,
    outlets: evidence.outlets,
    languages: evidence.languages,
    blocs: evidence.blocs,
    statuses: evidence.statuses,
    words: evidence.words.slice(0, MAX_WORDS),
    items: evidence.items.slice(0, MAX_ALERT_ITEMS),
    totalItems: evidence.totalItems,
    versions: { codebook: evidence.codebookVersions, coder: evidence.coderVersions },
  };
}

function coverageOf({ days }: Series, today: Day): AlertFacts['coverage'] {
  const newest = days.at(-1)!;
  const before = days.at(-2);
  const { day, read, of } = newest.day >= today && before !== undefined && before.of > 0 ? before : newest;
  return { day, read, of };
}

/** Names a series in the codebook's words; an indicator that left the codebook keeps its id. */
export function describeSeries(key: SeriesKey, codebook: Codebook): AlertFacts['series'] {
  const indicator = key.level === 'indicator' ? codebook.indicators.find(({ id }) => id === key.code) : undefined;
  const domain = key.level === 'domain' ? key.code : (indicator?.domain ?? null);
  const what =
    key.level === 'indicator'
      ? (indicator?.title ?? key.code)
      : `${key.level === 'domain' ? `${capital(key.code)} ` : ''}${key.polarity === 1 ? 'cooperation' : 'friction'}`;
  return {
    level: key.level,
    dyad: key.dyad === '' ? null : key.dyad,
    domain,
    indicator: key.level === 'indicator' ? key.code : null,
    polarity: key.polarity,
    title: `${key.dyad === '' ? 'All dyads' : key.dyad.replaceAll('-', '–')} · ${capital(what)}`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
