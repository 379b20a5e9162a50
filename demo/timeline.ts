import { readFileSync } from 'node:fs';
import type { Outlet } from './outlets.js';

/** One line of `world/*.jsonl`: a report of a publicly known event, written for this project. */
interface WorldLine {
  id: string;
  title: string;
  summary: string;
  lang: string;
  published: string;
  source: string;
}

/** An item of the world with all that will happen to it. */
export interface WorldItem {
  id: string;
  title: string;
  summary: string;
  publishedAt: Date;
  /** A correction some time after publication. */
  edit: { at: Date; title: string } | null;
  /** When its outlet takes it back; feeds stop showing it. */
  retractedAt: Date | null;
}

const FILES = ['chronology.jsonl', 'multilingual.jsonl'];
const DAY_MS = 86_400_000;
/** Feeds show this many items, none older than this. */
const WINDOW_ITEMS = 40;
const WINDOW_DAYS = 200;

/** The item that its outlet takes back after a month. */
export const RETRACTED_ID = 'c0298';

function readWorld(): WorldLine[] {
  return FILES.flatMap((file) =>
    readFileSync(new URL(`./world/${file}`, import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as WorldLine),
  );
}

/** What each feed will show over the years, oldest first. */
export function planTimeline(outlets: readonly Outlet[]): Map<string, WorldItem[]> {
  const lines = readWorld();
  const plan = new Map<string, WorldItem[]>();
  for (const outlet of outlets) {
    const own = lines
      .filter((line) => line.lang === outlet.language && outlet.carries.includes(line.source))
      .map((line) => planItem(line, 0));
    // Wire reports come again a day later, word for word, in a paper that takes the wire.
    const taken =
      outlet.quirk === 'syndicates'
        ? lines
            .filter((line) => line.source === 'wire-a' && scatter(line.id) % 6 === 0)
            .map((line) => planItem({ ...line, id: `${line.id}-w` }, 1))
        : [];
    plan.set(
      outlet.feed,
      [...own, ...taken].sort((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime()),
    );
  }
  return plan;
}

function planItem(line: WorldLine, daysLater: number): WorldItem {
  // The files give the day; the minute is spread over the working day by the id, always the same.
  const minute = 3 * 60 + (scatter(line.id) % (16 * 60));
  const publishedAt = new Date(Date.parse(line.published) + daysLater * DAY_MS + minute * 60_000);
  const isEdited = scatter(`edit ${line.id}`) % 12 === 0;
  return {
    id: line.id,
    title: line.title,
    summary: line.summary,
    publishedAt,
    edit: isEdited ? { at: new Date(publishedAt.getTime() + 25 * DAY_MS), title: `${line.title} (updated)` } : null,
    retractedAt: line.id === RETRACTED_ID ? new Date(publishedAt.getTime() + 30 * DAY_MS) : null,
  };
}

export interface ShownItem {
  id: string;
  title: string;
  summary: string;
  publishedAt: Date;
  updatedAt: Date;
}

/** What a feed shows at a time, newest first, and when that last changed. */
export function windowAt(items: readonly WorldItem[], now: Date): { shown: ShownItem[]; changedAt: Date } {
  const passed = (at: Date | null | undefined): at is Date => at != null && at.getTime() <= now.getTime();
  const changes = items.flatMap((item) => [item.publishedAt, item.edit?.at, item.retractedAt].filter(passed));
  const oldest = now.getTime() - WINDOW_DAYS * DAY_MS;
  const shown = items
    .filter((item) => passed(item.publishedAt) && item.publishedAt.getTime() >= oldest && !passed(item.retractedAt))
    .slice(-WINDOW_ITEMS)
    .reverse()
    .map((item): ShownItem => {
      const edit = passed(item.edit?.at) ? item.edit : null;
      const { id, summary, publishedAt } = item;
      return { id, summary, publishedAt, title: edit?.title ?? item.title, updatedAt: edit?.at ?? publishedAt };
    });
  return { shown, changedAt: new Date(Math.max(0, ...changes.map((at) => at.getTime()))) };
}

/** A number that depends on the text alone (FNV-1a), so that the world is the same in every run. */
function scatter(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
