import type { Entry } from '../core/identity/entry.js';
import { isPlausible, readDate } from './dates.js';
import { type Draft, textOrNull } from './draft.js';
import type { ReadContext } from './feed.js';
import { entryUrl } from './links.js';
import { cleanText, cutText, type RawText, readText } from './text.js';

const MAX_TITLE_LENGTH = 1000;
const MAX_SUMMARY_LENGTH = 10_000;
const MAX_ID_LENGTH = 2000;
const MAX_DATE_LENGTH = 200;

export interface Finished {
  entry: Entry;
  isMojibake: boolean;
}

/**
 * Understands one draft. Dates outside 1990 .. now + 1 h are mistakes: `publishedAt` is null then, and the poll's first sight of
 * the item stands in for it; the string as written is kept. An entry with nothing but a date of change is published then.
 */
export function finishEntry(
  draft: Draft,
  feed: { link: string | null; language: string | null },
  context: ReadContext,
): Finished {
  let isMojibake = false;
  const textOf = (raw: RawText | null, maxLength: number) => {
    if (raw === null) return '';
    const read = readText(raw, maxLength);
    if (read.isMojibake) isMojibake = true;
    return read.text;
  };
  const published = plausibleDate(draft.published, context);
  const updated = plausibleDate(draft.updated, context);
  const raw = draft.published ?? draft.updated;
  const entry: Entry = {
    id: draft.id === null ? null : textOrNull(cutText(cleanText(draft.id), MAX_ID_LENGTH)),
    idIsPermalink: draft.isPermalink !== false,
    title: textOf(draft.title, MAX_TITLE_LENGTH),
    url: entryUrl(draft, feed.link, context.finalUrl),
    summary: textOf(draft.summary, MAX_SUMMARY_LENGTH),
    publishedAt:
      published ?? (draft.published === null || readDate(draft.published, context.timezone) === null ? updated : null),
    publishedRaw: raw === null ? null : cutText(cleanText(raw), MAX_DATE_LENGTH),
    updatedAt: updated,
    language: languageCode(draft.language) ?? feed.language,
  };
  return { entry, isMojibake };
}

function plausibleDate(raw: string | null, context: ReadContext): Date | null {
  const date = raw === null ? null : readDate(raw, context.timezone);
  return date !== null && isPlausible(date, context.now) ? date : null;
}

/** ISO 639-1 part of a language tag (`en-US`, `ru_RU`); null for anything else. */
export function languageCode(tag: string | null): string | null {
  return /^([a-z]{2})(?:[-_]|$)/i.exec(tag?.trim() ?? '')?.[1]?.toLowerCase() ?? null;
}

/** Whether an entry holds nothing that an item could be made of. */
export function isBlank(entry: Entry): boolean {
  return entry.title === '' && entry.url === null && entry.id === null && entry.summary === '';
}
