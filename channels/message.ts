import type { AlertFacts, AlertItem } from '../core/alerts/facts.js';
import { STATUSES } from '../core/codebook/codebook.js';
import { sparkline } from '../core/trends/sparkline.js';
import type { Notice } from './channel.js';
import { cleanText, safeLink } from './text.js';

const MAX_TITLE = 200;
const MAX_NAME = 80;
const MAX_SENTENCE = 400;

export interface MessageItem {
  /** Clean, at most 200 code points; still to be escaped for the chat. */
  title: string;
  /** http(s) or null. */
  link: string | null;
  /** `Outlet A, 18 Nov, +6 similar`. */
  origin: string;
  status: string;
  /** Items that this line stands for: itself and the similar ones. */
  reports: number;
}

/** An alert in clean words, in the order in which a reader wants them; a channel only lays it out. */
export interface AlertMessage {
  /** `▲ CHN–RUS · Dual-use goods · first in 97 days` */
  title: string;
  /** `14 stories in 7 days, 16–22 Nov 2026, usual 4 (8-week median)` */
  value: string;
  /** `high severity · 9 outlets of 5 families, 5 languages · 8 occurred, 5 alleged, 1 denied` */
  reports: string;
  /** Sparkline of 12 weeks, gaps as `·`. */
  trend: string;
  /** `3.1 % of 451 tracked stories · coverage 41/44 feeds` */
  share: string;
  why: string;
  /** Set when only one publisher family reports it, or the panel was poorly read. */
  caution: string | null;
  items: MessageItem[];
  /** Items that are not shown. */
  more: number;
  /** Time, provisional mark, versions, id. */
  footer: string;
}

export function composeMessage({ facts, raisedAt, alertId, transition }: Notice): AlertMessage {
  const test = transition === 'test' ? 'TEST · ' : '';
  const items = facts.items.map(itemOf);
  return {
    title: cleanText(`${facts.symbol} ${test}${facts.series.title} · ${facts.headline}`, MAX_TITLE),
    value: valueWords(facts),
    reports: reportWords(facts),
    trend: sparkline(facts.history),
    share: shareWords(facts),
    why: whyWords(facts),
    caution: cautionWords(facts),
    items,
    more: Math.max(0, facts.totalItems - items.reduce((sum, item) => sum + item.reports, 0)),
    footer: [
      `${dateWords(raisedAt.toISOString().slice(0, 10))} ${raisedAt.toISOString().slice(11, 16)} UTC`,
      ...(facts.provisional ? ['provisional'] : []),
      `codebook ${listWords(facts.versions.codebook, 2) || 'unknown'}`,
      `coder ${listWords(facts.versions.coder, 2) || 'unknown'}`,
      `alert ${alertId}`,
    ].join(' · '),
  };
}

/** The whole message as plain text, one thought a line, for chats without markup and for logs of receivers. */
export function plainText(message: AlertMessage): string {
  const items = message.items.map(
    (item) => `• ${item.title} (${item.origin}), ${item.status}${item.link ? ` ${item.link}` : ''}`,
  );
  return [
    message.title,
    message.value,
    message.reports,
    `${message.trend} 12 weeks · ${message.share}`,
    message.why,
    ...(message.caution ? [message.caution] : []),
    ...items,
    ...(message.more > 0 ? [moreWords(message.more)] : []),
    message.footer,
  ].join('\n');
}

export function moreWords(count: number): string {
  return `… and ${countOf(count, 'more item', 'more items')}`;
}

function valueWords({ value, measure, usual, usualWindows, window }: AlertFacts): string {
  const counted = countOf(value, measure === 'stories' ? 'story' : 'item', measure);
  const days = window.days === 1 ? 'on' : `in ${window.days} days,`;
  const median = window.days === 7 ? `${usualWindows}-week median` : `median of ${usualWindows} such windows`;
  const known = usual === null ? 'too little history to call anything usual' : `usual ${usual} (${median})`;
  return `${counted} ${days} ${rangeWords(window.start, window.end)}, ${known}`;
}

function reportWords(facts: AlertFacts): string {
  const statuses = STATUSES.flatMap((status) => {
    const count = facts.statuses[status] ?? 0;
    return count > 0 ? [`${count} ${status}`] : [];
  });
  const families = countOf(facts.families.length, 'publisher family', 'publisher families');
  const outlets = `${countOf(facts.outlets, 'outlet', 'outlets')} of ${families}`;
  const languages = countOf(facts.languages.length, 'language', 'languages');
  return [`${facts.rule.severity} severity`, `${outlets}, ${languages}`, statuses.join(', ')]
    .filter(Boolean)
    .join(' · ');
}

function shareWords({ value, tracked, coverage, measure }: AlertFacts): string {
  const read = `coverage ${coverage.read}/${coverage.of} feeds`;
  if (measure !== 'stories' || tracked === 0) return read;
  // A share of a handful only sounds exact.
  if (tracked < 20) return `${value} of ${countOf(tracked, 'tracked story', 'tracked stories')} · ${read}`;
  const percent = (100 * value) / tracked;
  return `${percent.toFixed(percent < 10 ? 1 : 0)} % of all ${tracked} tracked stories · ${read}`;
}

function whyWords({ rule, words }: AlertFacts): string {
  const matched = words.map((word) => `“${cleanText(word, 60)}”`).join(', ');
  return cleanText(`rule ${rule.id}: ${rule.condition}${matched ? `; matched ${matched}` : ''}`, MAX_SENTENCE);
}

function cautionWords({ families, coverage }: AlertFacts): string | null {
  const words: string[] = [];
  if (families.length === 1) words.push(`single source: only ${cleanText(families[0]!, MAX_NAME)} reports it`);
  if (coverage.of > 0 && coverage.read < coverage.of / 2)
    words.push(`only ${coverage.read} of ${coverage.of} feeds were read on ${dateWords(coverage.day)}`);
  return words.length === 0 ? null : words.join('; ');
}

function itemOf(item: AlertItem): MessageItem {
  const similar = item.similar > 0 ? `, +${item.similar} similar` : '';
  return {
    title: cleanText(item.title, MAX_TITLE) || 'untitled',
    link: safeLink(item.url),
    origin: `${cleanText(item.outlet, MAX_NAME) || 'unknown outlet'}, ${dateWords(item.day).replace(/ \d{4}$/, '')}${similar}`,
    status: item.status,
    reports: 1 + item.similar,
  };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2026-11-22` as `22 Nov 2026`. */
export function dateWords(day: string): string {
  return `${Number(day.slice(8, 10))} ${MONTHS[Number(day.slice(5, 7)) - 1]} ${day.slice(0, 4)}`;
}

/** `16–22 Nov 2026`, `30 Oct – 5 Nov 2026`, `29 Dec 2025 – 4 Jan 2026`, `22 Nov 2026`. */
export function rangeWords(start: string, end: string): string {
  if (start === end) return dateWords(end);
  if (start.slice(0, 7) === end.slice(0, 7)) return `${Number(start.slice(8, 10))}–${dateWords(end)}`;
  const first = start.slice(0, 4) === end.slice(0, 4) ? dateWords(start).replace(/ \d{4}$/, '') : dateWords(start);
  return `${first} – ${dateWords(end)}`;
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function listWords(words: readonly string[], most: number): string {
  const rest = words.length - most;
  return words
    .slice(0, most)
    .map((word) => cleanText(word, MAX_NAME))
    .join(', ')
    .concat(rest > 0 ? ` and ${rest} more` : '');
}
