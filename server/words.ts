import type { FeedHealth } from '../db/status.js';
import type { FeedStatus } from './api/status.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `22 Nov 2026`; of a day or of an instant in UTC. */
export function showDay(day: string | Date): string {
  const text = typeof day === 'string' ? day : day.toISOString();
  const [year = '', month = '', date = ''] = text.slice(0, 10).split('-');
  return `${Number(date)} ${MONTHS[Number(month) - 1] ?? month} ${year}`;
}

/** `22 Nov 2026, 14:05 UTC`. */
export function showTime(at: string | Date): string {
  const text = typeof at === 'string' ? at : at.toISOString();
  return `${showDay(text)}, ${text.slice(11, 16)} UTC`;
}

/** `CHN–RUS`: the code with a real dash. */
export function showDyad(dyad: string): string {
  return dyad.replaceAll('-', '–');
}

/** `3 min`, `2 h`, `5 days`. */
export function showSpan(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 90 * 60) return `${Math.round(s / 60)} min`;
  if (s < 36 * 3600) return `${Math.round(s / 3600)} h`;
  const days = Math.round(s / 86_400);
  return `${days} ${days === 1 ? 'day' : 'days'}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `3.1 %`; a gap is a dash. */
export function showPercent(value: number | null, digits = 1): string {
  return value === null ? '–' : `${(value * 100).toFixed(digits)} %`;
}

const REASONS: Record<string, string> = {
  timeout: 'the server did not answer in time',
  network: 'the server could not be reached',
  'rate-limited': 'the server asked to be left alone for a while',
  server: 'the server has a fault',
  client: 'the server refuses the request',
  gone: 'the feed is gone for good',
  'too-large': 'the answer is larger than allowed',
  'not-a-feed': 'the answer is no feed',
  malformed: 'the feed cannot be read',
};

/** What an operator should know of a feed, as one sentence without its name. */
export function describeFeed(feed: FeedStatus, now: Date): string {
  const ago = (at: string) => `${showSpan((now.getTime() - Date.parse(at)) / 1000)} ago`;
  const due = feed.next_due_at ? (Date.parse(feed.next_due_at) - now.getTime()) / 1000 : null;
  const next = due === null ? '' : due <= 0 ? '; next try now' : `; next try in ${showSpan(due)}`;
  const success = feed.last_success_at ? `last read ${ago(feed.last_success_at)}` : 'never read so far';
  const why = feed.detail ?? (feed.reason ? (REASONS[feed.reason] ?? feed.reason) : null);
  switch (feed.state) {
    case 'ok':
      return feed.last_success_at
        ? `read ${ago(feed.last_success_at)}`
        : `polled ${ago(feed.last_polled_at ?? now.toISOString())}`;
    case 'waiting':
      return due === null
        ? 'not polled yet'
        : due <= 0
          ? 'not polled yet; due now'
          : `not polled yet; first poll in ${showSpan(due)}`;
    case 'failing':
      if (feed.consecutive_failures === 0)
        return `last try failed, and not by its fault: ${why ?? 'no reason recorded'} (${success}${next})`;
      return `failed ${feed.consecutive_failures === 1 ? 'once' : `${feed.consecutive_failures} times in a row`}: ${why ?? 'no reason recorded'} (${success}${next})`;
    case 'held':
      return `waiting because its server asked for it${why ? `: ${why}` : ''} (${success}${next})`;
    case 'paused':
      return `paused here (${success}); resume with: axiswatch sources resume ${feed.id}`;
    case 'gone':
      return `the server says it is gone for good, so it is no longer polled (${success})`;
    default: {
      const never: never = feed.state;
      return never;
    }
  }
}

/**
 * How many sources are up to date: one of their feeds was read within a day, or within three of its intervals when they are
 * longer. Sources without a feed do not count.
 */
export function coveredSources(feeds: FeedHealth[], now: Date): { covered: number; sources: number } {
  const bySource = new Map<string, boolean>();
  for (const feed of feeds) {
    const allowedMs = Math.max(86_400, 3 * feed.everySeconds) * 1000;
    const isRead = feed.lastSuccessAt !== null && now.getTime() - feed.lastSuccessAt.getTime() <= allowedMs;
    bySource.set(feed.source, (bySource.get(feed.source) ?? false) || isRead);
  }
  return { covered: [...bySource.values()].filter(Boolean).length, sources: bySource.size };
}

/** The link when it is http or https, else null: a feed may put anything there. */
export function safeLink(url: string | null): string | null {
  return url !== null && /^https?:\/\//i.test(url) && URL.canParse(url) ? url : null;
}
